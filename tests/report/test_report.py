"""The report measures what it says, says what is not worth it, and judges a file by its graph and not by its name."""

import shutil
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

from edgestyle.bench.statistics import LatencySummary
from edgestyle.errors import ArtifactError, PictureError
from edgestyle.exporters.bundle import export_pack
from edgestyle.images import Picture, write_picture
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.report.measuring import (
    Closeness,
    FileReport,
    Worst,
    folder_photos,
    measure_file,
    report_photos,
    time_files,
)
from edgestyle.report.pages import markdown_page, worst_pair, write_pages
from edgestyle.report.readiness import Readiness, check_readiness, gpu_refusal
from edgestyle.report.verdicts import verdicts
from tests.cli.test_commands import run
from tests.conftest import make_photo

SIZE = 64


@pytest.fixture(scope="module")
def atelier() -> Pack:
    pack = load_pack("atelier")
    return replace(pack, styles={name: pack.styles[name] for name in ("cartoon", "neon")})


@pytest.fixture(scope="module")
def exported(atelier: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export_pack(atelier, folder, ["onnx"], ["float32", "w8", "w8a8"], [SIZE])
    export_pack(atelier, folder, ["tflite", "coreml"], ["float16"], [SIZE])
    export_pack(atelier, folder, ["tflite"], ["float32", "w8"], [SIZE], io="uint8")
    export_pack(atelier, folder, ["tflite"], ["float32"], [SIZE])
    return folder


def measured(path: Path, pack: Pack) -> FileReport:
    photos = {name: photo for name, photo in report_photos(SIZE).items() if name in ("chelsea", "alps")}
    return measure_file(path, load_renderer(pack), list(pack.styles.values()), photos)


def test_closeness_is_measured_by_style_and_strength(exported: Path, atelier: Pack) -> None:
    exact = measured(exported / "atelier-renderer-float32.onnx", atelier)
    coarse = measured(exported / "atelier-renderer-w8a8.onnx", atelier)
    assert [(one.style, one.strength) for one in coarse.closeness] == [
        ("cartoon", 0.5), ("cartoon", 1.0), ("neon", 0.5), ("neon", 1.0),
    ]  # fmt: skip
    assert exact.mean_psnr_db(1.0) > 100 > coarse.mean_psnr_db(1.0) > 30
    assert exact.worst_style.ssim > coarse.worst_style.ssim
    assert coarse.worst.psnr_db == pytest.approx(
        -10 * np.log10(np.square(coarse.worst.got - coarse.worst.expected, dtype=np.float64).mean())
    )
    assert coarse.int8
    assert not exact.int8


def test_a_file_is_called_int8_by_its_graph_and_not_by_its_name(exported: Path, atelier: Pack) -> None:
    impostor = replace(measured(exported / "atelier-renderer-w8.onnx", atelier), recipe="w8a8")
    assert "not all of its convolutions compute in 8-bit integers" in verdicts([impostor])[0]


def test_files_are_timed_in_turns(exported: Path, atelier: Pack) -> None:
    paths = sorted(path for path in exported.iterdir() if path.suffix in (".onnx", ".mlpackage"))
    times = time_files(paths, atelier.style(), SIZE, rounds=3)
    assert {name for name in times if name.endswith(".onnx")} == {p.name for p in paths if p.suffix == ".onnx"}
    assert all(latency.runs == 3 for latency in times.values())


PICTURE = np.full((1, 3, 8, 8), 0.5, np.float32)


def fake(
    recipe: str, ms: float, size_bytes: int = 100, db: float = 40.0, name: str = "", pixels: bool = False
) -> FileReport:
    """A file whose median is certain to 1%."""
    latency = LatencySummary(ms, ms, ms, ms * 0.99, ms * 1.01, 30)
    closeness = tuple(Closeness("one", strength, db, 0.99) for strength in (0.5, 1.0))
    worst = Worst("one", 1.0, "photo", db, PICTURE, PICTURE + np.float32(0.01))
    ready = (Readiness("accelerator", "source", 9, {"ODD": 2}),)
    precisions = {"float32": Counter({"Conv": 3})}
    file_name = name or f"pack-{recipe}.onnx"
    return FileReport(
        file_name,
        "onnx",
        recipe,
        size_bytes,
        recipe == "w8a8",
        precisions,
        closeness,
        worst,
        ready,
        "runtime 1",
        latency,
        pixels,
    )


def test_what_is_slower_is_said_not_to_be_worth_it() -> None:
    (sentence,) = verdicts([fake("float32", 10, 200), fake("w8", 12)])
    assert sentence == (
        "pack-w8.onnx is not worth it for speed in runtime 1 here: slower than float32 "
        "(12.0 ms against 10.0 ms, one thread)."
    )


def test_what_is_faster_is_said_to_be_and_what_is_not_certain_is_not() -> None:
    (faster,) = verdicts([fake("float32", 10, 200), fake("w8", 5)])
    assert "2.00 times as fast" in faster
    (same,) = verdicts([fake("float32", 10, 200), fake("w8", 10.1)])
    assert "no difference to float32 is certain" in same


def test_what_is_bigger_or_beaten_by_w8_is_said_not_to_be_worth_it() -> None:
    assert "no smaller than float32" in verdicts([fake("float32", 10, 100), fake("w8", 5, 100)])[1]
    files = [fake("float32", 10, 200), fake("w8", 9, db=50), fake("w8a8", 9, db=40)]
    assert any("pack-w8a8.onnx is not worth it here: pack-w8.onnx is no slower" in s for s in verdicts(files))
    files[2] = fake("w8a8", 5, db=40)
    assert not any("is not worth it" in sentence for sentence in verdicts(files))


def test_files_of_bytes_and_of_floats_are_not_measured_against_each_other() -> None:
    floats, bytes_ = fake("float32", 10, 200), fake("float32", 30, 210, pixels=True)
    small = [fake("w8", 5), fake("w8", 25, 110, name="w8-uint8.onnx", pixels=True)]
    found = verdicts([floats, bytes_, *small])
    assert len(found) == 2
    assert "2.00 times as fast as float32" in found[0]
    assert "1.20 times as fast as float32" in found[1]
    assert verdicts([floats, small[1]]) == [], "there is no float32 file of bytes to go by"


def test_the_kind_of_pictures_is_read_from_the_file(exported: Path, atelier: Pack) -> None:
    assert measured(exported / "atelier-renderer-w8-uint8.tflite", atelier).pixels
    assert not measured(exported / "atelier-renderer-float16.tflite", atelier).pixels
    assert not measured(exported / "atelier-renderer-float16.mlpackage", atelier).pixels, "it has no other kind"


def test_without_a_reference_or_times_there_is_nothing_to_say() -> None:
    assert verdicts([fake("w8", 5)]) == []
    untimed = [replace(fake(recipe, 5, size), latency=None) for recipe, size in (("float32", 200), ("w8a8", 100))]
    assert verdicts(untimed) == []


def test_pages_hold_every_number_and_escape_names(tmp_path: Path) -> None:
    files = [fake("float32", 10, 200_000), fake("w8", 12, 100_000, name="<b>.onnx")]
    paths = write_pages("A & B", files, tmp_path / "out")
    assert [path.name for path in paths] == ["report.md", "index.html"]
    page = paths[1].read_text(encoding="utf-8")
    assert "A &amp; B" in page
    assert "<b>" not in page
    assert page.count("data:image/jpeg") == 2 * 3
    assert "http" not in page.replace("https://", "http://").split("<body>")[0]
    text = markdown_page("A", files)
    for expected in ("| 100 |", "40.0 dB", "2x ODD, of 9 operators (source)", "not worth it for speed"):
        assert expected in text


def test_a_title_is_no_markup(tmp_path: Path) -> None:
    title = "Mine\n\n# <script>alert(1)</script> [x](http://y) *z*"
    text = markdown_page(title, [fake("float32", 10)])
    assert text.splitlines()[0] == r"# Mine # \<script\>alert(1)\</script\> \[x\](http://y) \*z\*"
    assert text.count("\n# ") == 0
    assert "| a\\|b.onnx |" in markdown_page("", [fake("float32", 10, name="a|b.onnx")])


def test_the_difference_is_amplified_around_grey() -> None:
    pictures = dict(worst_pair(Worst("one", 1.0, "photo", 40.0, PICTURE, PICTURE + np.float32(0.02))))
    assert pictures["difference x10"].mean() == pytest.approx(0.7 * 255, abs=1)


def test_onnx_runtimes_checker_takes_every_operator_of_the_fixed_copy(exported: Path) -> None:
    for one in check_readiness(exported / "atelier-renderer-float32.onnx", SIZE):
        assert one.refused == {}
        assert one.operators > 50


def test_an_operator_that_accelerators_lack_is_named(exported: Path, tmp_path: Path) -> None:
    model = onnx.load(exported / "atelier-renderer-float32.onnx")
    next(node for node in model.graph.node if node.op_type == "Relu").op_type = "Softsign"
    onnx.save(model, tmp_path / "odd.onnx")
    assert all("Softsign" in " ".join(one.refused) for one in check_readiness(tmp_path / "odd.onnx", SIZE))


def test_the_gpu_delegates_rules() -> None:
    assert gpu_refusal("CONV_2D", 4, {"FLOAT32"}) is None
    assert gpu_refusal("SLICE", 4, {"FLOAT32"}) is None
    assert gpu_refusal("SLICE", 2, {"FLOAT32"}) == "SLICE of 2 axes"
    assert gpu_refusal("CAST", 4, {"UINT8", "FLOAT32"}) == "CAST of FLOAT32 and UINT8"
    assert gpu_refusal("RELU_0_TO_1", 4, {"FLOAT32"}) == "RELU_0_TO_1"


def test_bytes_are_cast_on_the_cpu_and_the_skip_leaves_the_neural_engine(exported: Path) -> None:
    (gpu,) = check_readiness(exported / "atelier-renderer-float32-uint8.tflite", SIZE)
    assert any("CAST" in reason for reason in gpu.refused)
    (engine,) = check_readiness(exported / "atelier-renderer-float16.mlpackage", SIZE)
    assert "float32 add" in engine.refused
    assert "float32 conv" not in engine.refused


@pytest.mark.parametrize("name", ["float32.tflite", "float16.tflite"])
def test_the_gpu_delegate_takes_every_operator(name: str, exported: Path) -> None:
    (gpu,) = check_readiness(exported / f"atelier-renderer-{name}", SIZE)
    assert gpu.refused == {}
    assert gpu.operators > 60


def test_the_cpu_delegate_leaves_one_operator_to_a_plain_kernel(exported: Path, atelier: Pack) -> None:
    found = {one.target: one for one in measured(exported / "atelier-renderer-float32.tflite", atelier).readiness}
    assert found.keys() == {"TFLite GPU delegate", "XNNPACK"}
    assert found["XNNPACK"].refused == {"RESIZE_NEAREST_NEIGHBOR": 1}
    assert found["XNNPACK"].operators == found["TFLite GPU delegate"].operators


def test_of_bytes_the_gpu_delegate_refuses_the_two_casts_only(exported: Path) -> None:
    (gpu,) = check_readiness(exported / "atelier-renderer-float32-uint8.tflite", SIZE)
    assert gpu.refused == {"CAST of FLOAT32 and UINT8": 2}


def test_large_photos_are_read_one_at_a_time(tmp_path: Path) -> None:
    for index in range(4):
        write_picture(Picture(make_photo(1500, 2000, index)), tmp_path / f"{index}.jpg")
    tracemalloc.start()
    found = folder_photos(tmp_path, SIZE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [photo.shape for photo in found.values()] == [(SIZE, SIZE, 3)] * 4
    assert most < 3 * 1500 * 2000 * 3, "three such photos would not fit"


def test_photos_of_a_folder_become_squares(photo_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"broken\.jpg"):
        folder_photos(photo_folder, SIZE)
    with pytest.raises(PictureError, match="no picture"):
        folder_photos(tmp_path, SIZE)
    with pytest.raises(ArtifactError, match="no exported file"):
        check_readiness(tmp_path / "x.pt", SIZE)


def test_the_command_writes_a_report_of_files_that_belong_to_the_pack(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    export_pack(load_pack("atelier"), folder, ["onnx"], ["float32", "w8"], [SIZE])
    run("report", folder, "-o", tmp_path / "out", "--rounds", 2)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "atelier-renderer-w8.onnx" in text
    assert "in onnxruntime" in text
    assert (tmp_path / "out" / "index.html").is_file()
    others = shutil.copytree(load_pack("atelier").folder, tmp_path / "pack")
    weights = load_file(others / "renderer.safetensors")
    weights["head.bias"] = weights["head.bias"] + 0.01
    save_file(weights, others / "renderer.safetensors")
    done = run("report", folder, "-o", tmp_path / "no", "--pack", others, check=False)
    assert done.returncode == 2
    assert "was exported from other weights than those in the pack 'atelier'" in done.stderr
    sidecar = folder / "atelier-renderer-w8.onnx.json"
    sidecar.write_text(sidecar.read_text().replace('"cartoon"', '"comic"'))
    done = run("report", folder, "-o", tmp_path / "no", check=False)
    assert done.returncode == 2
    assert "other styles than the pack 'atelier'" in done.stderr
    assert not (tmp_path / "no").exists()
