"""Packs come from strangers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from safetensors.torch import load_file, save_file

from edgestyle.errors import ArtifactError, PackError
from edgestyle.images import Pixels
from edgestyle.packs.loading import load_pack, save_pack_json, shipped_packs
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from tests.conftest import make_photo


@pytest.fixture
def copy(tiny_pack: Pack, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_pack.folder, folder)
    return folder


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads((folder / "pack.json").read_text())
    change(data)
    (folder / "pack.json").write_text(json.dumps(data))


def test_a_pack_reads_back_as_it_was_written(copy: Path) -> None:
    pack = load_pack(copy)
    save_pack_json(pack)
    assert load_pack(copy) == pack


@pytest.mark.parametrize("name", ["nope", "../atelier", "", "/etc"])
def test_an_unknown_pack_lists_the_known_ones(name: str) -> None:
    with pytest.raises(PackError, match="atelier"):
        load_pack(name)


def test_an_unknown_style_lists_the_known_ones(tiny_pack: Pack) -> None:
    with pytest.raises(PackError, match=r"first 1, second 1 \(default strengths\)"):
        tiny_pack.style("third")
    with pytest.raises(PackError, match=r"did you mean 'cartoon' of pack 'atelier' \(--pack atelier --style cartoon\)"):
        load_pack("lumen").style("cartoon2")


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "no styles": lambda d: d.update(styles={}),
    "no licence": lambda d: d.pop("licence"),
    "nan in a vector": lambda d: d["styles"]["first"].update(vector=[float("nan")] * 4),
    "short vector": lambda d: d["styles"]["first"].update(vector=[0.0]),
    "text in a vector": lambda d: d["styles"]["first"].update(vector="abcd"),
    "strength": lambda d: d["styles"]["first"].update(default_strength=2),
    "escape": lambda d: d["components"]["renderer"].update(weights="../../secret"),
    "absolute path": lambda d: d["components"]["renderer"].update(onnx="/etc/passwd"),
    "odd style name": lambda d: d["styles"].update({"../x": d["styles"]["first"]}),
    "wrong types": lambda d: d.update(components=3),
    "huge width": lambda d: d["components"]["renderer"]["config"].update(channels=10**9),
    "control characters": lambda d: d["styles"]["first"].update(credit="\x1b[2J"),
    "recipe weights outside": lambda d: d["components"]["renderer"].update(recipe_weights={"w8a8": "../secret"}),
    "recipe weights of odd names": lambda d: d["components"]["renderer"].update(recipe_weights={"../x": "a"}),
    "recipe weights that are none": lambda d: d["components"]["renderer"].update(recipe_weights="w8a8"),
    "weights for too many recipes": lambda d: d["components"]["renderer"].update(
        recipe_weights={f"w{n}": "a" for n in range(99)}
    ),
    "another format": lambda d: d.update(format=99),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_pack_json_is_refused(kind: str, copy: Path) -> None:
    edit(copy, DAMAGE[kind])
    with pytest.raises(PackError):
        load_pack(copy)


def test_a_link_out_of_the_pack_is_not_followed(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (copy / "renderer.safetensors").unlink()
    (copy / "renderer.safetensors").symlink_to(tmp_path / "secret")
    with pytest.raises(PackError, match="out of its folder"):
        load_renderer(load_pack(copy))


def test_weights_that_are_not_finite_are_refused(copy: Path) -> None:
    tensors = load_file(copy / "renderer.safetensors")
    tensors["head.bias"][0] = torch.nan
    save_file(tensors, copy / "renderer.safetensors")
    with pytest.raises(PackError, match=r"head\.bias.*not finite"):
        load_renderer(load_pack(copy))


@pytest.mark.parametrize(("damage", "message"), [
    (lambda path: path.write_bytes(path.read_bytes()[:-100]), "not a readable"),
    (lambda path: path.unlink(), "lacks its file renderer-w8a8"),
    (lambda path: save_file({"x": torch.zeros(4)}, path), "does not fit"),
    (lambda path: save_file(load_file(path) | {"head.bias": torch.full((12,), torch.nan)}, path), "not finite"),
    (lambda path: path.open("wb").truncate(2**28 + 1), "larger than 256 MB"),
])  # fmt: skip
def test_damaged_weights_for_a_recipe_are_refused_and_the_others_still_load(
    damage: Callable[[Path], object], message: str, copy: Path
) -> None:
    path = copy / "renderer-w8a8.safetensors"
    shutil.copy(copy / "renderer.safetensors", path)
    edit(copy, lambda d: d["components"]["renderer"].update(recipe_weights={"w8a8": path.name}))
    assert load_pack(copy).components["renderer"].weights_for("w8a8") == path.name
    load_renderer(load_pack(copy), "w8a8")
    damage(path)
    with pytest.raises(PackError, match=message):
        load_renderer(load_pack(copy), "w8a8")
    load_renderer(load_pack(copy))
    load_renderer(load_pack(copy), "w8")


def test_weights_of_another_network_are_refused(copy: Path) -> None:
    edit(copy, lambda d: d["components"]["renderer"]["config"].update(channels=8))
    with pytest.raises(PackError, match="does not fit"):
        load_renderer(load_pack(copy))


def test_a_network_too_large_is_refused_before_it_is_allocated(copy: Path) -> None:
    edit(copy, lambda d: d["components"]["renderer"]["config"].update(channels=1024, blocks=64))
    with pytest.raises(PackError, match="parameters"):
        load_renderer(load_pack(copy))


def test_truncated_weights_are_refused(copy: Path) -> None:
    path = copy / "renderer.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PackError, match="not a readable"):
        load_renderer(load_pack(copy))


@pytest.mark.parametrize("name", shipped_packs())
def test_shipped_packs_are_complete_and_light(name: str) -> None:
    pack = load_pack(name)
    command = "train-base" if "base" in pack.training else "distill"
    assert pack.training["command"].startswith(f"edgestyle {command} {name} PHOTOS")
    assert {"seed", "threads"} <= pack.training.keys()
    assert sum(p.stat().st_size for p in pack.folder.rglob("*") if p.is_file()) < (1.5e6 if name == "atelier" else 4e6)
    for style in pack.styles.values():
        assert pack.file(style.preview).stat().st_size > 1000
        assert style.licence
        assert style.credit


@pytest.mark.parametrize("name", shipped_packs())
@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (250, 331), (64, 64)])
def test_any_shape_is_stylized_and_strength_0_returns_every_pixel(name: str, shape: tuple[int, int]) -> None:
    photo: Pixels = make_photo(*shape)
    pack = load_pack(name)
    for style in pack.styles:
        assert np.array_equal(pack.stylize(photo, style, 0.0, 128), photo)
        assert pack.stylize(photo, style, 1.0, 128).shape == photo.shape


def test_onnx_and_torch_draw_the_same(tiny_pack: Pack) -> None:
    image = np.random.default_rng(0).random((1, 3, 32, 48), dtype=np.float32)
    style = tiny_pack.style("second")
    expected = load_renderer(tiny_pack)(
        torch.from_numpy(image), torch.from_numpy(style.as_input()), torch.tensor([0.7])
    )
    got = tiny_pack.renderer.run(image, style.as_input(), 0.7)
    assert np.abs(got - expected.numpy()).max() < 1e-5


def test_pillow_images_come_back_as_pillow_images(tiny_pack: Pack) -> None:
    from PIL import Image

    image = Image.new("RGBA", (20, 10), (200, 100, 50, 7))
    stylized = tiny_pack.stylize(image, strength=0.0)
    assert isinstance(stylized, Image.Image)
    assert np.array_equal(np.asarray(stylized), np.asarray(image))


def test_an_onnx_file_that_reads_outside_the_pack_is_refused(copy: Path) -> None:
    (copy.parent / "secret.bin").write_bytes(np.ones(4, np.float32).tobytes())
    weight = onnx.TensorProto(name="w", data_type=1, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    for key, value in (("location", "../secret.bin"), ("offset", "0"), ("length", "16")):
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    tensors = [onnx.helper.make_tensor_value_info(name, 1, [4]) for name in ("image", "stylized")]
    node = onnx.helper.make_node("Add", ["image", "w"], ["stylized"])
    graph = onnx.helper.make_graph([node], "g", tensors[:1], tensors[1:], [weight])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    (copy / "renderer.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ArtifactError, match="escapes"):
        load_pack(copy).stylize(make_photo(16, 16))


@pytest.mark.parametrize("config", [{"channels": 32.5}, {"expansion": 0.001}, {"nonsense": 3}])
def test_an_impossible_configuration_is_refused(config: dict[str, float], copy: Path) -> None:
    edit(copy, lambda d: d["components"]["renderer"]["config"].update(config))
    with pytest.raises(PackError):
        load_renderer(load_pack(copy))


def test_an_onnx_file_that_breaks_the_contract_is_refused(copy: Path) -> None:
    whole = onnx.load(copy / "renderer.onnx")

    def renamed(model: onnx.ModelProto) -> None:
        for tensor in (model.graph.input[0], model.graph.output[0]):
            tensor.name = f"odd_{tensor.name}"

    def smaller(model: onnx.ModelProto) -> None:
        model.graph.node[-1].output[0] = "large"
        model.graph.node.append(onnx.helper.make_node("AveragePool", ["large"], ["stylized"], kernel_shape=[2, 2]))

    for damage, match in ((renamed, "contract|load"), (smaller, "gives")):
        model = onnx.ModelProto()
        model.CopyFrom(whole)
        damage(model)
        onnx.save(model, copy / "renderer.onnx")
        with pytest.raises(ArtifactError, match=match):
            load_pack(copy).stylize(make_photo(16, 16))


def test_a_network_that_draws_nan_is_refused(copy: Path) -> None:
    model = onnx.load(copy / "renderer.onnx")
    bias = next(w for w in model.graph.initializer if w.name.endswith("head.bias"))
    bias.raw_data = np.full(12, np.nan, np.float32).tobytes()
    onnx.save(model, copy / "renderer.onnx")
    with pytest.raises(PackError, match="not finite"):
        load_pack(copy).stylize(make_photo(16, 16))
