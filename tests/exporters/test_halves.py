"""Weights that float16 holds take half the bytes and change nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.exporters.generators_onnx import export_generator, export_inverter, export_mapping
from edgestyle.exporters.halves import rounded_to_half
from edgestyle.runtime.generator import open_generator, open_inverter, open_mapping
from tests.conftest import make_generator, make_inverter, make_mapping


def test_files_are_smaller_and_compute_the_same_bits(tmp_path: Path) -> None:
    made = rounded_to_half(make_generator()), rounded_to_half(make_mapping()), rounded_to_half(make_inverter())
    for network, export in zip(made, (export_generator, export_mapping, export_inverter), strict=True):
        for half in (False, True):
            export(network, tmp_path / f"{export.__name__}-{half}.onnx", "float32", {}, half_weights=half)

    def both(name: str) -> tuple[Path, Path]:
        return tmp_path / f"export_{name}-False.onnx", tmp_path / f"export_{name}-True.onnx"

    random = np.random.default_rng(0)
    style, latent = (random.standard_normal((1, length), np.float32) for length in (12, 10))
    full, half = (open_generator(path).draw(style, 0.7) for path in both("generator"))
    assert np.array_equal(full, half)
    assert np.array_equal(*(open_mapping(path).map(latent) for path in both("mapping")))
    assert np.array_equal(*(open_inverter(path).encode(full) for path in both("inverter")))
    for name in ("generator", "mapping", "inverter"):
        before, after = (path.stat().st_size for path in both(name))
        assert after < before


def test_weights_that_were_not_rounded_stay_as_they_are(tmp_path: Path) -> None:
    generator, paths = make_generator(), (tmp_path / "full.onnx", tmp_path / "half.onnx")
    for path, half in zip(paths, (False, True), strict=True):
        export_generator(generator, path, "float32", {}, half_weights=half)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_weights_beyond_float16_are_refused() -> None:
    generator = make_generator()
    generator.to_bands.weight[0, 0] = 1e5
    with pytest.raises(ValueError, match=r"to_bands\.weight.*65504"):
        rounded_to_half(generator)


def test_rounding_leaves_the_mean_style_alone() -> None:
    generator = make_generator()
    before = generator.get_buffer("mean_style").clone()
    rounded_to_half(generator)
    assert torch.equal(generator.get_buffer("mean_style"), before)
    assert torch.equal(generator.to_bands.weight.half().float(), generator.to_bands.weight)
