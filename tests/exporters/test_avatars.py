"""Avatar packs in files: the same faces in every format and recipe, honest sidecars, nothing left behind."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from edgestyle.contract import CONTRACT_VERSION
from edgestyle.errors import ArtifactError, CalibrationError, ExportError, ParityError
from edgestyle.exporters import generator_recipes
from edgestyle.exporters.avatars import COMPONENTS, AvatarNetworks, export_avatars, load_networks
from edgestyle.exporters.checking import Checker
from edgestyle.exporters.describing import Exported
from edgestyle.exporters.formats import FORMATS, find_avatar_exporter
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.generator_graphs import FoldedGenerator, PlainMapping
from edgestyle.exporters.generator_parity import check_generator
from edgestyle.exporters.generator_recipes import avatar_recipe
from edgestyle.exporters.inspection import count_precisions
from edgestyle.models.mapping import CellMapping, Mapping
from edgestyle.packs.avatars import AvatarPack
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.generator import open_generator, open_inverter, open_mapping
from edgestyle.sidecar import read_sidecar, sidecar_path
from tests.conftest import make_generator, make_inverter, make_mapping

RECIPES = {
    "onnx": ["float32", "float16", "w8", "w8a8"],
    "tflite": ["float32", "float16", "w8", "w8a8"],
    "coreml": ["float32", "float16", "w8", "w6"],
}
SUFFIXES = {name: known.suffix for name, known in FORMATS.items()}
FILES = [(name, recipe) for name, recipes in RECIPES.items() for recipe in recipes]
files = pytest.mark.parametrize(("name", "recipe"), FILES)


@pytest.fixture(scope="module")
def networks(tiny_faces: AvatarPack) -> AvatarNetworks:
    return load_networks(tiny_faces)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faces")


@pytest.fixture(scope="module")
def exported(tiny_faces: AvatarPack, folder: Path) -> list[Exported]:
    return [one for name in RECIPES for one in export_avatars(tiny_faces, folder, [name], RECIPES[name])]


def file_of(folder: Path, component: str, name: str, recipe: str) -> Path:
    return folder / f"tiny-faces-{component}-{recipe}{SUFFIXES[name]}"


def test_a_pack_becomes_three_files_a_format_and_recipe(exported: list[Exported], folder: Path) -> None:
    assert len(exported) == 3 * len(FILES)
    assert {one.component for one in exported} == set(COMPONENTS)
    assert all(one.path.exists() for one in exported)
    assert not list(folder.glob(".part-*"))


@files
def test_sidecars_say_what_a_file_takes_and_gives(
    name: str, recipe: str, exported: list[Exported], folder: Path, tiny_faces: AvatarPack
) -> None:
    for component in COMPONENTS:
        sidecar = read_sidecar(file_of(folder, component, name, recipe))
        assert (sidecar["component"], sidecar["format"], sidecar["recipe"]) == (component, name, recipe)
        assert sidecar["contract_version"] == CONTRACT_VERSION
        assert sidecar["sizes"] == [32]
        assert sidecar["styles"].keys() == tiny_faces.styles.keys()
        assert len(sidecar["mean_style"]) == 12
        assert sidecar["parity"]["comparisons"] == 48
        assert sidecar["licences"]["pack"] == "CC0-1.0"
        assert (sidecar["calibration"] is not None) == (recipe == "w8a8" and component != "mapping")
    tensors = [one["name"] for one in (*sidecar["inputs"], *sidecar["outputs"])]
    assert tensors == ["picture", "style"]
    assert read_sidecar(file_of(folder, "mapping", name, recipe))["latents"] == 10


@files
def test_strength_0_is_one_face_and_values_outside_are_clamped(
    name: str, recipe: str, exported: list[Exported], folder: Path
) -> None:
    runner = open_generator(file_of(folder, "generator", name, recipe))
    styles = [np.full((1, 12), value, np.float32) for value in (0.0, 1.7, -300.0)]
    means = [runner.draw(style, 0.0) for style in styles]
    assert np.array_equal(means[0], means[1])
    assert np.array_equal(means[0], means[2])
    assert np.array_equal(runner.draw(styles[1], -1.0), means[0])
    assert np.array_equal(runner.draw(styles[1], 7.0), runner.draw(styles[1], 1.0))
    assert 0 <= means[0].min() <= means[0].max() <= 1


@files
def test_the_same_seed_is_the_same_face_through_all_three_files(
    name: str, recipe: str, exported: list[Exported], folder: Path, tiny_faces: AvatarPack
) -> None:
    expected = tiny_faces.generator.draw(tiny_faces.style(3)[None], 1.0)
    style = open_mapping(file_of(folder, "mapping", name, recipe)).map(tiny_faces.latent(3)[None])
    generator = open_generator(file_of(folder, "generator", name, recipe))
    found = psnr_db(torch.from_numpy(generator.draw(style, 1.0)), torch.from_numpy(expected))
    assert found > {"float32": 80, "float16": 45, "w8": 28, "w8a8": 25, "w6": 15}[recipe]
    again = open_inverter(file_of(folder, "inverter", name, recipe)).encode(expected)
    assert again.shape == (1, 12)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("cells", [(3, 2), (2,)])
def test_a_mapping_without_axes_left_is_exported_without_an_empty_tensor(
    name: str, cells: tuple[int, ...], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    mapping = CellMapping(cells, sum(cells) - len(cells), (8, 12), 0.1)
    for buffer in mapping.buffers():
        torch.nn.init.normal_(buffer, std=0.3)
    path, latent = tmp_path / f"mapping{SUFFIXES[name]}", torch.randn(1, mapping.latents)
    metadata = {"pack": "tiny-faces", "licence": "CC0-1.0"}
    find_avatar_exporter(FORMATS[name], "mapping")(
        mapping.eval().requires_grad_(False), path, "float32", metadata, None
    )
    found = open_mapping(path).map(latent.numpy())
    assert np.abs(found - mapping(latent).numpy()).max() < 1e-5
    if name == "onnx":
        shapes = onnx.shape_inference.infer_shapes(onnx.load(path)).graph.value_info
        sides = [side for value in shapes for side in value.type.tensor_type.shape.dim]
        assert sides
        assert all(side.dim_param or side.dim_value > 0 for side in sides)


def test_w4_draws_the_same_faces_but_for_its_palettes(networks: AvatarNetworks, tmp_path: Path) -> None:
    path, metadata = tmp_path / "w4.mlpackage", {"pack": "tiny-faces", "licence": "CC0-1.0"}
    find_avatar_exporter(FORMATS["coreml"], "generator")(networks.generator, path, "w4", metadata, None)
    report = check_generator(open_generator(path), networks.faces, avatar_recipe("w4", "generator"), tmp_path)
    assert report.identity_difference == 0


def test_w8a8_convolves_in_integers_from_a_quarter_of_the_size_on(exported: list[Exported], folder: Path) -> None:
    for name, kinds in (("onnx", {"Conv"}), ("tflite", {"CONV_2D", "DEPTHWISE_CONV_2D"})):
        found = count_precisions(file_of(folder, "generator", name, "w8a8"))
        assert sum(found["int8"][kind] for kind in kinds) == 8
        assert sum(found["float32"][kind] for kind in kinds) == 5


PHONE_OPERATORS = {
    "onnx": {"Add", "Sub", "Mul", "Clip", "Reshape", "Gemm", "Relu", "Unsqueeze", "Conv", "Resize", "DepthToSpace"},
    "tflite": {
        "ADD", "SUB", "MUL", "RELU6", "MINIMUM", "RESHAPE", "FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "PAD",
        "RESIZE_NEAREST_NEIGHBOR", "RELU", "TRANSPOSE",
    },
    "coreml": {
        "add", "sub", "mul", "clip", "reshape", "linear", "relu", "expand_dims", "conv", "upsample_nearest_neighbor",
        "pixel_shuffle", "cast",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PHONE_OPERATORS)
def test_a_generator_is_made_of_what_phones_accelerate(name: str, exported: list[Exported], folder: Path) -> None:
    found = count_precisions(file_of(folder, "generator", name, "float32"))
    kinds = {kind for counted in found.values() for kind in counted}
    assert kinds <= PHONE_OPERATORS[name]
    assert sum(counted["TRANSPOSE"] for counted in found.values()) <= 2


def test_files_pass_the_gate_again_from_disk(exported: list[Exported], tiny_faces: AvatarPack) -> None:
    checker = Checker(tiny_faces)
    for one in exported:
        if one.format != "tflite" or one.recipe == "w8a8":
            assert checker.check(one.path).parity == one.parity


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "tflite"}, "does not fit"),
        ({"recipe": "w4"}, "does not fit"),
        ({"component": "encoder"}, "does not fit"),
        ({"network_sha256": "0" * 64}, "other weights"),
        ({"styles": {"mira": {"vector": [0.0]}}}, "other styles"),
        ({"recipe": "w8"}, "not what its sidecar says"),
    ],
)
def test_a_sidecar_that_does_not_fit_is_refused(
    change: dict[str, Any],
    message: str,
    exported: list[Exported],
    folder: Path,
    tiny_faces: AvatarPack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edgestyle.exporters.recipes._FIXED_BYTES", 1000)  # else the tiny file is small enough for w8
    path = Path(shutil.copy(file_of(folder, "generator", "onnx", "float32"), tmp_path))
    sidecar = json.loads(sidecar_path(folder / path.name).read_text())
    sidecar_path(path).write_text(json.dumps(sidecar | change))
    with pytest.raises(ArtifactError, match=message):
        Checker(tiny_faces).check(path)


def test_a_file_that_misses_its_bar_is_not_left_behind(
    tiny_faces: AvatarPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_avatars(tiny_faces, tmp_path, ["onnx"], ["w8"])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setitem(generator_recipes._BARS, "w8", (1e-9, None, None, None))
    with pytest.raises(ParityError, match="w8 allows"):
        export_avatars(tiny_faces, tmp_path, ["onnx"], ["w8"])
    kept = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert kept == before
    assert len(list((tmp_path / "parity-failures").glob("*.png"))) == 2


def test_a_pack_without_an_inverter_gives_two_files(tiny_faces: AvatarPack, tmp_path: Path) -> None:
    components = {name: one for name, one in tiny_faces.components.items() if name != "inverter"}
    without = replace(tiny_faces, components=components)
    assert [one.component for one in export_avatars(without, tmp_path, ["onnx"], ["float32"])] == [
        "generator", "mapping",
    ]  # fmt: skip


def test_what_cannot_be_exported_is_refused_or_told(tiny_faces: AvatarPack, tmp_path: Path) -> None:
    for formats, recipes, message in ((["gguf"], ["float32"], "unknown format"), (["coreml"], ["w8a8"], "no recipe")):
        with pytest.raises(ExportError, match=message):
            export_avatars(tiny_faces, tmp_path, formats, recipes)
    told: list[str] = []
    export_avatars(tiny_faces, tmp_path, ["onnx", "coreml"], ["w8a8"], on_left_out=told.append)
    assert told == ["left out: w8a8 in coreml, which cannot do it"]


@pytest.mark.parametrize("name", ["onnx", "tflite"])
def test_w8a8_without_faces_is_refused(name: str, tmp_path: Path) -> None:
    made = {"generator": make_generator(), "inverter": make_inverter()}
    for component, network in made.items():
        with pytest.raises(CalibrationError, match="calibrated on faces"):
            find_avatar_exporter(FORMATS[name], component)(network, tmp_path / "a", "w8a8", {}, None)


def test_calibration_sees_the_whole_range_of_strengths_and_is_repeatable(networks: AvatarNetworks) -> None:
    calibration = GeneratorCalibration(networks.mapping, networks.generator, faces=6, seed=3)
    first, again = list(calibration.inputs()), list(calibration.inputs())
    assert all(np.array_equal(a["style"], b["style"]) for a, b in zip(first, again, strict=True))
    strengths = [float(one["strength"][0]) for one in first]
    assert strengths[0] == 0
    assert strengths.count(1.0) == 6
    assert len(set(strengths)) == 8
    (picture,) = next(calibration.pictures()).values()
    assert picture.shape == (1, 3, 32, 32)


def test_the_wavelets_are_part_of_the_last_layer() -> None:
    generator = make_generator()
    folded = FoldedGenerator(generator)
    style, strength = torch.randn(3, 12), torch.tensor([0.0, 0.4, 1.0])
    assert torch.allclose(folded(style, strength), generator(style, strength), atol=1e-5)
    assert not hasattr(folded, "merge")


def test_a_mapping_of_plain_layers_gives_the_same_styles() -> None:
    torch.manual_seed(0)
    for mapping in (make_mapping(), Mapping([10, 16, 12], 0.01).eval()):
        latent = torch.randn(5, 10)
        plain = PlainMapping(mapping)
        assert torch.allclose(plain(latent), mapping(latent), atol=1e-5)
        assert bool(plain.exact_layers) == (plain.scores is not None)


def test_the_tables_of_formats_name_real_functions_for_avatars() -> None:
    for known in FORMATS.values():
        assert all(callable(find_avatar_exporter(known, component)) for component in COMPONENTS)
