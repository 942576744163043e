from pathlib import Path

import numpy as np
import pytest

from edgestyle.errors import ArtifactError
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.faces import NETWORKS


@pytest.mark.parametrize(
    ("name", "side", "shapes"),
    [
        ("face_detection_short_range", 128, {(1, 896, 16), (1, 896, 1)}),
        ("face_landmark", 192, {(1, 1, 1, 1404), (1, 1, 1, 1)}),
        ("selfie_segmentation", 256, {(1, 256, 256, 1)}),
    ],
)
def test_shipped_networks_run(name: str, side: int, shapes: set[tuple[int, ...]]) -> None:
    path = NETWORKS / f"{name}.tflite"
    assert path.stat().st_size < 4e6
    network = ForeignNetwork(path, 1)
    assert network.side == side
    outputs = network.run(np.full((side, side, 3), 128, np.uint8), (0.0, 1.0))
    assert {values.shape for values in outputs.values()} == shapes
    assert all(np.isfinite(values).all() for values in outputs.values())


def test_a_missing_or_damaged_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot load"):
        ForeignNetwork(tmp_path / "nope.tflite")
    (tmp_path / "text.tflite").write_text("hello")
    with pytest.raises(ArtifactError, match="cannot load"):
        ForeignNetwork(tmp_path / "text.tflite")
