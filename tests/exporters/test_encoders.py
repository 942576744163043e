"""A pack with a colour renderer and an encoder: both pass their gates in every format, and what should fail fails."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema

from edgestyle.contract import REFERENCE_SIDE, encoder_spec
from edgestyle.errors import ArtifactError, CalibrationError, ExportError, PackError, ParityError
from edgestyle.exporters.bundle import export_layers, export_pack
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.checking import Checker
from edgestyle.exporters.encoder_parity import Looks, check_encoder
from edgestyle.exporters.encoders import export_encoder
from edgestyle.exporters.formats import BYTES_FORMATS, FORMATS, find_encoder_exporter
from edgestyle.exporters.inspection import convolves_in_int8
from edgestyle.exporters.layer_recipes import LayerRecipe
from edgestyle.exporters.layers import best_table, layers_of
from edgestyle.exporters.packing import build_pack
from edgestyle.exporters.parity import bundled_photo, parity_photo, parity_photos
from edgestyle.exporters.quantize_tflite import operator_code
from edgestyle.exporters.recipes import RECIPES, recipes_of
from edgestyle.images import Floats, read_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_encoder, load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.packs.stylizing import reference_input
from edgestyle.runtime.encoder import open_encoder
from edgestyle.runtime.onnx import OnnxEncoder
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import read_sidecar, sidecar_path
from tests.conftest import TINY_ENCODER, make_encoder

SIZE = 64
DIV = schema.BuiltinOperator.DIV
ENDINGS = [f"{recipe}{known.suffix}" for name, known in FORMATS.items() for recipe in recipes_of(name)]
every_file = pytest.mark.parametrize("ending", ENDINGS)


@pytest.fixture(scope="module")
def exported(tiny_lumen: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for name in FORMATS:
        made = export_pack(tiny_lumen, folder, [name], recipes_of(name), [SIZE])
        assert {one.component for one in made} == {"renderer", "encoder"}
    return folder


@pytest.fixture(scope="module")
def looks(tiny_lumen: Pack) -> Looks:
    return Looks(load_renderer(tiny_lumen), load_encoder(tiny_lumen))


@pytest.fixture(scope="module")
def checker(tiny_lumen: Pack) -> Checker:
    return Checker(tiny_lumen)


def reference_of(name: str) -> Floats:
    return parity_photo(name, REFERENCE_SIDE, REFERENCE_SIDE)


@pytest.mark.parametrize("recipe", recipes_of("tflite"))
def test_a_tflite_file_divides_by_nothing_that_a_graphics_card_may_take_for_zero(recipe: str, exported: Path) -> None:
    file = (exported / f"tiny-lumen-renderer-{recipe}.tflite").read_bytes()
    model = schema.ModelT.InitFromPackedBuf(file, 0)
    (graph,) = model.subgraphs
    made_by = {int(one.outputs[0]): operator_code(model, one) for one in graph.operators}
    divisors = [made_by[int(one.inputs[1])] for one in graph.operators if operator_code(model, one) == DIV]
    assert divisors == [schema.BuiltinOperator.MAXIMUM]


@pytest.mark.parametrize(("name", "recipe"), [("onnx", "w8a8"), ("tflite", "w8a8"), ("coreml", "w6"), ("coreml", "w4")])
def test_the_encoder_of_paintings_passes_its_gate_in_few_bits(name: str, recipe: str, tmp_path: Path) -> None:
    pack = load_pack("easel")
    looks = Looks(load_renderer(pack), load_encoder(pack))
    bar, photos = RECIPES[recipe].min_mean_psnr_db, bundled_calibration([])
    made = export_encoder(pack, tmp_path, looks, name, FORMATS[name], RECIPES[recipe], "float32", photos)
    assert bar is not None
    assert made.parity.mean_psnr_db >= bar
    assert made.size_bytes < 250_000


def test_convolutions_of_the_encoder_of_paintings_pad_by_themselves() -> None:
    pack = load_pack("easel")
    graph = onnx.load(pack.file(pack.components["encoder"].onnx)).graph
    assert "Pad" not in {node.op_type for node in graph.node}


@every_file
def test_an_encoder_has_a_complete_sidecar(ending: str, exported: Path, tiny_lumen: Pack) -> None:
    sidecar = read_sidecar(exported / f"tiny-lumen-encoder-{ending}")
    spec = encoder_spec(FORMATS[sidecar["format"]].layout, 12)
    assert sidecar["component"] == "encoder"
    assert sidecar["inputs"] == [tensor.to_json() for tensor in spec.inputs]
    assert sidecar["outputs"] == [tensor.to_json() for tensor in spec.outputs]
    assert sidecar["sizes"] == [REFERENCE_SIDE]
    assert sidecar["free_size"] is False
    assert sidecar["parity"]["identity_difference"] == 0
    assert sidecar["parity"]["comparisons"] >= 8 * 8 * 5
    assert sidecar["parity"]["worst_style"].removeprefix("like-") in parity_photos()
    assert sidecar["network_sha256"] != read_sidecar(exported / f"tiny-lumen-renderer-{ending}")["network_sha256"]


@every_file
def test_an_encoders_file_gives_the_networks_vector(ending: str, exported: Path, tiny_lumen: Pack) -> None:
    runner = open_encoder(exported / f"tiny-lumen-encoder-{ending}")
    reference = reference_of("astronaut")
    expected = load_encoder(tiny_lumen)(torch.from_numpy(reference)).numpy()
    got = runner.encode(reference)
    assert got.shape == expected.shape
    bits = RECIPES[ending.split(".")[0]].weight_bits
    assert np.abs(got - expected).max() < {32: 1e-4, 16: 0.02, 8: 0.1, 6: 0.2, 4: 0.4}[bits]


@every_file
def test_a_colour_renderer_gives_random_floats_back_at_strength_0(
    ending: str, exported: Path, tiny_lumen: Pack
) -> None:
    runner = open_runner(exported / f"tiny-lumen-renderer-{ending}")
    noise = np.random.default_rng(1).random((1, 3, SIZE, SIZE), dtype=np.float32)
    if runner.pixel_input:
        noise = np.rint(noise * 255).astype(np.float32) / np.float32(255)
    for style in tiny_lumen.styles.values():
        assert np.array_equal(runner.run(noise, style.as_input(), 0.0), noise)
        steps = [np.abs(runner.run(noise, style.as_input(), at) - noise).mean() for at in (0.0, 0.25, 0.5, 0.75, 1.0)]
        assert (np.diff(steps) > 0).all()


@every_file
@pytest.mark.parametrize("component", ["renderer", "encoder"])
def test_a_file_passes_the_gate_again_from_disk(ending: str, component: str, exported: Path, checker: Checker) -> None:
    path = exported / f"tiny-lumen-{component}-{ending}"
    checked = checker.check(path)
    assert checked.component == component
    assert checked.parity.to_json() == read_sidecar(path)["parity"]


def test_w8a8_convolves_in_integers(exported: Path) -> None:
    for component in ("renderer", "encoder"):
        for suffix in (".onnx", ".tflite"):
            exact = {"renderer": 7, "encoder": 1}[component]  # what makes colours stays in floats
            assert convolves_in_int8(exported / f"tiny-lumen-{component}-w8a8{suffix}", but=exact)


def test_a_colour_renderer_in_onnx_takes_any_multiple(exported: Path, tiny_lumen: Pack) -> None:
    image = np.random.default_rng(1).random((1, 3, 40, 96), dtype=np.float32)
    runner = open_runner(exported / "tiny-lumen-renderer-float32.onnx")
    style = tiny_lumen.style()
    expected = load_renderer(tiny_lumen)(*map(torch.from_numpy, (image, style.as_input(), np.ones(1, np.float32))))
    assert np.abs(runner.run(image, style.as_input(), 1.0) - expected.numpy()).max() < 1e-5


def test_core_ml_gets_a_file_for_each_size_of_a_colour_renderer(tiny_lumen: Pack, tmp_path: Path) -> None:
    made = export_pack(tiny_lumen, tmp_path, ["coreml"], ["float32"], [32, 64])
    assert [one.path.name for one in made] == [
        "tiny-lumen-renderer-float32-32.mlpackage", "tiny-lumen-renderer-float32-64.mlpackage",
        "tiny-lumen-encoder-float32.mlpackage",
    ]  # fmt: skip
    assert [read_sidecar(one.path)["sizes"] for one in made] == [[32], [64], [REFERENCE_SIDE]]


def test_a_core_ml_recipe_by_layer_for_several_sizes_says_that_one_is_needed(tiny_lumen: Pack, tmp_path: Path) -> None:
    layers = layers_of(load_renderer(tiny_lumen))
    recipe = LayerRecipe("mine", "coreml", {}, best_table(layers, "coreml"), 40.0, 34.0)
    with pytest.raises(ExportError, match="one size"):
        export_layers(tiny_lumen, tmp_path, recipe, [32, 64])
    assert export_layers(tiny_lumen, tmp_path, recipe, [32]).parity.identity_difference == 0


@pytest.mark.parametrize("format_name", ["onnx", "tflite"])
def test_a_colour_renderer_takes_a_precision_for_every_layer(
    format_name: str, tiny_lumen: Pack, tmp_path: Path
) -> None:
    layers = layers_of(load_renderer(tiny_lumen))
    table = {**best_table(layers, format_name), "summary": "w8", "stem": "w8a8"}
    recipe = LayerRecipe("mine", format_name, {}, table, 40.0, 34.0)
    assert export_layers(tiny_lumen, tmp_path, recipe, [32]).parity.identity_difference == 0


def test_both_components_come_with_8_bit_pixels(tiny_lumen: Pack, tmp_path: Path) -> None:
    renderer, encoder = export_pack(tiny_lumen, tmp_path, ["tflite"], ["w8a8"], [32], io="uint8")
    assert encoder.path.name == "tiny-lumen-encoder-w8a8-uint8.tflite"
    assert open_encoder(encoder.path).pixel_input
    assert open_runner(renderer.path).pixel_input
    assert read_sidecar(encoder.path)["inputs"][0]["dtype"] == "uint8"


class Crooked(OnnxEncoder):
    """A runtime that gives another vector for one reference."""

    victim: Floats = np.zeros(0, np.float32)

    def encode(self, reference: Floats) -> Floats:
        honest = super().encode(reference)
        return honest + np.float32(0.5) if np.array_equal(reference, self.victim) else honest


def test_the_gate_names_the_reference_and_shows_both_pictures(exported: Path, looks: Looks, tmp_path: Path) -> None:
    runner, victim = Crooked(exported / "tiny-lumen-encoder-float32.onnx"), parity_photos()[3]
    runner.victim = reference_input(read_picture(bundled_photo(victim)))
    with pytest.raises(ParityError, match=rf"style 'like-{victim}' at strength 0\.25") as caught:
        check_encoder(runner, looks, RECIPES["float32"], tmp_path)
    pictures = re.findall(r"\S+\.png", str(caught.value))
    assert len(pictures) == 2
    assert all(Path(picture).is_file() for picture in pictures)


@pytest.mark.parametrize("flat", [0.0, 1.0])
def test_the_gate_notices_a_flat_reference_that_gives_nan(
    flat: float, exported: Path, looks: Looks, tmp_path: Path
) -> None:
    class Divides(OnnxEncoder):
        def encode(self, reference: Floats) -> Floats:
            honest = super().encode(reference)
            return honest * np.float32(np.nan) if (reference == flat).all() else honest

    with pytest.raises(ParityError, match="not finite"):
        check_encoder(Divides(exported / "tiny-lumen-encoder-float32.onnx"), looks, RECIPES["w8"], tmp_path)


def test_the_gate_notices_a_vector_of_another_length(exported: Path, looks: Looks, tmp_path: Path) -> None:
    class Short(OnnxEncoder):
        def encode(self, reference: Floats) -> Floats:
            return super().encode(reference)[:, :3]

    with pytest.raises(ParityError, match=r"\[1, 3\], not a style vector \[1,12\]"):
        check_encoder(Short(exported / "tiny-lumen-encoder-float32.onnx"), looks, RECIPES["w8"], tmp_path)


def test_an_encoder_that_misses_its_bar_is_not_left_behind(
    tiny_lumen: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_pack(tiny_lumen, tmp_path, ["onnx"], ["w8"], [32])
    before = (tmp_path / "tiny-lumen-encoder-w8.onnx").read_bytes()
    monkeypatch.setitem(RECIPES, "w8", replace(RECIPES["w8"], max_difference=1e-9))
    with pytest.raises(ParityError):
        export_pack(tiny_lumen, tmp_path, ["onnx"], ["w8"], [32])
    assert (tmp_path / "tiny-lumen-encoder-w8.onnx").read_bytes() == before
    assert not list(tmp_path.glob(".part-*"))


def test_w8a8_without_photos_is_refused(tmp_path: Path) -> None:
    for name in ("onnx", "tflite"):
        with pytest.raises(CalibrationError, match="calibrated on photos"):
            find_encoder_exporter(FORMATS[name])(make_encoder(), tmp_path / "a", "w8a8", {}, None)


def test_an_encoder_is_calibrated_on_whole_photos_and_their_quarters(tiny_lumen: Pack) -> None:
    calibration = bundled_calibration(list(tiny_lumen.styles.values()))
    references = list(calibration.references())
    assert len(references) == 5 * len(calibration.photos)
    assert {one["reference"].shape for one in references} == {(1, 3, REFERENCE_SIDE, REFERENCE_SIDE)}
    tiny = replace(calibration.photos[0], pixels=np.zeros((1, 1, 3), np.uint8))
    assert len(list(Calibration((tiny,), calibration.styles).references())) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "tflite"}, "does not fit"),
        ({"recipe": "w4"}, "does not fit"),
        ({"network_sha256": "0" * 64}, "other weights"),
        ({"component": "generator"}, "component"),
    ],
)
def test_a_sidecar_that_does_not_fit_an_encoder_is_refused(
    change: dict[str, Any], message: str, exported: Path, checker: Checker, tmp_path: Path
) -> None:
    path = Path(shutil.copy(exported / "tiny-lumen-encoder-float32.onnx", tmp_path))
    sidecar = json.loads(sidecar_path(exported / path.name).read_text())
    sidecar_path(path).write_text(json.dumps(sidecar | change))
    with pytest.raises(ArtifactError, match=message):
        checker.check(path)


def test_an_encoder_of_a_pack_that_has_none_any_more_is_refused(exported: Path, tiny_lumen: Pack) -> None:
    without = replace(tiny_lumen, components={"renderer": tiny_lumen.components["renderer"]})
    with pytest.raises((ArtifactError, PackError), match=r"no encoder|does not have"):
        Checker(without).check(exported / "tiny-lumen-encoder-float32.onnx")


def test_an_encoder_of_another_length_makes_no_pack(tiny_lumen: Pack, tmp_path: Path) -> None:
    about = {"title": "", "description": "", "licence": "CC0-1.0", "training": {}}
    styles, longer = list(tiny_lumen.styles.values()), make_encoder(replace(TINY_ENCODER, style_dimensions=13))
    with pytest.raises(ExportError, match="vectors of 13 numbers"):
        build_pack(tmp_path / "pack", "tiny", load_renderer(tiny_lumen), styles, about, longer)
    assert not list(tmp_path.iterdir())


def test_the_tables_of_formats_name_real_functions_for_encoders() -> None:
    for known in (*FORMATS.values(), *BYTES_FORMATS.values()):
        assert callable(find_encoder_exporter(known))
