"""Every recipe does to the weights what it says, and each of its promises has a way to be broken."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor

from edgestyle.errors import ArtifactError, ExportError, ParityError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.inspection import count_precisions
from edgestyle.exporters.parity import Reference, check_parity
from edgestyle.exporters.promises import check_file_size
from edgestyle.exporters.recipes import RECIPES, Recipe, find_recipe, recipes_of
from edgestyle.exporters.tally import Tally
from edgestyle.exporters.to_onnx import export_onnx
from edgestyle.images import Floats
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.onnx import OnnxRunner
from edgestyle.sidecar import read_sidecar

SIZE = 64
SMALL = [("onnx", "w8"), ("tflite", "w8"), ("coreml", "w8"), ("coreml", "w6"), ("coreml", "w4")]


@pytest.fixture(scope="module")
def atelier() -> Pack:
    """The shipped pack, whose layers are wide enough to be worth a palette."""
    return load_pack("atelier")


@pytest.fixture(scope="module")
def compressed(atelier: Pack, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("compressed")
    return {(name, recipe): export_pack(atelier, folder, [name], [recipe], [SIZE])[0].path for name, recipe in SMALL}


@pytest.mark.parametrize(("name", "recipe"), SMALL)
def test_the_shipped_network_keeps_every_promise(
    name: str, recipe: str, compressed: dict[tuple[str, str], Path]
) -> None:
    sidecar = read_sidecar(compressed[name, recipe])
    known, parity = RECIPES[recipe], sidecar["parity"]
    assert known.min_mean_psnr_db is not None
    assert min(parity["mean_psnr_db"], parity["mean_half_psnr_db"]) >= known.min_mean_psnr_db
    assert parity["worst_style_psnr_db"] <= min(parity["mean_psnr_db"], parity["mean_half_psnr_db"])
    assert parity["worst_style"] in sidecar["styles"]
    assert parity["identity_difference"] == 0
    assert sidecar["size_bytes"] <= 85_000 * known.weight_bits / 8 + 90_000


def test_onnx_w8_stores_int8_weights_and_computes_with_floats(compressed: dict[tuple[str, str], Path]) -> None:
    model = onnx.load(compressed["onnx", "w8"])
    weights = {w.name: w for w in model.graph.initializer if len(w.dims) in (2, 4) and not w.name.endswith("_scale")}
    assert {w.data_type for w in weights.values()} == {onnx.TensorProto.INT8}
    assert not {"QuantizeLinear", "DequantizeLinear"} & {node.op_type for node in model.graph.node}
    assert model.ir_version <= 10
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]


def test_onnx_runtime_unpacks_w8_when_it_loads_it(compressed: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    onnxruntime.InferenceSession(compressed["onnx", "w8"], options, providers=["CPUExecutionProvider"])
    graph = onnx.load(tmp_path / "optimized.onnx").graph
    weights = {weight.name for weight in graph.initializer if weight.data_type == onnx.TensorProto.FLOAT}
    assert all(node.input[1] in weights for node in graph.node if node.op_type in ("Conv", "FusedConv", "Gemm"))
    found = count_precisions(compressed["onnx", "w8"])
    assert set(found) <= {"float32", "other"}
    assert "Cast" not in found["float32"]


def test_tflite_w8_stores_int8_weights_and_computes_with_floats(compressed: dict[tuple[str, str], Path]) -> None:
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.ModelT.InitFromPackedBuf(compressed["tflite", "w8"].read_bytes(), 0).subgraphs[0]
    integers = [t for t in graph.tensors if t.type == schema.TensorType.INT8]
    assert sum(int(np.prod(tensor.shape)) for tensor in integers) > 80_000
    produced = {index for op in graph.operators for index in op.outputs}
    assert all(graph.tensors[index].type != schema.TensorType.INT8 for index in produced)


@pytest.mark.parametrize(("recipe", "entries"), [("w8", 256), ("w6", 64), ("w4", 16)])
def test_core_ml_stores_palettes(recipe: str, entries: int, compressed: dict[tuple[str, str], Path]) -> None:
    from edgestyle.runtime.mil import decompress_weights, load_program

    function = load_program(compressed["coreml", recipe])
    weights = decompress_weights(function)
    assert sum(w.numel() for w in weights.values()) > 60_000
    for weight in weights.values():
        grouped = recipe == "w4" and weight.numel() > 2048
        rows = weight.flatten(1).split(4) if grouped else [weight]
        most = 256 if recipe == "w4" and not grouped else entries
        assert max(len(torch.unique(part)) for part in rows) <= most


def test_a_weight_that_cannot_be_unpacked_raises() -> None:
    from types import SimpleNamespace as Fake

    from edgestyle.runtime.mil import decompress_weights

    with pytest.raises(ArtifactError, match="'constexpr_new'"):
        decompress_weights(Fake(operations=[Fake(op_type="constexpr_new", outputs=[])]))


@pytest.mark.parametrize(("name", "recipe"), [("onnx", "w6"), ("tflite", "w4"), ("onnx", "w3")])
def test_a_format_refuses_a_recipe_it_cannot_do_before_any_work(
    name: str, recipe: str, tiny_pack: Pack, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=f"'{name}' has no recipe '{recipe}'; it has float32"):
        export_pack(tiny_pack, tmp_path / "out", [name], ["float32", recipe], [32])
    assert not (tmp_path / "out").exists()
    assert recipe not in recipes_of(name)


class Clipped(Renderer):
    """A network that goes no further than two fifths of the way, like a strength quantized to a wrong range."""

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        return super().forward(image, style, strength.clamp(0, 0.4))


def exported(renderer: Renderer, folder: Path) -> OnnxRunner:
    export_onnx(renderer, folder / "file.onnx", "float32", [], {"pack": "tiny"})
    return OnnxRunner(folder / "file.onnx")


def gate(runner: OnnxRunner, pack: Pack, recipe: Recipe, folder: Path) -> None:
    reference = Reference(load_renderer(pack))
    check_parity(runner, reference, list(pack.styles.values()), recipe, [(SIZE, SIZE)], folder)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_clipped_strength_fails_the_gate_of_every_recipe(recipe: Recipe, atelier: Pack, tmp_path: Path) -> None:
    honest = load_renderer(atelier)
    clipped = Clipped(honest.config).eval()
    clipped.load_state_dict(honest.state_dict())
    gate(exported(honest, tmp_path), atelier, recipe, tmp_path)
    with pytest.raises(ParityError, match=r"must reach|allows"):
        gate(exported(clipped, tmp_path), atelier, recipe, tmp_path)


def test_a_strength_that_stops_growing_fails_even_where_no_bar_is_broken(atelier: Pack, tmp_path: Path) -> None:
    honest = load_renderer(atelier)
    clipped = Clipped(honest.config).eval()
    clipped.load_state_dict(honest.state_dict())
    lenient = replace(RECIPES["w8"], min_mean_psnr_db=None, min_style_psnr_db=None)
    with pytest.raises(ParityError, match=r"at strength 0\.75 is no stronger than at 0\.5: .* see \S+expected\.png"):
        gate(exported(clipped, tmp_path), atelier, lenient, tmp_path)


def test_a_mean_and_a_single_style_that_are_too_far_fail(atelier: Pack, tmp_path: Path) -> None:
    runner = exported(load_renderer(atelier), tmp_path)
    mean = replace(RECIPES["w8"], min_mean_psnr_db=500.0, min_style_psnr_db=None)
    with pytest.raises(ParityError, match=r"all styles average 1\d\d\.\d dB; w8 must reach 500 dB"):
        gate(runner, atelier, mean, tmp_path)
    style = replace(RECIPES["w8"], min_mean_psnr_db=None, min_style_psnr_db=500.0)
    with pytest.raises(ParityError, match=r"is 1\d\d\.\d dB on average; w8 must reach 500 dB"):
        gate(runner, atelier, style, tmp_path)


def test_one_bad_style_does_not_hide_in_the_mean() -> None:
    tally, picture = Tally(), np.zeros((1, 3, 2, 2), np.float32)
    for strength in (0.5, 1.0):
        tally.add("good", strength, picture, picture, picture, 90.0)
        tally.add("bad", strength, picture, picture, picture, 30.0 + strength)
    assert tally.worst_style() == ("bad", 30.5)
    found = tally.problem(RECIPES["w8"])
    assert found is not None
    assert found[:2] == ("bad", 0.5)


def growing(got: list[float], network: list[float]) -> object:
    tally = Tally()
    for strength, mine, theirs in zip((0.0, 0.5, 1.0), got, network, strict=True):
        picture: Floats = np.zeros((1, 3, 2, 2), np.float32)
        tally.add("one", strength, picture, picture + np.float32(theirs), picture + np.float32(mine), 99.0)
    return tally.problem(RECIPES["w8"])


def test_distance_must_grow_where_the_networks_does() -> None:
    assert growing([0, 0.1, 0.2], [0, 0.1, 0.2]) is None
    assert growing([0, 0.1, 0.1], [0, 0.1, 0.2]) is not None
    assert growing([0, 0.1, 0.09], [0, 0.1, 0.2]) is not None
    assert growing([0, 0.2, 0.1], [0, 0.2, 0.1]) is None, "a network that answers so itself is no fault of the file"


class Leaky(Renderer):
    """A network whose skip was quantized along with the rest: strength 0 no longer gives the picture back."""

    def forward(self, image: Tensor, style: Tensor, strength: Tensor) -> Tensor:
        return super().forward((image * 255).round() / 255 + 1e-3, style, strength)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_broken_identity_fails_the_gate_of_every_recipe(recipe: Recipe, atelier: Pack, tmp_path: Path) -> None:
    leaky = Leaky(load_renderer(atelier).config).eval()
    leaky.load_state_dict(load_renderer(atelier).state_dict())
    with pytest.raises(ParityError, match="at strength 0; it must not at all"):
        gate(exported(leaky, tmp_path), atelier, recipe, tmp_path)


@pytest.mark.parametrize("recipe", ["w8", "w8a8"])
@pytest.mark.parametrize(("noise", "message"), [(0.02, "all styles average|dB on average"), (0.3, "dB on average")])
def test_a_picture_that_is_too_far_fails_the_mean_or_the_worst_style(
    recipe: str, noise: float, message: str, atelier: Pack, tmp_path: Path
) -> None:
    damaged = load_renderer(atelier)
    torch.manual_seed(0)
    for weight in (damaged.up.weight, damaged.head.weight):
        weight += noise * weight.std() * torch.randn_like(weight) * 3
    with pytest.raises(ParityError, match=message):
        gate(exported(damaged, tmp_path), atelier, RECIPES[recipe], tmp_path)


@pytest.mark.parametrize("name", ["onnx", "tflite", "coreml"])
def test_a_file_over_its_size_is_refused_and_not_left_behind(
    name: str, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient = replace(RECIPES["w8"], min_mean_psnr_db=None, min_style_psnr_db=None)
    monkeypatch.setitem(RECIPES, "w8", lenient)
    monkeypatch.setattr("edgestyle.exporters.recipes._FIXED_BYTES", 1000)
    with pytest.raises(ExportError, match=r"w8 of .* weights allows"):
        export_pack(tiny_pack, tmp_path, [name], ["w8"], [32])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused() -> None:
    recipe = find_recipe("w8", "onnx")
    check_file_size(190_000, 100_000, recipe, 1)
    check_file_size(245_000, 100_000, recipe, 2)
    with pytest.raises(ExportError, match="190001 bytes; w8 of 100000 weights allows 190000"):
        check_file_size(190_001, 100_000, recipe, 1)
