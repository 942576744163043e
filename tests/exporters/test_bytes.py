"""TFLite files that take and give 8-bit pixels."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from edgestyle.errors import ExportError, ParityError
from edgestyle.exporters.bundle import check_file, export_pack
from edgestyle.exporters.parity import Reference, check_parity, parity_photo
from edgestyle.exporters.recipes import RECIPES
from edgestyle.images import Floats, to_floats, to_pixels
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.runtime.runner import open_runner
from edgestyle.runtime.tflite import TFLiteRunner
from edgestyle.sidecar import read_sidecar

NAMES = {recipe: f"atelier-renderer-{recipe}-uint8.tflite" for recipe in ("float32", "w8a8")}
files = pytest.mark.parametrize("recipe", NAMES)


@pytest.fixture(scope="module")
def atelier() -> Pack:
    pack = load_pack("atelier")
    return replace(pack, styles={name: pack.styles[name] for name in ("cartoon", "neon")})


@pytest.fixture(scope="module")
def exported(atelier: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bytes")
    export_pack(atelier, folder, ["tflite"], list(NAMES), [64, 32], io="uint8")
    return folder


@files
def test_pictures_are_bytes_and_the_sidecar_says_so(recipe: str, exported: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(exported / NAMES[recipe]))
    for name in ("s64", "s32"):
        runner = interpreter.get_signature_runner(name)
        assert runner.get_input_details()["image"]["dtype"] is np.uint8
        assert runner.get_output_details()["stylized"]["dtype"] is np.uint8
        assert runner.get_input_details()["strength"]["dtype"] is np.float32
    sidecar = read_sidecar(exported / NAMES[recipe])
    pictures = [t for t in (*sidecar["inputs"], *sidecar["outputs"]) if t["name"] in ("image", "stylized")]
    assert [(t["dtype"], t["shape"], t["range"]) for t in pictures] == [("uint8", [1, None, None, 3], [0, 255])] * 2


@files
def test_strength_0_gives_the_same_bytes_back(recipe: str, exported: Path, atelier: Pack) -> None:
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(model_path=str(exported / NAMES[recipe])).get_signature_runner("s64")
    every_byte = np.random.default_rng(0).permutation(np.arange(64 * 64 * 3) % 256).reshape(1, 64, 64, 3)
    image = every_byte.astype(np.uint8)
    for style in atelier.styles.values():
        same = run(image=image, style=style.as_input(), strength=np.zeros(1, np.float32))["stylized"]
        assert np.array_equal(same, image)
        other = run(image=image, style=style.as_input(), strength=np.ones(1, np.float32))["stylized"]
        assert not np.array_equal(other, image)


@files
def test_a_file_passes_the_gate_again_from_disk(recipe: str, exported: Path, atelier: Pack, tmp_path: Path) -> None:
    checked = check_file(exported / NAMES[recipe], atelier, Reference(load_renderer(atelier)), tmp_path)
    assert checked.parity.to_json() == read_sidecar(exported / NAMES[recipe])["parity"]


def test_float32_is_at_most_one_level_from_the_rounded_picture(exported: Path, atelier: Pack) -> None:
    runner, reference = open_runner(exported / NAMES["float32"]), load_renderer(atelier)
    import torch

    image, style = parity_photo("chelsea", 64, 64), atelier.style("neon").as_input()
    expected = reference(torch.from_numpy(image), torch.from_numpy(style), torch.ones(1)).numpy()
    levels = np.abs(to_pixels(runner.run(image, style, 1.0)).astype(int) - to_pixels(expected))
    assert levels.max() <= 1
    assert levels.mean() < 0.01, "rounded, not cut off"


def test_a_file_that_is_two_levels_off_fails(exported: Path, atelier: Pack, tmp_path: Path) -> None:
    class Off(TFLiteRunner):
        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            pixels = to_pixels(super().run(image, style, strength)).astype(int)
            return to_floats(np.clip(pixels + (2 if strength else 0), 0, 255).astype(np.uint8))

    runner, styles = Off(exported / NAMES["float32"]), list(atelier.styles.values())
    with pytest.raises(ParityError, match="2 levels off"):
        check_parity(runner, Reference(load_renderer(atelier)), styles, RECIPES["float32"], [(64, 64)], tmp_path)


@pytest.mark.parametrize(("name", "io"), [("onnx", "uint8"), ("coreml", "uint8"), ("tflite", "int4")])
def test_other_formats_and_kinds_are_refused_before_any_work(
    name: str, io: str, tiny_pack: Pack, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=r"tflite does|known: float32, uint8"):
        export_pack(tiny_pack, tmp_path / "out", [name], ["float32"], [32], io=io)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("db", [45.0, 60.0, 80.0])
def test_a_promise_by_layer_is_kept_or_broken_before_the_rounding(db: float, atelier: Pack, tmp_path: Path) -> None:
    network = load_renderer(atelier)
    noise = np.random.default_rng(0).normal(0, 10 ** (-db / 20), (1, 3, 64, 64)).astype(np.float32)

    class Noisy:
        runtime, pixel_input, pixel_output = "test", True, True

        def run(self, image: Floats, style: Floats, strength: float) -> Floats:
            with torch.no_grad():
                drawn = network(*map(torch.from_numpy, (image, style)), torch.tensor([strength])).numpy()
            return to_floats(to_pixels(drawn + noise * (strength > 0)))

    by_layer = replace(RECIPES["w8"], name="mine", layers={"stem": "w8"})
    promised = replace(by_layer, min_mean_psnr_db=db - 1, min_style_psnr_db=db - 2)
    noisy: Any = Noisy()
    gate = partial(check_parity, noisy, Reference(network), list(atelier.styles.values()))
    report = gate(promised, [(64, 64)], tmp_path)
    assert report.mean_psnr_db == pytest.approx(db, abs=0.9)  # where a value is cut off at 0 or 1, so is its noise
    for layers, weight_bits in (({"stem": "w8"}, 8), ({"stem": "float16"}, 16)):
        broken = replace(promised, layers=layers, weight_bits=weight_bits, min_mean_psnr_db=db + 2)
        with pytest.raises(ParityError, match=r"must reach|levels off"):
            gate(broken, [(64, 64)], tmp_path)
