"""Looks as cube LUTs: the format, the order of axes, what is lost, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from edgestyle.errors import ArtifactError, ContractError, ExportError
from edgestyle.exporters.cube import apply_lut, identity_lut, read_cube, write_cube
from edgestyle.exporters.lut import ExportedLut, export_luts, make_lut
from edgestyle.exporters.parity import parity_photo
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from tests.conftest import make_colour_renderer


def photo() -> torch.Tensor:
    return torch.from_numpy(parity_photo("astronaut", 64, 64))


@pytest.mark.parametrize("size", [2, 5, 33])
def test_the_identity_leaves_a_picture_alone(size: int) -> None:
    assert (apply_lut(identity_lut(size), photo()) - photo()).abs().max() < 1e-5


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_each_axis_is_the_channel_that_it_should_be(channel: int) -> None:
    lut = identity_lut(9)
    lut[..., channel] = lut[..., channel] ** 2
    curved = apply_lut(lut, photo())
    for other in range(3):
        expected = photo()[:, other] ** (2 if other == channel else 1)
        assert (curved[:, other] - expected).abs().max() < 0.01


def test_red_changes_fastest_in_the_file(tmp_path: Path) -> None:
    write_cube(identity_lut(3), tmp_path / "a.cube", 'it\'s "quoted"', ["a note\nof two lines"])
    lines = (tmp_path / "a.cube").read_text("ascii").splitlines()
    assert lines[:5] == [
        "TITLE \"it's quoted\"", "# a note of two lines", "LUT_3D_SIZE 3", "DOMAIN_MIN 0.0 0.0 0.0",
        "DOMAIN_MAX 1.0 1.0 1.0",
    ]  # fmt: skip
    assert lines[5:9] == [
        "0.000000 0.000000 0.000000", "0.500000 0.000000 0.000000", "1.000000 0.000000 0.000000",
        "0.000000 0.500000 0.000000",
    ]  # fmt: skip
    assert len(lines) == 5 + 27


def test_a_file_reads_back(tmp_path: Path) -> None:
    lut = torch.rand(4, 4, 4, 3)
    write_cube(lut, tmp_path / "a.cube", "random", [])
    assert (read_cube(tmp_path / "a.cube") - lut).abs().max() < 1e-6


@pytest.mark.parametrize("text", ["", "hello", "LUT_3D_SIZE 3\n0 0 0\n", "LUT_3D_SIZE 500\n", "LUT_1D_SIZE 2\n0 0 0\n"])
def test_what_is_no_lut_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_text(text)
    for path in (tmp_path / "a.cube", tmp_path / "missing.cube"):
        with pytest.raises(ArtifactError, match="not a readable cube LUT"):
            read_cube(path)


def test_at_strength_0_a_look_is_the_identity(tiny_lumen: Pack) -> None:
    lut = make_lut(make_colour_renderer(), tiny_lumen.style(), 0.0, 5, [photo()])
    assert torch.equal(lut, identity_lut(5))


def test_without_places_the_lut_of_a_photo_is_the_renderers_map(tiny_lumen: Pack) -> None:
    renderer, style = make_colour_renderer(), tiny_lumen.style()
    torch.nn.init.zeros_(renderer.place.weight)
    drawn = renderer(photo(), torch.from_numpy(style.as_input()), torch.ones(1))
    by_lut = apply_lut(make_lut(renderer, style, 1.0, 65, [photo()]), photo())
    assert (by_lut - drawn).abs().mean() < 0.01


def test_every_look_gets_a_file_and_a_figure(tiny_lumen: Pack, tmp_path: Path) -> None:
    started: list[str] = []
    exported = export_luts(tiny_lumen, tmp_path, 5, on_start=started.append)
    assert started == ["tiny-lumen-warm.cube", "tiny-lumen-cold.cube"]
    for one in exported:
        assert 5 < one.psnr_db < one.local_db
        assert one.strength == tiny_lumen.style(one.style).default_strength
        assert f"{one.psnr_db:.1f} dB" in one.path.read_text()
        assert read_cube(one.path).shape == (5, 5, 5, 3)
    untouched = export_luts(tiny_lumen, tmp_path, 5, 0.0)
    assert min(one.psnr_db for one in untouched) > 100
    assert all(one.warning is None for one in untouched)


def test_a_warning_says_what_is_lost() -> None:
    close = ExportedLut(Path("a.cube"), "noir", 1.0, 33, 34.0, 41.0)
    assert close.warning is None
    adapts, moves = replace(close, psnr_db=24.04), replace(close, psnr_db=22.0, local_db=26.0)
    assert "'noir': it adapts to each photo; on unseen photos this one is 24.0 dB" in str(adapts.warning)
    assert "moves parts of a picture differently (26.0 dB without that)" in str(moves.warning)
    assert replace(close, local_db=29.0).warning is not None


@pytest.mark.parametrize("size", [-3, 0, 1, 130])
def test_odd_sizes_are_refused(size: int, tiny_lumen: Pack, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="from 2 to 129"):
        export_luts(tiny_lumen, tmp_path, size)


def test_odd_strengths_are_refused(tiny_lumen: Pack, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="strength"):
        export_luts(tiny_lumen, tmp_path, 3, 1.5)


def test_a_pack_that_draws_shapes_says_which_packs_can(
    tiny_lumen: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgestyle.packs.choosing.shipped_packs", lambda: ["atelier", str(tiny_lumen.folder)])
    with pytest.raises(ExportError, match=r"'atelier' draws shapes.*: tiny-lumen$"):
        export_luts(load_pack("atelier"), tmp_path, 33)
    assert load_renderer(tiny_lumen).exact_layers
