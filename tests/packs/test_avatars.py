"""Packs that draw avatars: what they promise, and what is refused of packs from strangers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from edgestyle.errors import ContractError, MixError, PackError
from edgestyle.images import Picture, Pixels
from edgestyle.packs import loading
from edgestyle.packs.avatar_mixing import between, mix_into, parse_parts
from edgestyle.packs.avatar_networks import load_generator_network, load_inverter, load_mapping
from edgestyle.packs.avatars import AvatarPack, load_any_pack, load_avatars, save_avatars_json
from edgestyle.packs.loading import load_pack, shipped_avatars, shipped_packs
from edgestyle.packs.pack import Pack
from edgestyle.packs.seeds import LARGEST_SEED, draw_latent
from tests.conftest import make_photo
from tests.packs.test_pack import edit


@pytest.fixture
def copy(tiny_faces: AvatarPack, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_faces.folder, folder)
    return folder


def test_a_pack_reads_back_as_it_was_written(copy: Path) -> None:
    pack = load_avatars(copy)
    assert (pack.size, pack.latents, pack.dimensions, list(pack.styles)) == (32, 10, 12, ["mira", "old-tom"])
    assert (pack.styles["old-tom"].title, pack.styles["mira"].credit) == ("Old Tom", "nobody")
    save_avatars_json(pack)
    assert load_avatars(copy) == pack


def test_a_seed_is_a_face_and_another_one_another(tiny_faces: AvatarPack) -> None:
    seven = tiny_faces.draw(7)
    assert (seven.shape, seven.dtype) == ((32, 32, 3), np.uint8)
    assert np.array_equal(seven, tiny_faces.draw("7"))
    assert np.array_equal(seven, tiny_faces.draw(np.int64(7)))
    assert np.array_equal(seven, tiny_faces.draw(tiny_faces.style(7)))
    assert seven.std() > 5
    for other in (8, LARGEST_SEED, "mira"):
        assert np.abs(seven.astype(int) - tiny_faces.draw(other)).mean() > 3


def test_a_name_is_the_seed_that_was_named(tiny_faces: AvatarPack) -> None:
    assert np.allclose(tiny_faces.style("mira"), tiny_faces.style(17), atol=1e-5)
    assert tiny_faces.latent(17).tolist() == draw_latent(17, 10).tolist()


def test_strength_0_is_one_face_for_all_and_distance_from_it_grows(tiny_faces: AvatarPack) -> None:
    mean = tiny_faces.draw(7, 0.0)
    assert np.array_equal(mean, tiny_faces.draw("mira", 0.0))
    distances = [np.square(tiny_faces.draw(7, s) - mean.astype(float)).mean() for s in (0.25, 0.5, 1.0)]
    assert 0 < distances[0] < distances[1] < distances[2]
    assert np.array_equal(tiny_faces.draw(7), tiny_faces.draw(7, 1.0))


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan"), float("inf"), 10**400, "0.5", [0.5, 1.0]])
def test_what_is_no_strength_is_refused_and_not_clamped(tiny_faces: AvatarPack, strength: Any) -> None:
    with pytest.raises(ContractError, match="from 0 to 1"):
        tiny_faces.draw(7, strength)


@pytest.mark.parametrize("face", [-1, 2**63, 7.5, True, np.zeros((2, 12), np.float32), np.full(12, np.nan), [0.0] * 11])
def test_what_is_no_face_is_refused_and_several_are_none(tiny_faces: AvatarPack, face: Any) -> None:
    with pytest.raises(ContractError):
        tiny_faces.draw(face)


def test_defaults_of_strength_are_the_avatars_and_the_packs(copy: Path) -> None:
    edit(copy, lambda d: (d.update(default_strength=0.5), d["styles"]["mira"].update(default_strength=0.25)))
    pack = load_avatars(copy)
    assert np.array_equal(pack.draw("mira"), pack.draw("mira", 0.25))
    assert np.array_equal(pack.draw("old-tom"), pack.draw("old-tom", 1.0))
    assert np.array_equal(pack.draw(7), pack.draw(7, 0.5))


def test_a_mix_is_the_weighted_mean_of_styles(tiny_faces: AvatarPack) -> None:
    seven, nine = tiny_faces.style(7), tiny_faces.style(9)
    expected = 0.7 * seven + 0.3 * nine
    assert np.allclose(tiny_faces.mix([(7, 7), (9, 3)]), expected, atol=1e-6)
    assert np.allclose(mix_into(tiny_faces, 7, parse_parts(["9:0.3"])), expected, atol=1e-6)
    assert np.array_equal(mix_into(tiny_faces, "mira", []), tiny_faces.style("mira"))
    three = mix_into(tiny_faces, seven, parse_parts(["9:0.5", "mira:0.25"]))
    assert np.allclose(three, 0.25 * seven + 0.5 * nine + 0.25 * tiny_faces.style("mira"), atol=1e-6)
    assert np.allclose(mix_into(tiny_faces, 7, parse_parts(["9:1"])), nine, atol=1e-6)


def test_a_way_goes_from_one_end_to_the_other(tiny_faces: AvatarPack) -> None:
    first, last = tiny_faces.style(7), tiny_faces.style("mira")
    way = between(tiny_faces, first, last, 5)
    assert np.allclose(way[0], first)
    assert np.allclose(way[4], last)
    assert np.allclose(way[1], 0.75 * first + 0.25 * last, atol=1e-6)


@pytest.mark.parametrize(("text", "said"), [
    ("9", "such as 9:0.3"), (":0.3", "such as 9:0.3"), ("9:", "weight of '9'"), ("9:x", "weight of '9'"),
    ("9:-0.1", "weight"), ("9:nan", "weight"), ("9:1.5", "sum to 1.5"),
])  # fmt: skip
def test_what_is_no_mix_is_an_error(text: str, said: str) -> None:
    with pytest.raises(MixError, match=said):
        parse_parts([text])


def test_shares_beyond_the_whole_are_an_error() -> None:
    assert parse_parts(["9:0.7", "mira:0.3"]) == [("9", 0.7), ("mira", 0.3)]
    with pytest.raises(MixError, match=r"sum to 1\.2"):
        parse_parts(["9:0.6", "mira:0.6"])


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -0.5], [np.nan, 1.0], [np.inf, 1.0]])
def test_odd_weights_are_an_error(weights: list[float], tiny_faces: AvatarPack) -> None:
    with pytest.raises(MixError):
        tiny_faces.mix(list(zip((7, 9), weights, strict=False)))


@pytest.mark.parametrize("face", [-1, 2**63, "9223372036854775808", [0.0] * 3, [np.nan] * 12, ["a"] * 12, 1.5, None])
def test_what_is_no_face_is_an_error(face: Any, tiny_faces: AvatarPack) -> None:
    with pytest.raises(ContractError):
        tiny_faces.draw(face)


def test_an_unknown_name_lists_the_known_ones(tiny_faces: AvatarPack) -> None:
    with pytest.raises(PackError, match=r"'-1' is neither a seed nor .* mira, old-tom"):
        tiny_faces.style("-1")


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_what_is_no_strength_is_an_error(strength: float, tiny_faces: AvatarPack) -> None:
    with pytest.raises(ContractError, match="strength"):
        tiny_faces.draw(7, strength)


def test_a_picture_of_any_kind_and_shape_is_inverted(tiny_faces: AvatarPack) -> None:
    drawn = tiny_faces.draw(7)
    vector = tiny_faces.invert(drawn)
    assert (vector.shape, vector.dtype) == ((12,), np.float32)
    assert np.array_equal(vector, tiny_faces.invert(Image.fromarray(drawn)))
    twice = np.asarray(Image.fromarray(drawn).resize((64, 64), Image.Resampling.NEAREST))
    assert np.array_equal(vector, tiny_faces.invert(twice))
    wide = np.concatenate([make_photo(64, 30), twice, make_photo(64, 30)], axis=1)
    assert np.array_equal(vector, tiny_faces.invert(wide))
    see_through = Picture(drawn, np.zeros((32, 32), np.uint8))
    assert np.array_equal(tiny_faces.invert(see_through), tiny_faces.invert(np.full((9, 9, 3), 255, np.uint8)))
    for shape in ((1, 1), (3, 500), (31, 33)):
        assert tiny_faces.draw(tiny_faces.invert(make_photo(*shape))).shape == (32, 32, 3)


def test_what_is_no_picture_is_not_inverted(tiny_faces: AvatarPack) -> None:
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), "a.png"):
        with pytest.raises(ContractError, match="picture"):
            tiny_faces.invert(wrong)  # type: ignore[arg-type]


def test_a_pack_without_inverter_says_so(copy: Path) -> None:
    edit(copy, lambda d: d["components"].pop("inverter"))
    pack = load_avatars(copy)
    assert pack.draw(7).shape == (32, 32, 3)
    for call in (lambda: pack.invert(make_photo(8, 8)), lambda: load_inverter(pack)):
        with pytest.raises(PackError, match="no inverter"):
            call()


def test_torch_draws_what_onnx_draws(tiny_faces: AvatarPack) -> None:
    generator, mapping = load_generator_network(tiny_faces), load_mapping(tiny_faces)
    latent = torch.from_numpy(tiny_faces.latent(7)[None])
    picture = generator(mapping(latent), torch.ones(1))
    assert np.abs(picture[0].numpy().transpose(1, 2, 0) * 255 - tiny_faces.draw(7)).max() < 0.51
    found = load_inverter(tiny_faces)(torch.from_numpy(tiny_faces.framed(tiny_faces.draw(7)).copy())
                                      .permute(2, 0, 1)[None] / 255)  # fmt: skip
    assert np.allclose(found[0].numpy(), tiny_faces.invert(tiny_faces.draw(7)), atol=1e-4)
    assert all(p.dtype == torch.float32 for network in (generator, mapping) for p in network.parameters())


def test_each_kind_of_pack_says_which_command_takes_it(tiny_faces: AvatarPack, tiny_pack: Pack) -> None:
    with pytest.raises(PackError, match=r"draws avatars .* edgestyle avatar --pack"):
        load_pack(tiny_faces.folder)
    with pytest.raises(PackError, match=r"edgestyle stylize .*--pack atelier"):
        load_avatars("atelier")
    assert load_any_pack(tiny_faces.folder) == tiny_faces
    assert load_any_pack(tiny_pack.folder) == tiny_pack
    with pytest.raises(PackError, match="unknown pack of avatars 'nope'"):
        load_avatars("nope")


def test_shipped_packs_are_listed_by_what_they_do(
    copy: Path, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_pack.folder, tmp_path / "oils")
    monkeypatch.setattr(loading, "SHIPPED", tmp_path)
    assert (shipped_packs(), shipped_avatars()) == (["oils"], ["copy"])
    with pytest.raises(PackError, match="pack 'copy' draws avatars"):
        load_pack("copy")
    with pytest.raises(PackError, match="shipped ones: copy"):
        load_avatars("nope")
    with pytest.raises(PackError, match="shipped packs: oils"):
        load_pack("nope")


def component(data: dict[str, Any], name: str, **changes: Any) -> None:
    data["components"][name]["config"].update(changes)


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no generator": lambda d: d["components"].pop("generator"),
    "no mapping": lambda d: d["components"].pop("mapping"),
    "an odd component": lambda d: d["components"].update(renderer=d["components"]["generator"]),
    "no licence": lambda d: d.pop("licence"),
    "nan in a vector": lambda d: d["styles"]["mira"].update(vector=[float("nan")] * 12),
    "beyond float32": lambda d: d["styles"]["mira"].update(vector=[1e300] * 12),
    "short vector": lambda d: d["styles"]["mira"].update(vector=[0.0]),
    "text in a vector": lambda d: d["styles"]["mira"].update(vector="a" * 12),
    "strength": lambda d: d["styles"]["mira"].update(default_strength=2),
    "default strength": lambda d: d.update(default_strength=-1),
    "escape": lambda d: d["components"]["mapping"].update(weights="../../secret"),
    "absolute path": lambda d: d["components"]["inverter"].update(onnx="/etc/passwd"),
    "odd name": lambda d: d["styles"].update({"../x": d["styles"]["mira"]}),
    "a name that is a seed": lambda d: d["styles"].update({"7": d["styles"]["mira"]}),
    "wrong types": lambda d: d.update(styles=3),
    "huge width": lambda d: component(d, "generator", widths=[12, 10**9, 8]),
    "a width below 0": lambda d: component(d, "generator", widths=[12, -1, 8]),
    "text for a width": lambda d: component(d, "generator", widths=["12", "12", "8"]),
    "lists in lists": lambda d: component(d, "generator", widths=[[12], [12], [8]]),
    "too many widths": lambda d: component(d, "generator", widths=[8] * 33),
    "too large a picture": lambda d: component(d, "generator", widths=[8] * 9),
    "no widths": lambda d: d["components"]["generator"]["config"].pop("widths"),
    "no sizes": lambda d: component(d, "mapping", sizes=[]),
    "latents": lambda d: component(d, "mapping", latent_dimensions=0),
    "part of a latent": lambda d: component(d, "mapping", latent_dimensions=2.5),
    "another style space": lambda d: component(d, "mapping", sizes=[16, 13]),
    "another inverter": lambda d: component(d, "inverter", style_dimensions=13),
    "an inverter of another size": lambda d: component(d, "inverter", size=64),
    "control characters": lambda d: d["styles"]["mira"].update(credit="\x1b[2J"),
    "another format": lambda d: d.update(format=99),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_pack_json_is_refused(kind: str, copy: Path) -> None:
    edit(copy, DAMAGE[kind])
    with pytest.raises(PackError):
        load_avatars(copy)


def test_lists_of_widths_are_none_of_packs_that_redraw(tiny_pack: Pack, tmp_path: Path) -> None:
    shutil.copytree(tiny_pack.folder, tmp_path / "copy")
    edit(tmp_path / "copy", lambda d: d["components"]["renderer"]["config"].update(channels=[4, 4]))
    with pytest.raises(PackError, match="out of range"):
        load_pack(tmp_path / "copy")


@pytest.mark.parametrize("name", ["generator", "mapping", "inverter"])
def test_damaged_weights_are_refused(name: str, copy: Path) -> None:
    load = {"generator": load_generator_network, "mapping": load_mapping, "inverter": load_inverter}[name]
    path = copy / f"{name}.safetensors"
    whole = path.read_bytes()
    load(load_avatars(copy))
    tensors = load_file(path)
    damages: list[tuple[Callable[[], object], str]] = [
        (lambda: save_file(tensors | {next(iter(tensors)): torch.zeros(3)}, path), "does not fit"),
        (lambda: save_file(tensors | {k: torch.full_like(v, torch.nan) for k, v in tensors.items()}, path), "finite"),
        (lambda: path.write_bytes(whole[:-10]), "not a readable"),
        (lambda: path.unlink(), "lacks its file"),
    ]
    for damage, message in damages:
        damage()
        with pytest.raises(PackError, match=message):
            load(load_avatars(copy))


@pytest.mark.parametrize(("name", "changes"), [
    ("generator", {"widths": [1024] * 7}), ("mapping", {"sizes": [1024] * 31 + [12]}),
])  # fmt: skip
def test_a_network_too_large_is_refused_before_it_is_allocated(
    name: str, changes: dict[str, Any], copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgestyle.packs.networks.MAX_PARAMETERS", 1_000_000)
    edit(copy, lambda d: (component(d, name, **changes), d["components"].pop("inverter")))
    load = {"generator": load_generator_network, "mapping": load_mapping}[name]
    with pytest.raises(PackError, match="parameters"):
        load(load_avatars(copy))


@pytest.mark.parametrize(("name", "changes"), [
    ("generator", {"widths": [0, 12, 8]}), ("generator", {"nonsense": 3}), ("mapping", {"cells": [9, 9]}),
    ("mapping", {"rate": 0}), ("mapping", {"sizes": [16.5, 12]}),
])  # fmt: skip
def test_an_impossible_configuration_is_refused(name: str, changes: dict[str, Any], copy: Path) -> None:
    edit(copy, lambda d: component(d, name, **changes))
    load = {"generator": load_generator_network, "mapping": load_mapping}[name]
    with pytest.raises(PackError, match=r"impossible|does not fit"):
        load(load_avatars(copy))


def test_files_of_other_networks_are_refused(copy: Path) -> None:
    shutil.copy(copy / "generator.onnx", copy / "mapping.onnx")
    with pytest.raises(Exception, match="contract"):
        load_avatars(copy).draw(7)


def test_a_pack_that_speaks_of_another_size_than_it_draws_is_refused(copy: Path) -> None:
    edit(copy, lambda d: (component(d, "generator", widths=[12, 12]), d["components"].pop("inverter")))
    with pytest.raises(PackError, match="no pictures of 16 pixels"):
        load_avatars(copy).draw(7)


@pytest.mark.parametrize("name", shipped_avatars())
def test_shipped_packs_are_complete_and_light(name: str) -> None:
    pack = load_avatars(name)
    assert {"seed", "command"} <= pack.training.keys()
    assert sum(p.stat().st_size for p in pack.folder.rglob("*") if p.is_file()) <= 4e6
    for style in pack.styles.values():
        assert pack.file(style.preview).stat().st_size > 1000
        assert style.licence
        assert style.credit
    drawn: Pixels = pack.draw(7)
    assert drawn.shape == (pack.size, pack.size, 3)
    assert json.loads((pack.folder / "pack.json").read_text())["name"] == name
