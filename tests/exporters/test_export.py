"""Every format and recipe passes the gate, and what should fail the gate fails it."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from edgestyle.errors import ArtifactError, ContractError, ExportError, OutputError, ParityError
from edgestyle.exporters.bundle import check_file, export_pack
from edgestyle.exporters.formats import FORMATS, find_exporter, plan_exports
from edgestyle.exporters.packing import build_pack
from edgestyle.exporters.parity import Reference, check_parity
from edgestyle.exporters.recipes import RECIPES, find_recipe, recipes_of
from edgestyle.images import Floats, to_floats, to_pixels
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.onnx import OnnxRunner
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_sha256, read_sidecar, sidecar_path

SIZES = [32, 64]
KEYS = {
    "contract_version", "pack", "component", "format", "recipe", "inputs", "outputs", "size_multiple", "styles",
    "sha256", "size_bytes", "parity", "tools", "licences",
}  # fmt: skip
files = pytest.mark.parametrize(
    "name",
    [f"tiny-renderer-{recipe}{known.suffix}" for name, known in FORMATS.items() for recipe in recipes_of(name)],
)


@pytest.fixture(scope="module")
def exported(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for name in FORMATS:
        export_pack(tiny_pack, folder, [name], recipes_of(name), SIZES)
    return folder


@files
def test_each_file_has_a_complete_sidecar(name: str, exported: Path, tiny_pack: Pack) -> None:
    sidecar = read_sidecar(exported / name)
    assert sidecar.keys() >= KEYS
    assert sidecar["parity"]["identity_difference"] == 0
    assert sidecar["parity"]["comparisons"] >= 8 * 2 * 3 * len(SIZES)
    assert sidecar["styles"]["first"]["vector"] == pytest.approx(tiny_pack.style("first").vector)
    assert sidecar["styles"]["first"]["default_strength"] == 1.0
    assert sidecar["licences"]["pack"] == "CC0-1.0"
    assert [tensor["name"] for tensor in sidecar["inputs"]] == ["image", "style", "strength"]


@files
def test_strength_0_is_exact_on_random_floats(name: str, exported: Path, tiny_pack: Pack) -> None:
    runner = open_runner(exported / name)
    noise = np.random.default_rng(1).random((1, 3, 64, 64), dtype=np.float32)
    if runner.pixel_input:
        noise = np.rint(noise * 255).astype(np.float32) / np.float32(255)
    for style in tiny_pack.styles.values():
        assert np.array_equal(runner.run(noise, style.as_input(), 0.0), noise)
        assert not np.array_equal(runner.run(noise, style.as_input(), 0.05), noise)


@files
def test_strengths_beyond_the_ends_are_clamped_in_the_graph(name: str, exported: Path, tiny_pack: Pack) -> None:
    runner = open_runner(exported / name)
    image = np.random.default_rng(1).integers(0, 256, (1, 3, 32, 32)).astype(np.float32) / np.float32(255)
    style = tiny_pack.style().as_input()
    assert np.array_equal(runner.run(image, style, 3.0), runner.run(image, style, 1.0))
    assert np.array_equal(runner.run(image, style, -3.0), image)


@files
def test_a_file_passes_the_gate_again_from_disk(name: str, exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    checked = check_file(exported / name, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)
    assert checked.parity.to_json() == read_sidecar(exported / name)["parity"]


@files
def test_a_changed_or_truncated_file_is_noticed(name: str, exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / name
    if (exported / name).is_dir():
        shutil.copytree(exported / name, path)
        victim = next(part for part in path.rglob("*.bin"))
    else:
        victim = Path(shutil.copy(exported / name, path))
    shutil.copy(sidecar_path(exported / name), sidecar_path(path))
    read_sidecar(path)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    with pytest.raises(ArtifactError, match="changed or cut short"):
        check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)
    victim.write_bytes(data[:-5])
    with pytest.raises(ArtifactError, match="changed or cut short"):
        check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)


def test_onnx_takes_any_multiple_and_says_what_it_is(exported: Path, tiny_pack: Pack) -> None:
    path = exported / "tiny-renderer-float32.onnx"
    image = np.random.default_rng(1).random((1, 3, 40, 96), dtype=np.float32)
    assert OnnxRunner(path).run(image, tiny_pack.style().as_input(), 1.0).shape == image.shape
    model = onnx.load(path)
    assert model.ir_version <= 10
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    for node in convolutions:
        given = {attribute.name for attribute in node.attribute}
        assert given >= {"strides", "dilations", "group", "kernel_shape", "pads"}
    assert check_embedded({entry.key: entry.value for entry in model.metadata_props})


def test_onnx_float16_keeps_skip_and_strength_in_float32(exported: Path) -> None:
    model = onnx.load(exported / "tiny-renderer-float16.onnx")
    weights = [w for w in model.graph.initializer if len(w.dims) > 1]
    assert {w.data_type for w in weights if len(w.dims) == 4} == {onnx.TensorProto.FLOAT16}
    tail = [node.op_type for node in model.graph.node if node.op_type != "Constant"][-3:]
    assert tail == ["Mul", "Add", "Clip"]
    types = {tensor.type.tensor_type.elem_type for tensor in (*model.graph.input, *model.graph.output)}
    assert types == {onnx.TensorProto.FLOAT}


def test_tflite_has_a_signature_per_size_and_says_what_it_is(exported: Path) -> None:
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.interpreter import Interpreter

    path = exported / "tiny-renderer-float16.tflite"
    signatures = Interpreter(model_path=str(path)).get_signature_list()
    assert sorted(signatures) == ["s32", "s64"]
    assert sorted(signatures["s64"]["inputs"]) == ["image", "strength", "style"]
    assert signatures["s64"]["outputs"] == ["stylized"]
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    entries = {
        e.name.decode(): bytes(model.buffers[e.buffer].data).decode() for e in model.metadata if b"edge" in e.name
    }
    assert check_embedded({key.removeprefix("edgestyle."): value for key, value in entries.items()})


def test_core_ml_takes_images_of_the_sizes_and_says_what_it_is(exported: Path) -> None:
    import coremltools as ct

    spec = ct.models.MLModel(str(exported / "tiny-renderer-float16.mlpackage"), skip_model_load=True).get_spec()
    image = next(entry for entry in spec.description.input if entry.name == "image").type.imageType
    sizes = {(size.width, size.height) for size in image.enumeratedSizes.sizes}
    assert sizes == {(32, 32), (64, 64)}
    assert spec.description.output[0].type.WhichOneof("Type") == "imageType"
    metadata = dict(spec.description.metadata.userDefined)
    assert check_embedded({k.removeprefix("edgestyle."): v for k, v in metadata.items()})
    strength = next(entry for entry in spec.description.input if entry.name == "strength")
    assert "0 leaves the picture untouched" in strength.shortDescription


def check_embedded(metadata: dict[str, str]) -> bool:
    assert metadata["pack"] == "tiny"
    assert metadata["licence"] == "CC0-1.0"
    assert metadata["strength_range"].startswith("0 to 1")
    return list(json.loads(metadata["styles"])) == ["first", "second"]


class Crooked(OnnxRunner):
    """A runtime that draws a wrong picture for one style above one strength."""

    style_sum = 0.0
    error = np.float32(0.001)

    def run(self, image: Floats, style: Floats, strength: float) -> Floats:
        honest = super().run(image, style, strength)
        wrong = strength >= 0.5 and abs(float(style.sum()) - self.style_sum) < 1e-6
        return honest + self.error if wrong else honest


def gate(runner: OnnxRunner, pack: Pack, recipe: str, tmp_path: Path) -> Any:
    reference = Reference(load_renderer(pack))
    return check_parity(runner, reference, list(pack.styles.values()), RECIPES[recipe], [(32, 32)], tmp_path)


def test_the_gate_names_style_and_strength_and_shows_both_pictures(
    exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    runner = Crooked(exported / "tiny-renderer-float32.onnx")
    runner.style_sum = float(tiny_pack.style("second").as_input().sum())
    with pytest.raises(ParityError, match=r"style 'second' at strength 0\.5 differs by 0\.001") as caught:
        gate(runner, tiny_pack, "float32", tmp_path)
    pictures = re.findall(r"\S+\.png", str(caught.value))
    assert len(pictures) == 2
    assert all(Path(picture).is_file() for picture in pictures)
    runner.error = np.float32(0.01)
    with pytest.raises(ParityError, match=r"40.* dB from the network"):
        gate(runner, tiny_pack, "float16", tmp_path)


def test_the_gate_notices_a_strength_0_that_is_not_exact(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    class AlmostIdentity(OnnxRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            return np.clip(super().run(image, style, strength) * np.float32(1 - 1e-7), 0, 1)

    with pytest.raises(ParityError, match="strength 0"):
        gate(AlmostIdentity(exported / "tiny-renderer-float32.onnx"), tiny_pack, "float32", tmp_path)


def test_the_gate_notices_an_identity_that_holds_for_photos_only(
    exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    class PhotosOnly(OnnxRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            honest = super().run(image, style, strength)
            eight_bit = np.array_equal(np.rint(image * 255).astype(np.float32) / np.float32(255), image)
            return honest if eight_bit else honest * np.float32(np.nan)

    with pytest.raises(ParityError, match=r"strength 0 has values that are not finite.*noise"):
        gate(PhotosOnly(exported / "tiny-renderer-float32.onnx"), tiny_pack, "float16", tmp_path)


def test_pixels_may_be_one_level_off_and_no_more(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    class Pixels(OnnxRunner):
        pixel_input = pixel_output = True
        levels = 1

        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            pixels = to_pixels(super().run(image, style, strength)).astype(int)
            off = np.where(pixels < 128, self.levels, -self.levels) if strength else 0
            return to_floats((pixels + off).astype(np.uint8))

    runner = Pixels(exported / "tiny-renderer-float32.onnx")
    for recipe in ("float32", "float16"):
        runner.levels = 1
        assert gate(runner, tiny_pack, recipe, tmp_path).identity_difference == 0
        runner.levels = 2
        with pytest.raises(ParityError, match="2 levels off"):
            gate(runner, tiny_pack, recipe, tmp_path)


def test_the_gate_notices_another_shape(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    class Small(OnnxRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            return super().run(image, style, strength)[:, :1]

    with pytest.raises(ParityError, match=r"has shape \[1, 1, 32, 32\]"):
        gate(Small(exported / "tiny-renderer-float32.onnx"), tiny_pack, "float32", tmp_path)


def test_the_gate_notices_nan(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    class Broken(OnnxRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            honest = super().run(image, style, strength)
            return honest * np.float32(np.nan) if strength == 1 else honest

    with pytest.raises(ParityError, match="not finite"):
        gate(Broken(exported / "tiny-renderer-float32.onnx"), tiny_pack, "float32", tmp_path)


def test_a_file_that_fails_is_not_left_behind(tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = replace(RECIPES["float16"], max_difference=1e-9, min_psnr_db=None)
    monkeypatch.setitem(RECIPES, "float16", strict)
    with pytest.raises(ParityError):
        export_pack(tiny_pack, tmp_path, ["onnx"], ["float32", "float16"], [32])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"tiny-renderer-float32.onnx", "tiny-renderer-float32.onnx.json", "parity-failures"}


def test_a_pack_that_fails_parity_leaves_its_pictures_and_no_pack(
    tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "float32", replace(RECIPES["float32"], max_difference=-1.0))
    about = {"title": "", "description": "", "licence": "CC0-1.0", "training": {}}
    with pytest.raises(ParityError) as caught:
        build_pack(tmp_path / "pack", "tiny", load_renderer(tiny_pack), list(tiny_pack.styles.values()), about)
    pictures = re.findall(r"\S+\.png", str(caught.value))
    assert len(pictures) == 2
    assert all(Path(picture).is_file() for picture in pictures)
    assert [path.name for path in tmp_path.iterdir()] == ["parity-failures"]


def test_exporting_again_replaces_files_and_folders(exported: Path, tiny_pack: Pack) -> None:
    path = exported / "tiny-renderer-float32.mlpackage"
    (path / "stale").write_text("x")
    export_pack(tiny_pack, exported, ["coreml"], ["float32"], SIZES)
    assert not (path / "stale").exists()
    assert read_sidecar(path)["sha256"] == file_sha256(path)
    assert not list(exported.glob(".part-*"))


@pytest.mark.parametrize(
    ("formats", "recipes", "sizes", "error"),
    [
        (["onnx", "nope"], ["float32"], [32], ExportError),
        (["onnx"], ["w3"], [32], ExportError),
        (["onnx"], ["float32"], [33], ContractError),
        (["onnx"], ["float32"], [8192], ExportError),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(
    formats: list[str], recipes: list[str], sizes: list[int], error: type[Exception], tiny_pack: Pack, tmp_path: Path
) -> None:
    with pytest.raises(error):
        export_pack(tiny_pack, tmp_path / "out", formats, recipes, sizes)
    assert not (tmp_path / "out").exists()


def test_a_recipe_a_format_lacks_names_the_ones_it_has() -> None:
    with pytest.raises(ExportError, match="float32, float16"):
        find_recipe("w3", "onnx")


def test_a_folder_that_cannot_be_written_is_one_clear_error(tiny_pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot write"):
        export_pack(tiny_pack, tmp_path / "file" / "out", ["onnx"], ["float32"], [32])


@pytest.mark.parametrize(
    "change",
    [
        {"contract_version": 99},
        {"pack": 3},
        {"format": None},
        {"sizes": []},
        {"sizes": ["a"]},
        {"sizes": [10**9]},
        {"styles": {}},
        {"styles": {"first": 3}},
        {"sha256": "0" * 64},
    ],
)
def test_a_damaged_sidecar_is_refused(change: dict[str, Any], exported: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported / "tiny-renderer-float32.onnx", tmp_path))
    for text in ("", "[]", "{}"):
        sidecar_path(path).write_text(text)
        with pytest.raises(ArtifactError):
            read_sidecar(path)
    sidecar = json.loads(sidecar_path(exported / path.name).read_text())
    sidecar_path(path).write_text(json.dumps(sidecar | change))
    with pytest.raises(ArtifactError):
        read_sidecar(path)


@pytest.mark.parametrize("change", [{"format": "tflite"}, {"recipe": "w3"}, {"styles": {"first": {"vector": [0.0]}}}])
def test_a_sidecar_that_does_not_fit_its_file_or_pack_is_refused(
    change: dict[str, Any], exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    path = Path(shutil.copy(exported / "tiny-renderer-float32.onnx", tmp_path))
    sidecar = json.loads(sidecar_path(exported / path.name).read_text())
    sidecar_path(path).write_text(json.dumps(sidecar | change))
    with pytest.raises(ArtifactError):
        check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)


def test_a_pack_whose_weights_changed_no_longer_matches_its_files(
    exported: Path, tiny_pack: Pack, tmp_path: Path
) -> None:
    from tests.conftest import TINY, make_renderer

    runner = open_runner(exported / "tiny-renderer-float32.onnx")
    other = Reference(make_renderer(TINY, seed=1))
    with pytest.raises(ParityError):
        check_parity(runner, other, [tiny_pack.style()], RECIPES["float32"], [(32, 32)], tmp_path)


def test_a_sidecar_of_other_weights_is_refused(exported: Path, tiny_pack: Pack, tmp_path: Path) -> None:
    path = Path(shutil.copy(exported / "tiny-renderer-float32.onnx", tmp_path))
    sidecar = json.loads(sidecar_path(exported / path.name).read_text())
    sidecar_path(path).write_text(json.dumps(sidecar | {"network_sha256": "0" * 64}))
    with pytest.raises(ArtifactError, match="exported from other weights"):
        check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)
    del sidecar["network_sha256"]
    sidecar_path(path).write_text(json.dumps(sidecar))
    check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path)


def test_what_does_not_go_together_is_refused_or_left_out_and_told() -> None:
    lines: list[str] = []
    jobs = plan_exports(["onnx", "coreml"], ["w6", "w8a8", "w8"], lines.append)
    assert [(name, recipe.name) for name, recipe in jobs] == [
        ("onnx", "w8a8"), ("onnx", "w8"), ("coreml", "w6"), ("coreml", "w8"),
    ]  # fmt: skip
    assert lines == ["left out: w6 in onnx, which cannot do it", "left out: w8a8 in coreml, which cannot do it"]
    with pytest.raises(ExportError, match="'onnx' has no recipe 'w6'"):
        plan_exports(["onnx", "coreml"], ["w6"])
    with pytest.raises(ExportError, match="'onnx' has no recipe 'w3'"):
        plan_exports(["onnx", "coreml"], ["w3"], lines.append)


def test_the_table_of_formats_names_real_functions() -> None:
    for known in FORMATS.values():
        assert callable(find_exporter(known))
