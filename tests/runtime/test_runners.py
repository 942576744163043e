from pathlib import Path

import pytest

from edgestyle.errors import ArtifactError
from edgestyle.runtime.runner import RUNNERS, open_runner


@pytest.mark.parametrize("suffix", RUNNERS)
def test_garbage_is_refused_with_its_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"garbage")
    with pytest.raises(ArtifactError, match="model"):
        open_runner(path)


def test_unknown_suffixes_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such"):
        open_runner(tmp_path / "model.onnx")
    (tmp_path / "model.pt").write_text("x")
    with pytest.raises(ArtifactError, match=r"\.onnx"):
        open_runner(tmp_path / "model.pt")
