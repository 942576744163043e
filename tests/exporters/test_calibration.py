"""Integer recipes: what they are calibrated on, how ranges are found, and that their compute is integer indeed."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from edgestyle.errors import CalibrationError, ExportError
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.calibration import bundled_calibration, folder_calibration
from edgestyle.exporters.inspection import convolves_in_int8, count_precisions
from edgestyle.exporters.parity import bundled_photo, parity_photos
from edgestyle.exporters.promises import check_compute
from edgestyle.exporters.quantize_onnx import quantize_weights
from edgestyle.exporters.quantize_tflite import store_weights_as_int8
from edgestyle.exporters.ranges import Extremes, RangeKeeper, Ranges
from edgestyle.exporters.recipes import RECIPES, recipes_of
from edgestyle.exporters.to_onnx import export_onnx
from edgestyle.images import Floats, Picture, Pixels, read_picture, resize, to_floats, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import read_sidecar
from tests.conftest import make_photo

STYLES = [Style("a", (0.0, 1.0)), Style("b", (1.0, 0.0))]
INTEGER = [("onnx", ".onnx"), ("tflite", ".tflite")]
integer = pytest.mark.parametrize(("name", "suffix"), INTEGER)


def test_every_photo_meets_every_style_at_strengths_over_the_whole_range() -> None:
    samples = list(bundled_calibration(STYLES).samples(32, 40))
    assert len(samples) == 8 * 2 * 4
    strengths = np.array([sample.strength for sample in samples])
    assert strengths.min() == 0
    assert strengths.max() == 1
    counts, _ = np.histogram(strengths, 4, (0, 1))
    assert counts.min() >= len(samples) / 10
    assert len(np.unique(strengths)) > len(samples) / 3, "drawn anew for every photo and style"
    assert {sample.image.shape for sample in samples} == {(1, 3, 32, 40)}
    pairs = {(sample.image.tobytes(), sample.style.tobytes()) for sample in samples}
    assert len(pairs) == 8 * 2


def test_nothing_is_calibrated_on_what_it_is_judged_by() -> None:
    bundled = bundled_calibration(STYLES).photos
    assert len(bundled) == 8
    judged = {name: small(read_picture(bundled_photo(name)).pixels) for name in parity_photos()}
    for photo in bundled:
        for name, other in judged.items():
            alike = float(np.corrcoef(small(photo.pixels), other)[0, 1])
            assert alike < 0.9, f"{photo.name} looks like {name}"
    flower = read_picture(bundled_photo("flower")).pixels
    assert float(np.corrcoef(small(flower[16:496, 16:496]), judged["flower"])[0, 1]) > 0.9, "another crop is found"


def small(pixels: Pixels) -> Floats:
    return to_floats(resize(pixels, 8, 8)).reshape(-1)


def test_a_seed_gives_the_same_samples_again() -> None:
    def strengths(seed: int) -> list[float]:
        return [sample.strength for sample in bundled_calibration(STYLES, seed).samples(32, 32)]

    assert strengths(3) == strengths(3)
    assert strengths(3) != strengths(4)


def test_a_folders_damaged_pictures_are_skipped_by_name(photo_folder: Path) -> None:
    lines: list[str] = []
    found = folder_calibration(photo_folder, STYLES, on_skip=lines.append)
    assert [photo.name for photo in found.photos] == ["photo0.png", "photo1.png", "photo2.png"]
    assert found.skipped == ("broken.jpg", "empty.png")
    assert len(lines) == 2
    assert "broken.jpg" in "".join(lines)
    recorded = found.to_json()
    assert recorded["source"] == photo_folder.name
    assert len(recorded["photos"][0]["sha256"]) == 64
    assert all(photo.pixels.shape[0] == photo.pixels.shape[1] for photo in found.photos)


def test_of_many_photos_eight_are_drawn_by_the_seed(tmp_path: Path) -> None:
    for index in range(12):
        write_picture(Picture(make_photo(16, 16, index)), tmp_path / f"{index}.png")

    def names(seed: int) -> list[str]:
        return [photo.name for photo in folder_calibration(tmp_path, STYLES, seed).photos]

    assert len(names(0)) == 8
    assert names(0) == names(0)
    assert names(0) != names(1)


def test_too_few_photos_are_refused(photo_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"no such folder.*give one with two"):
        folder_calibration(tmp_path / "none", STYLES)
    with pytest.raises(CalibrationError, match="no readable picture"):
        folder_calibration(tmp_path, STYLES)
    shutil.copy(photo_folder / "broken.jpg", tmp_path)
    shutil.copy(photo_folder / "photo0.png", tmp_path)
    with pytest.raises(CalibrationError, match="one readable picture only"):
        folder_calibration(tmp_path, STYLES)


def test_a_range_spans_all_samples_and_not_their_average() -> None:
    ranges = Ranges()
    for sample in range(100):
        ranges.observe({"rising": np.full(8, sample / 99, np.float32), "below": np.full(8, -2.0, np.float32)})
    found = ranges.clipped()
    assert found["rising"][0] == 0
    assert found["rising"][1] == pytest.approx(1, abs=0.01)
    assert found["below"] == (pytest.approx(-2, abs=0.01), 0)


def test_a_few_values_far_out_do_not_set_the_range() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, 8192).astype(np.float32)
    ranges = Ranges()
    for _ in range(4):
        ranges.observe({"x": values})
    values[0] = 50
    ranges.observe({"x": values})
    low, high = ranges.clipped()["x"]
    assert -1.05 < low < -0.95
    assert 0.95 < high < 1.05


@pytest.mark.parametrize("keeper", [Ranges(), Extremes()], ids=["percentile", "extremes"])
def test_values_that_are_not_finite_are_refused_by_name(keeper: RangeKeeper) -> None:
    with pytest.raises(CalibrationError, match="'x'"):
        keeper.observe({"x": np.array([np.nan], np.float32)})


def test_extremes_are_those_of_every_value_and_hold_0() -> None:
    extremes = Extremes()
    values = np.zeros(100_000, np.float32)
    values[77] = 9.5
    for sample in (values, np.full(3, -0.25, np.float32)):
        extremes.observe({"x": sample, "above": sample.clip(2), "dead": np.zeros(2, np.float32)})
    found = extremes.clipped()
    assert found["x"] == (-0.25, 9.5)
    assert found["above"] == (0, 9.5)
    assert found["dead"][0] == 0 < found["dead"][1]


@pytest.fixture(scope="module")
def atelier() -> Pack:
    pack = load_pack("atelier")
    return replace(pack, styles={name: pack.styles[name] for name in ("cartoon", "neon")})


@pytest.fixture(scope="module")
def exported(atelier: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("integer")
    calibration = bundled_calibration(list(atelier.styles.values()), seed=5)
    export_pack(atelier, folder, [name for name, _ in INTEGER], ["w8a8"], [64], calibration=calibration)
    export_pack(atelier, folder, ["onnx"], ["w8", "float16"], [64])
    return folder


@integer
def test_w8a8_keeps_its_promises_and_says_what_it_was_calibrated_on(name: str, suffix: str, exported: Path) -> None:
    sidecar = read_sidecar(exported / f"atelier-renderer-w8a8{suffix}")
    assert min(sidecar["parity"]["mean_psnr_db"], sidecar["parity"]["mean_half_psnr_db"]) >= 40
    assert sidecar["parity"]["worst_style_psnr_db"] >= 34
    assert sidecar["parity"]["identity_difference"] == 0
    assert sidecar["size_bytes"] <= 175_000
    assert sidecar["calibration"]["seed"] == 5
    assert sidecar["calibration"]["source"] == "bundled"
    assert len(sidecar["calibration"]["photos"]) == 8
    assert read_sidecar(exported / "atelier-renderer-w8.onnx")["calibration"] is None


@integer
def test_strength_0_is_exact_on_random_floats_and_strength_is_not_quantized(
    name: str, suffix: str, exported: Path, atelier: Pack
) -> None:
    runner = open_runner(exported / f"atelier-renderer-w8a8{suffix}")
    noise = np.random.default_rng(1).random((1, 3, 64, 64), dtype=np.float32)
    style = atelier.style("neon").as_input()
    assert np.array_equal(runner.run(noise, style, 0.0), noise)
    distances = [np.abs(runner.run(noise, style, strength) - noise).mean() for strength in np.linspace(0, 1, 41)]
    assert np.all(np.diff(distances) > 0), "fine steps still count: an int8 strength would stand still on some"


@integer
def test_convolutions_compute_in_int8_and_the_skip_in_float32(name: str, suffix: str, exported: Path) -> None:
    found = count_precisions(exported / f"atelier-renderer-w8a8{suffix}")
    convolutions = {"Conv", "CONV_2D", "DEPTHWISE_CONV_2D"}
    assert sum(found["int8"][kind] for kind in convolutions) == 20
    assert not convolutions & found["float32"].keys()
    assert {"Mul", "MUL"} & found["float32"].keys()
    assert {"Gemm", "FULLY_CONNECTED"} & found["float32"].keys()


def test_only_int8_compute_may_be_called_w8a8(exported: Path) -> None:
    assert convolves_in_int8(exported / "atelier-renderer-w8a8.onnx")
    assert not convolves_in_int8(exported / "atelier-renderer-w8.onnx")
    assert not convolves_in_int8(exported / "atelier-renderer-float16.onnx")
    assert count_precisions(exported / "atelier-renderer-float16.onnx")["float16"]["Conv"] == 20
    with pytest.raises(ExportError, match="not all of its convolutions compute in int8"):
        check_compute(exported / "atelier-renderer-w8.onnx", RECIPES["w8a8"])


def test_one_float_convolution_is_enough_to_lose_the_name(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported / "atelier-renderer-w8a8.onnx")
    last = next(node for node in model.graph.node if "head" in node.name and node.op_type == "Conv")
    quantize = next(node for node in model.graph.node if node.input[:1] == last.output[:1])
    dequantize = next(node for node in model.graph.node if node.input[:1] == quantize.output[:1])
    last.output[0] = dequantize.output[0]
    model.graph.node.remove(quantize)
    model.graph.node.remove(dequantize)
    onnx.save(model, tmp_path / "almost.onnx")
    assert not convolves_in_int8(tmp_path / "almost.onnx")


@integer
def test_a_w8a8_file_whose_convolutions_are_floats_is_refused_and_not_left_behind(
    name: str, suffix: str, atelier: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgestyle.exporters.to_onnx.quantize_convolutions", lambda model, *_: quantize_weights(model))
    monkeypatch.setattr("edgestyle.exporters.to_tflite.convolve_in_int8", lambda path, *_: store_weights_as_int8(path))
    with pytest.raises(ExportError, match="would be called w8a8, but not all of its convolutions compute in int8"):
        export_pack(atelier, tmp_path, [name], ["w8a8"], [64])
    assert list(tmp_path.iterdir()) == []


def test_without_photos_there_is_no_w8a8(atelier: Pack, tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="calibrated on photos"):
        export_onnx(load_renderer(atelier), tmp_path / "x.onnx", "w8a8", [64], {"pack": "atelier"})


def test_ranges_that_stop_short_of_full_strength_fail_the_gate(
    atelier: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timid(found: Ranges) -> dict[str, tuple[np.float32, np.float32]]:
        return {name: (low / 2, high / 2) for name, (low, high) in clipped(found).items()}

    clipped = Ranges.clipped
    monkeypatch.setattr(Ranges, "clipped", timid)
    with pytest.raises(ExportError, match="must reach"):
        export_pack(atelier, tmp_path, ["onnx"], ["w8a8"], [64])
    assert not list(tmp_path.glob("*.onnx"))


def test_core_ml_refuses_w8a8(tiny_pack: Pack, tmp_path: Path) -> None:
    assert "w8a8" not in recipes_of("coreml")
    with pytest.raises(ExportError, match="'coreml' has no recipe 'w8a8'"):
        export_pack(tiny_pack, tmp_path / "out", ["coreml"], ["w8a8"], [32])
