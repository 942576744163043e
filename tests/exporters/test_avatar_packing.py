"""Packs of avatars are written whole or not at all, light, and only if their files draw what the networks draw."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file

from edgestyle.errors import ExportError, ParityError
from edgestyle.exporters import avatar_packing
from edgestyle.exporters.avatar_packing import build_avatars, name_seeds
from edgestyle.exporters.halves import rounded_to_half
from edgestyle.models.inversion import InversionConfig, InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mapping_config import MappingConfig, build_mapping, describe_mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.avatar_networks import load_generator_network, load_mapping
from edgestyle.packs.avatars import AvatarPack, load_avatars
from edgestyle.packs.pack import Style
from tests.conftest import TINY_FACES, make_generator, make_inverter, make_mapping

ABOUT: dict[str, Any] = {"title": "T", "description": "D", "licence": "CC0-1.0", "training": {"seed": 3}}


def build(
    folder: Path,
    generator: MobileGenerator | None = None,
    mapping: Mapping | None = None,
    inverter: InversionEncoder | None = None,
    styles: list[Style] | None = None,
) -> AvatarPack:
    networks = generator or make_generator(), mapping or make_mapping(), inverter or make_inverter()
    return build_avatars(folder, "made", *networks, styles or [], ABOUT)


def test_weights_are_stored_in_halves_and_are_the_files_own(tiny_faces: AvatarPack) -> None:
    for name in ("generator", "mapping", "inverter"):
        stored = load_file(tiny_faces.folder / f"{name}.safetensors")
        assert all(v.dtype == torch.float16 for k, v in stored.items() if k.endswith((".weight", ".bias")))
        types = {w.data_type for w in onnx.load(tiny_faces.folder / f"{name}.onnx").graph.initializer if w.dims}
        assert types <= {onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}
    expected = rounded_to_half(make_generator()).state_dict()
    loaded = load_generator_network(tiny_faces).state_dict()
    assert expected.keys() == loaded.keys()
    assert all(torch.equal(loaded[key], value) for key, value in expected.items())


def test_previews_are_what_is_drawn(tiny_faces: AvatarPack) -> None:
    from edgestyle.images import read_picture

    for name, style in tiny_faces.styles.items():
        preview = read_picture(tiny_faces.file(style.preview)).pixels
        assert preview.shape == (32, 32, 3)
        assert np.abs(preview.astype(int) - tiny_faces.draw(name)).mean() < 12


def test_a_pack_without_names_and_inverter_is_complete(tmp_path: Path) -> None:
    pack = build_avatars(tmp_path / "made", "made", make_generator(), make_mapping(), None, [], ABOUT)
    assert (pack.styles, pack.inverts, pack.training) == ({}, False, {"seed": 3})
    assert {p.name for p in pack.folder.iterdir()} == {
        "pack.json", "generator.onnx", "generator.safetensors", "mapping.onnx", "mapping.safetensors"
    }  # fmt: skip
    assert pack.draw(1).shape == (32, 32, 3)


def test_an_older_build_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    build(folder, styles=name_seeds(make_mapping(), {"mira": 1, "jun": 2}, "CC0-1.0"))
    (folder / "notes.txt").write_text("mine")
    pack = build(folder, styles=name_seeds(make_mapping(), {"jun": 3}, "CC0-1.0"))
    assert list(pack.styles) == ["jun"]
    assert {p.name for p in (folder / "previews").iterdir()} == {"jun.jpg"}
    assert (folder / "notes.txt").read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == {"made"}


def shifted(export: Callable[..., None], name: str) -> Callable[..., None]:
    """An exporter that writes another network."""

    def write(network: torch.nn.Module, *arguments: Any, **options: Any) -> None:
        damaged = copy.deepcopy(network)
        weight = next(value for key, value in damaged.named_parameters() if key.endswith(name))
        weight.data = weight.data + 0.1
        export(damaged, *arguments, **options)

    return write


@pytest.mark.parametrize(("component", "weight"), [
    ("generator", "to_bands.bias"), ("mapping", "layers.1.bias"), ("inverter", "style.bias"),
])  # fmt: skip
def test_a_file_that_draws_something_else_is_not_left_behind(
    component: str, weight: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = f"export_{component}"
    monkeypatch.setattr(avatar_packing, exporter, shifted(getattr(avatar_packing, exporter), weight))
    with pytest.raises(ParityError, match=r"seed-1'.* differs by"):
        build(tmp_path / "made")
    assert {p.name for p in tmp_path.iterdir()} <= {"parity-failures"}


def test_a_file_that_draws_nothing_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = avatar_packing.export_generator

    def write(network: MobileGenerator, *arguments: Any, **options: Any) -> None:
        damaged = copy.deepcopy(network)
        damaged.constant.data = torch.full_like(damaged.constant, torch.nan)
        export(damaged, *arguments, **options)

    monkeypatch.setattr(avatar_packing, "export_generator", write)
    with pytest.raises(ParityError, match="not finite"):
        build(tmp_path / "made")
    assert {p.name for p in tmp_path.iterdir()} <= {"parity-failures"}


def test_a_heavy_pack_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatar_packing, "MAX_PACK_BYTES", 20_000)
    with pytest.raises(ExportError, match=r"MB, more than 0\.02 MB"):
        build(tmp_path / "made")
    assert not list(tmp_path.iterdir())
    assert avatar_packing.MAX_PACK_BYTES <= 20_000


def test_networks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    narrow = build_mapping(MappingConfig(10, (16, 11)))
    large = InversionEncoder(InversionConfig(size=64, style_dimensions=12, widths=(8, 8, 8), hidden=8))
    for networks in ({"mapping": narrow}, {"inverter": large}):
        with pytest.raises(ExportError, match="would not work"):
            build(tmp_path / "made", **networks)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [1e6, float("nan")])
def test_weights_beyond_float16_are_refused(value: float, tmp_path: Path) -> None:
    generator = make_generator()
    generator.constant.data[0, 0, 0, 0] = value
    with pytest.raises(ExportError, match="constant"):
        build(tmp_path / "made", generator)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../x", "7", "Mira"])
def test_odd_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"name|called") as raised:
        build(tmp_path / "made", styles=[Style(name, (0.0,) * 12)])
    assert type(raised.value).__name__ == "PackError"
    assert not list(tmp_path.iterdir())


def test_something_else_than_a_pack_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "letter.txt").write_text("dear")
    with pytest.raises(ExportError, match="something else"):
        build(tmp_path / "made")
    assert (tmp_path / "made" / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize("config", [
    MappingConfig(8, (16, 16, 12), 0.1), MappingConfig(6, (12,)), MappingConfig(10, (16, 12), 0.5, (4, 3, 2)),
])  # fmt: skip
def test_a_mapping_is_described_by_its_sizes(config: MappingConfig) -> None:
    mapping = build_mapping(config)
    assert describe_mapping(mapping) == config
    assert mapping(torch.randn(2, config.latent_dimensions)).shape == (2, 12)


def test_a_plain_mapping_makes_a_pack_too(tmp_path: Path) -> None:
    mapping = build_mapping(MappingConfig(8, (16, 12), 0.1)).eval()
    pack = build_avatars(tmp_path / "made", "made", make_generator(), mapping, None, [], ABOUT)
    assert pack.latents == 8
    expected = load_mapping(load_avatars(tmp_path / "made"))(torch.from_numpy(pack.latent(5)[None]))
    assert np.allclose(expected[0].numpy(), pack.style(5), atol=1e-5)


def test_named_seeds_are_drawn_by_rounded_weights() -> None:
    (mira,) = name_seeds(make_mapping(), {"mira-jo": 17}, "CC0-1.0", "me")
    assert (mira.title, mira.licence, mira.credit, len(mira.vector)) == (
        "Mira Jo", "CC0-1.0", "me", TINY_FACES.style_dimensions
    )  # fmt: skip
