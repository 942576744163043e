"""A precision for every layer: names, tables, and files that do what their table says."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgestyle.errors import CalibrationError, ExportError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.describing import file_metadata
from edgestyle.exporters.formats import FORMATS
from edgestyle.exporters.inspection import CONVOLUTIONS, count_precisions
from edgestyle.exporters.layers import best_table, layers_of, precisions_of, recipe_tables, stored_bytes
from edgestyle.exporters.promises import check_compute
from edgestyle.exporters.recipes import Recipe, recipes_of
from edgestyle.exporters.workbenches import WORKBENCHES, Workbench, open_workbench
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.quality.network import count_parameters
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_size_bytes
from tests.conftest import TINY, make_renderer

SIZE = 64
CASES = [("onnx", "w8"), ("onnx", "w8a8"), ("tflite", "float16"), ("tflite", "w8"), ("tflite", "w8a8")]
MIXED = {"stem": "w8", "up": "w8a8", "blocks.1.expand": "w8a8", "modulation.mix": "w8"}


def few_photos(pack: Pack) -> Calibration:
    whole = bundled_calibration(list(pack.styles.values()))
    return Calibration(whole.photos[:2], whole.styles)


@pytest.fixture(scope="module")
def benches(tiny_pack: Pack) -> dict[tuple[str, str], Workbench]:
    renderer, calibration = load_renderer(tiny_pack), few_photos(tiny_pack)
    metadata = file_metadata(tiny_pack, "w8")
    kinds = [("onnx", "float32"), ("tflite", "float32"), ("tflite", "uint8")]
    return {(name, io): open_workbench(name, io, renderer, [SIZE], metadata, calibration) for name, io in kinds}


def draw(path: Path, pack: Pack) -> np.ndarray:
    sample = list(few_photos(pack).samples(SIZE, SIZE))[-1]
    return open_runner(path).run(sample.image, sample.style, sample.strength)


def test_layers_have_the_names_of_the_modules(tiny_pack: Pack) -> None:
    names = [layer.name for layer in layers_of(load_renderer(tiny_pack))]
    assert {"stem", "deep_blocks.0.depthwise", "blocks.1.project", "head", "modulation.predict", "summary"} <= set(
        names
    )
    assert len(names) == len(set(names)) == 23


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_recipe_with_a_table_names_every_layer_and_only_what_it_can_be(format_name: str) -> None:
    layers = layers_of(Renderer())
    tables = recipe_tables(layers, format_name)
    assert set(tables) <= set(recipes_of(format_name))
    assert {"w8"} <= set(tables)
    for table in tables.values():
        assert list(table) == [layer.name for layer in layers]
        assert all(table[layer.name] in precisions_of(layer, format_name) for layer in layers)
    integers = tables.get("w8a8", {})
    assert {name for name in integers if integers[name] != "w8a8"} <= {"modulation.mix", "modulation.predict"}


def test_weights_and_biases_are_counted() -> None:
    renderer = Renderer()
    layers, parameters = layers_of(renderer), count_parameters(renderer)
    assert stored_bytes(best_table(layers, "onnx"), layers, parameters) == 4 * parameters
    weights = sum(layer.weights for layer in layers)
    assert stored_bytes(recipe_tables(layers, "tflite")["w8"], layers, parameters) == 4 * parameters - 3 * weights


@pytest.mark.parametrize(("name", "recipe"), CASES)
def test_all_layers_alike_are_the_recipe_bit_for_bit(
    name: str, recipe: str, benches: dict[tuple[str, str], Workbench], tiny_pack: Pack, tmp_path: Path
) -> None:
    table = recipe_tables(layers_of(load_renderer(tiny_pack)), name)[recipe]
    mine = tmp_path / f"mine{FORMATS[name].suffix}"
    benches[name, "float32"].write(table, mine)
    known = export_pack(tiny_pack, tmp_path, [name], [recipe], [SIZE], calibration=few_photos(tiny_pack))[0]
    assert np.array_equal(draw(mine, tiny_pack), draw(known.path, tiny_pack))
    assert abs(file_size_bytes(mine) - known.size_bytes) <= 16  # the recipe's name inside


@pytest.mark.parametrize("name", ["onnx", "tflite"])
def test_they_are_for_an_uneven_network_too(
    name: str, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer = make_renderer(TINY)
    renderer.modulation.mix.weight[:, -1] *= 40  # which is brought to the others' reach
    monkeypatch.setattr("edgestyle.exporters.bundle.load_renderer", lambda pack, recipe="float32": renderer)
    table, mine = recipe_tables(layers_of(renderer), name)["w8"], tmp_path / f"mine{FORMATS[name].suffix}"
    open_workbench(name, "float32", renderer, [SIZE], file_metadata(tiny_pack, "w8"), None).write(table, mine)
    known = export_pack(tiny_pack, tmp_path, [name], ["w8"], [SIZE])[0]
    assert np.array_equal(draw(mine, tiny_pack), draw(known.path, tiny_pack))


@pytest.mark.parametrize("recipe", ["w6", "w4"])
def test_all_layers_alike_are_the_recipe_in_core_ml(recipe: str, tmp_path: Path) -> None:
    pack = load_pack("atelier")
    renderer, metadata = load_renderer(pack), file_metadata(pack, recipe)
    table = recipe_tables(layers_of(renderer), "coreml")[recipe]
    open_workbench("coreml", "float32", renderer, [SIZE], metadata, None).write(table, tmp_path / "mine.mlpackage")
    known = export_pack(pack, tmp_path, ["coreml"], [recipe], [SIZE])[0]
    assert np.array_equal(draw(tmp_path / "mine.mlpackage", pack), draw(known.path, pack))
    assert file_size_bytes(tmp_path / "mine.mlpackage") == known.size_bytes


def mixed_table(name: str, pack: Pack) -> dict[str, str]:
    return best_table(layers_of(load_renderer(pack)), name) | MIXED


@pytest.mark.parametrize(("name", "io"), [("onnx", "float32"), ("tflite", "float32"), ("tflite", "uint8")])
def test_a_mixed_file_computes_what_its_table_says(
    name: str, io: str, benches: dict[tuple[str, str], Workbench], tiny_pack: Pack, tmp_path: Path
) -> None:
    path = tmp_path / f"mixed{FORMATS[name].suffix}"
    table = mixed_table(name, tiny_pack)
    benches[name, io].write(table, path)
    found = count_precisions(path)
    assert sum(found["int8"][kind] for kind in CONVOLUTIONS) == 2
    recipe = Recipe("mixed", (name,), 8, 8, layers=table)
    check_compute(path, recipe)
    wrong = Recipe("mixed", (name,), 8, 8, layers={**table, "head": "w8a8"})
    with pytest.raises(ExportError, match="computes 2 convolutions in int8, not the 3 of its recipe"):
        check_compute(path, wrong)


def test_onnx_layers_are_stored_as_the_table_says(
    benches: dict[tuple[str, str], Workbench], tiny_pack: Pack, tmp_path: Path
) -> None:
    table = mixed_table("onnx", tiny_pack)
    benches["onnx", "float32"].write(table, tmp_path / "mixed.onnx")
    stored = {weight.name: weight.data_type for weight in onnx.load(tmp_path / "mixed.onnx").graph.initializer}
    for layer, precision in table.items():
        wanted = onnx.TensorProto.FLOAT if precision == "float32" else onnx.TensorProto.INT8
        assert stored[f"{layer}.weight" if wanted == onnx.TensorProto.FLOAT else f"{layer}.weight_quantized"] == wanted


def test_operators_of_another_network_are_not_guessed(tiny_pack: Pack, tmp_path: Path) -> None:
    from edgestyle.exporters.layers_tflite import TFLiteWorkbench
    from edgestyle.exporters.operators_tflite import find_operators

    bench = TFLiteWorkbench(load_renderer(tiny_pack), [32, SIZE], {}, None)
    found = find_operators(bench._float32, load_renderer(tiny_pack))
    assert all(len(set(names)) == 2 for names in found.values())
    with pytest.raises(ExportError, match="with weights of no layer"):
        find_operators(bench._float32, make_renderer(TINY, seed=1))


def test_integers_without_photos_are_refused(tiny_pack: Pack, tmp_path: Path) -> None:
    renderer = load_renderer(tiny_pack)
    bench = open_workbench("onnx", "float32", renderer, [SIZE], {}, None)
    with pytest.raises(CalibrationError, match="must be calibrated"):
        bench.write(mixed_table("onnx", tiny_pack), tmp_path / "file.onnx")


def test_every_format_has_a_workbench() -> None:
    assert {name for name, _ in WORKBENCHES} == set(FORMATS)
