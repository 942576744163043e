"""Recipes by layer come from anybody: what fits is used, everything else is refused with the reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgestyle.errors import ArtifactError, ExportError, ParityError
from edgestyle.exporters.bundle import check_file, check_layer_recipes, export_layers
from edgestyle.exporters.layer_recipes import (
    LayerRecipe,
    check_fits,
    parse_layer_recipe,
    read_layer_recipe,
    write_layer_recipe,
)
from edgestyle.exporters.layers import best_table, layers_of
from edgestyle.exporters.parity import Reference
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import read_sidecar, sidecar_path

SIZE = 64


@pytest.fixture
def recipe(tiny_pack: Pack) -> LayerRecipe:
    table = best_table(layers_of(load_renderer(tiny_pack)), "onnx") | {"stem": "w8", "modulation.predict": "w8"}
    return LayerRecipe("mine", "onnx", {"pack": "tiny"}, table, 40.0, 34.0, {"seed": 0})


def test_what_is_written_is_read(recipe: LayerRecipe, tmp_path: Path) -> None:
    write_layer_recipe(recipe, tmp_path / "mine.recipe.json")
    assert read_layer_recipe(tmp_path / "mine.recipe.json") == recipe


def test_a_recipe_exports_again_and_its_file_is_checked_like_any_other(
    recipe: LayerRecipe, tiny_pack: Pack, tmp_path: Path
) -> None:
    exported = export_layers(tiny_pack, tmp_path, recipe, [SIZE])
    assert exported.path.name == "tiny-renderer-mine.onnx"
    sidecar = read_sidecar(exported.path)
    assert sidecar["recipe"] == "mine"
    assert parse_layer_recipe(sidecar["layer_recipe"]) == recipe
    assert sidecar["parity"]["identity_difference"] == 0
    again = check_file(exported.path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)
    assert again.parity == exported.parity


def test_a_promise_that_is_not_kept_fails_the_gate(recipe: LayerRecipe, tiny_pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(ParityError, match="mine must reach 180 dB"):
        export_layers(tiny_pack, tmp_path, replace(recipe, min_mean_psnr_db=180.0), [SIZE], failures=tmp_path / "why")
    assert not list(tmp_path.glob("*.onnx*"))


def test_a_sidecar_that_claims_too_much_fails_the_check(recipe: LayerRecipe, tiny_pack: Pack, tmp_path: Path) -> None:
    path = export_layers(tiny_pack, tmp_path, recipe, [SIZE]).path
    reference, sidecar = Reference(load_renderer(tiny_pack)), json.loads(sidecar_path(path).read_text())

    def check_with(**changes: object) -> None:
        changed = {**sidecar, "layer_recipe": {**sidecar["layer_recipe"], **changes}}
        sidecar_path(path).write_text(json.dumps(changed))
        check_file(path, tiny_pack, reference, tmp_path / "why")

    check_with()
    with pytest.raises(ParityError, match="must reach 190 dB"):
        check_with(promise={"min_mean_psnr_db": 190, "min_style_psnr_db": 30})
    with pytest.raises(ArtifactError, match="'min_mean_psnr_db' is not a number of dB from 34 to 200"):
        check_with(promise={"min_mean_psnr_db": 0, "min_style_psnr_db": 30})
    with pytest.raises(ArtifactError, match=r"it lacks 'down\.depthwise'"):
        check_with(layers={"stem": "w8"})
    with pytest.raises(ArtifactError, match="computes 0 convolutions in int8, not the 1 of its recipe"):
        check_with(layers={**recipe.layers, "stem": "w8a8"})
    with pytest.raises(ArtifactError, match="recipe by layer is damaged: 'layers'"):
        check_with(layers=[1, 2])
    with pytest.raises(ArtifactError, match="does not fit the file"):
        check_with(name="other")


def test_another_networks_recipe_is_refused_by_its_layers(recipe: LayerRecipe, tiny_pack: Pack, tmp_path: Path) -> None:
    layers = layers_of(load_renderer(tiny_pack))
    others = {("first" if name == "stem" else name): precision for name, precision in recipe.layers.items()}
    with pytest.raises(ExportError, match="another network than 'tiny': it lacks 'stem' and names unknown 'first'"):
        export_layers(tiny_pack, tmp_path / "out", replace(recipe, layers=others), [SIZE])
    assert not (tmp_path / "out").exists()
    with pytest.raises(ExportError, match=r"it lacks 'stem', .* and 19 more"):
        check_fits(replace(recipe, layers={}), layers, "tiny")
    with pytest.raises(ExportError, match="layer 'stem' cannot be w6 in onnx; it can be float32, w8, w8a8"):
        check_fits(replace(recipe, layers={**recipe.layers, "stem": "w6"}), layers, "tiny")
    with pytest.raises(ExportError, match=r"'modulation.mix' cannot be w8a8"):
        check_fits(replace(recipe, layers={**recipe.layers, "modulation.mix": "w8a8"}), layers, "tiny")


def test_recipes_that_would_overwrite_each_other_or_do_not_fit_are_refused_before_any_work(
    recipe: LayerRecipe, tiny_pack: Pack
) -> None:
    check_layer_recipes(tiny_pack, [recipe, replace(recipe, name="other")], [SIZE], "float32")
    with pytest.raises(ExportError, match="two recipes for onnx are called 'mine'"):
        check_layer_recipes(tiny_pack, [recipe, replace(recipe, network={})], [SIZE], "float32")
    with pytest.raises(ExportError, match="'onnx' does not come with uint8 pictures"):
        check_layer_recipes(tiny_pack, [recipe], [SIZE], "uint8")
    with pytest.raises(ExportError, match="another network than 'tiny'"):
        check_layer_recipes(tiny_pack, [recipe, replace(recipe, name="b", layers={"x": "w8"})], [SIZE], "float32")


def test_a_number_that_no_json_can_hold_is_refused(recipe: LayerRecipe) -> None:
    with pytest.raises(ExportError, match="a number that cannot be written"):
        parse_layer_recipe({**recipe.to_json(), "found": {"seed": float("inf")}})


def changed(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda data: {**data, **changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: [data], "a recipe is not a JSON object"),
        (changed(recipe_version=2), "'recipe_version' is 2"),
        (changed(name="../evil"), "'name' is '../evil'"),
        (changed(name="w8"), "'name' is 'w8'"),
        (changed(name=7), "'name' is not a short text"),
        (changed(format="gguf"), "'format' is 'gguf'; known: onnx, tflite, coreml"),
        (changed(format=["onnx"]), "'format' is not a short text"),
        (changed(layers={}), "'layers' is empty"),
        (changed(layers={"stem": "w3"}), "layer 'stem' is to be 'w3'; known: float32"),
        (changed(layers={"stem": 8}), "'layers', 'stem', is not a short text"),
        (changed(layers={str(i): "w8" for i in range(3000)}), "'layers' is not a JSON object of at most"),
        (changed(promise={"min_mean_psnr_db": "40", "min_style_psnr_db": 30}), "'min_mean_psnr_db' is not a number"),
        (changed(promise={"min_mean_psnr_db": True, "min_style_psnr_db": 30}), "'min_mean_psnr_db' is not a number"),
        (changed(promise={"min_mean_psnr_db": 40, "min_style_psnr_db": -1}), "'min_style_psnr_db' is not a number"),
        (changed(promise={"min_mean_psnr_db": 33, "min_style_psnr_db": 30}), "number of dB from 34 to 200"),
        (changed(promise={"min_mean_psnr_db": 40, "min_style_psnr_db": 0}), "number of dB from 28 to 200"),
        (changed(promise=None), "'promise' is not a JSON object"),
        (changed(network={"pack": {}}), "'network', 'pack', is not a short text"),
        (changed(network={"pack": "\ud800"}), "'network', 'pack', is not a short text"),
        (changed(network={"\udfff": "tiny"}), "a name in 'network' is not a short text"),
        (changed(found={"seed": ["\ud800"]}), "'found' holds a text or a number that cannot be written"),
        (changed(found={"\udc00": 0}), "'found' holds a text or a number that cannot be written"),
        (changed(found={"seed": [[[[[0]]]]]}), "'found' is nested more than 4 times"),
    ],
)
def test_what_is_no_recipe_is_refused_with_the_reason(
    change: Callable[[dict[str, Any]], object], message: str, recipe: LayerRecipe, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(change(recipe.to_json())))
    with pytest.raises(ExportError, match=r"bad\.json cannot be used: ") as caught:
        read_layer_recipe(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"recipe_version": NaN}', "NaN is no number"),
        (b" " * 300_000, "larger than 262144 bytes"),
    ],
)
def test_what_is_no_json_or_too_large_is_refused(text: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(text)
    with pytest.raises(ExportError, match=message):
        read_layer_recipe(tmp_path / "bad.json")
    with pytest.raises(ExportError, match=r"cannot read the recipe .*missing"):
        read_layer_recipe(tmp_path / "missing.json")
