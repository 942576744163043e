"""Measuring in a real Chromium."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Error

from edgestyle.bench.browsing import session
from edgestyle.bench.browsing.finding import PACKAGES, Tools, find_tools
from edgestyle.bench.browsing.serving import serve
from edgestyle.bench.browsing.session import open_page
from edgestyle.bench.browsing.tensors import describe_disagreement
from edgestyle.bench.browsing.worker import run_jobs
from edgestyle.bench.jobs import Job, make_job
from edgestyle.bench.measuring import Plan
from edgestyle.bench.results import Result, append, read_results
from edgestyle.bench.targets import ACCELERATORS_THERE
from edgestyle.bench.targets.browser import BrowserTarget
from edgestyle.errors import ArtifactError, MissingExtraError, TargetError
from edgestyle.exporters.avatars import export_avatars
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.packing import build_pack
from edgestyle.packs.avatars import AvatarPack
from edgestyle.packs.pack import Pack, Style
from edgestyle.sidecar import file_sha256, file_size_bytes
from tests.conftest import TINY, make_renderer
from tests.independent.conftest import need

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
QUICK = Plan(min_runs=3, min_seconds=0.01, max_warmup_seconds=0.05)
LONG = Plan(min_runs=3, min_seconds=120, max_warmup_seconds=0.05)


@pytest.fixture(scope="module")
def tools() -> Tools:
    try:
        return find_tools({".onnx", ".tflite"}, ROOT)
    except TargetError as error:
        need(False, str(error))
        raise


@pytest.fixture(scope="module")
def folder(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    export_pack(tiny_pack, folder, ["onnx", "tflite", "coreml"], ["float32"], [32])
    return folder


@pytest.fixture(scope="module")
def faces(tiny_faces: AvatarPack, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    exported = export_avatars(tiny_faces, tmp_path_factory.mktemp("faces"), ["onnx"], ["float32"])
    return [file.path for file in exported]


@pytest.fixture(autouse=True)
def in_checkout(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tools.packages.parents[1])


def job(folder: Path, suffix: str = "onnx", threads: int = 1, accelerator: str | None = None) -> Job:
    known = ACCELERATORS_THERE["browser"]
    return make_job(folder / f"tiny-renderer-float32.{suffix}", 32, threads, accelerator, known)


def measure(jobs: list[Job], plan: Plan = QUICK) -> list[Result]:
    return list(BrowserTarget().measure(jobs, plan))


def is_same_picture(row: Result) -> bool:
    """Equal, or so close that nobody sees it."""
    assert row.agreement is not None, row.error
    return row.agreement["psnr_db"] is None or row.agreement["psnr_db"] >= 50


def processes(kind: str) -> list[int]:
    """Chromium's of a kind that this test started."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_text() if folder.name.isdigit() else ""
        except OSError:
            continue
        if f"--type={kind}" in words and os.getpid() in ancestors(int(folder.name)):
            found.append(int(folder.name))
    return found


def ancestors(process: int) -> list[int]:
    """A process, its parent, and so on."""
    found = [process]
    while found[-1] > 1:
        try:
            found.append(int(Path(f"/proc/{found[-1]}/stat").read_text().rpartition(")")[2].split()[1]))
        except OSError:
            break
    return found


def cpu_seconds(process: int) -> float:
    """That a process has used so far."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(something: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while not (found := something()):
        assert time.monotonic() < end
        time.sleep(0.2)
    return found


def test_each_format_is_measured_by_its_runtime_and_draws_what_it_draws_natively(folder: Path) -> None:
    onnx, tflite, coreml = measure([job(folder, name) for name in ("onnx", "tflite", "mlpackage")])
    assert (onnx.status, tflite.status, coreml.status) == ("measured", "measured", "unavailable")
    assert (onnx.runtime or "").startswith("onnxruntime-web 1.")
    assert (tflite.runtime or "").startswith("litert.js 2.")
    assert "browsers run .onnx and .tflite files only" in (coreml.error or "")
    for row in (onnx, tflite):
        assert is_same_picture(row)
        assert (row.target, row.accelerator) == ("browser", "wasm")
        about = row.device["browser"]
        assert "Chrome/" in about["user_agent"]
        assert about["cross_origin_isolated"] is True
        assert about["cores"] >= 1
        assert 0 < about["clock_resolution_ms"] < 0.1
        assert row.latency_ms is not None
        assert 0 < row.latency_ms["p50_low"] <= row.latency_ms["p50"] <= row.latency_ms["p50_high"]
        assert (row.peak_rss_bytes or 0) > 50e6
    assert set(onnx.placement or {}) == {"CPUExecutionProvider"}


def test_several_threads_and_turns_in_one_page(folder: Path, tmp_path: Path) -> None:
    plan = replace(QUICK, interleaved=True, alternations=3, turn_runs=2)
    rows = measure([job(folder, threads=2), job(folder, "tflite", threads=2)], plan)
    assert [row.status for row in rows] == ["measured", "measured"]
    first, second = (len(row.samples_ms or ()) for row in rows)
    assert first == second >= 6
    assert first % plan.turn_runs == 0
    assert len({row.group for row in rows}) == 1
    assert [row.position for row in rows] == [0, 1]
    assert all(map(is_same_picture, rows))
    append(rows[0], tmp_path / "rows.jsonl")
    assert read_results(tmp_path / "rows.jsonl") == rows[:1]


def test_files_of_bytes_and_other_components_are_measured_too(
    tiny_pack: Pack, faces: list[Path], tmp_path: Path
) -> None:
    (of_bytes,) = export_pack(tiny_pack, tmp_path / "bytes", ["tflite"], ["float32"], [32], io="uint8")
    plan = replace(QUICK, interleaved=True, alternations=1, turn_runs=1)
    known = ACCELERATORS_THERE["browser"]
    rows = measure([make_job(path, 32, 1, known=known) for path in [of_bytes.path, *faces]], plan)
    assert len(rows) >= 4
    assert [row.error for row in rows] == [None] * len(rows)
    assert all(map(is_same_picture, rows[1:]))
    assert (rows[0].agreement or {})["max_difference"] <= 1 / 255 + 1e-6


def test_a_file_that_the_runtime_refuses_is_a_failed_row_and_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    sound, broken = job(folder), tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    told = (folder / "tiny-renderer-float32.onnx.json").read_text()
    for old, new in (("sha256", file_sha256(broken)), ("size_bytes", file_size_bytes(broken))):
        told = told.replace(str(sound.artifact[old]), str(new))
    (tmp_path / "broken.onnx.json").write_text(told)
    failed, measured = measure([replace(sound, path=broken, artifact={**sound.artifact, "name": broken.name}), sound])
    assert (failed.status, measured.status) == ("failed", "measured")
    assert (failed.error or "").startswith("onnxruntime-web 1.30.0 cannot run broken.onnx: ")
    assert "\n" not in (failed.error or "")


def test_a_size_that_a_file_is_not_for_is_said_and_the_others_go_on(folder: Path) -> None:
    plan = replace(QUICK, interleaved=True, alternations=1, turn_runs=1)
    other, sound = measure([replace(job(folder, "tflite"), size=64), job(folder)], plan)
    assert (other.status, sound.status) == ("failed", "measured")
    assert (other.error or "").endswith("it takes pictures of 32 pixels, not 64")


def test_what_a_page_throws_is_one_line_without_the_runtime_s_own_code() -> None:
    thrown = (
        "/mnt/a/_work/1/s/onnxruntime/core/providers/webgpu/shader_helper.cc:308 Shader &onnxruntime::Add(bool, "
        "const std::string &) buffers_ <= limits_.max was false. Too many storage buffers in shader. Current: 11"
    )
    error = Error(f"Page.evaluate: Error: failed to call. ERROR_CODE: 6, ERROR_MESSAGE: {thrown}\n    at a.mjs:1:2")
    assert session._in_a_line(error) == "Too many storage buffers in shader. Current: 11"
    assert session._in_a_line(Error("Page.evaluate: Error: No \x1b[2Jsuch file.cc:3 a")) == "No ?[2Jsuch a"
    assert session._in_a_line(Error("Page.evaluate: ")) == "the page fails"


def test_a_page_that_crashes_is_a_failed_row_and_the_others_go_on(folder: Path) -> None:
    def crash() -> None:
        wait_for(lambda: any(cpu_seconds(process) > 3 for process in processes("renderer")), 110)  # it measures by then
        for process in processes("renderer"):
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=crash)
    rows = BrowserTarget().measure([job(folder), job(folder, "mlpackage")], LONG)
    killer.start()
    row = next(rows)
    killer.join()
    assert row.status == "failed"
    assert "the page crashed" in (row.error or "")
    assert next(rows).status == "unavailable"


def test_a_page_that_does_not_end_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgestyle.bench.targets.workers.timeout_seconds", lambda jobs, plan: 12.0)
    (row,) = measure([job(folder)], LONG)
    assert row.status == "failed"
    assert "no result after 12 s" in (row.error or "")
    wait_for(lambda: not processes("renderer"))


def test_ctrl_c_keeps_the_rows_that_are_finished_and_leaves_no_browser(folder: Path, tmp_path: Path) -> None:
    files = [str(folder / "tiny-renderer-float32.onnx")] * 5
    options = ["--target", "browser", "--size", "32", "--seconds", "4", "--repeats", "1", "-o", tmp_path / "rows.jsonl"]
    temporary = Path(tempfile.mkdtemp(dir="/tmp"))  # Chromium puts a socket there, whose path has to be short
    process = subprocess.Popen(
        [sys.executable, "-m", "edgestyle", "bench", *files, *options], start_new_session=True,
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
    )  # fmt: skip
    wait_for(lambda: (tmp_path / "rows.jsonl").exists(), 120)
    wait_for(lambda: processes("renderer"))
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert said.strip().splitlines()[-1] == "interrupted"
    assert [row.status for row in read_results(tmp_path / "rows.jsonl")][:1] == ["measured"]
    wait_for(lambda: not processes("renderer"), 20)
    wait_for(lambda: not [path for path in temporary.iterdir() if path.is_dir()])  # ONNX Runtime leaves a file
    shutil.rmtree(temporary)


def test_without_chromium_it_says_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(TargetError, match="no Chromium or Chrome is installed: apt-get install chromium"):
        measure([job(folder)])


def test_without_npm_packages_it_says_what_to_type(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TargetError, match=r"npm install --prefix \.node onnxruntime-web@1\.\S+ @litertjs/core@2\.\S+$"):
        measure([job(folder), job(folder, "tflite")])
    with pytest.raises(TargetError, match=r"npm install --prefix \.node onnxruntime-web@1\.\S+$"):
        measure([job(folder)])


def test_without_playwright_it_says_which_extra_has_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"edgestyle\[browser\]"):
        measure([job(folder)])


def test_an_accelerator_of_other_targets_is_refused_in_its_row(folder: Path) -> None:
    (row,) = measure([replace(job(folder), accelerator="xnnpack")])
    assert row.status == "unavailable"
    assert row.error == "browsers run files on wasm, webgpu, webgpu-software, not on 'xnnpack'"
    with pytest.raises(ArtifactError, match="not on 'xnnpack'"):
        job(folder, accelerator="xnnpack")


def test_another_address_is_refused() -> None:
    with pytest.raises(TargetError, match="write browser, and --accelerator webgpu for WebGPU"):
        BrowserTarget("browser:webgpu")


def test_the_target_and_the_process_know_the_same_backends() -> None:
    assert set(ACCELERATORS_THERE["browser"]) == set(PACKAGES)
    assert all(names == session.BACKENDS for names in ACCELERATORS_THERE["browser"].values())


@pytest.mark.parametrize(
    ("flags", "error"),
    [(("--disable-gpu",), "finds no WebGPU adapter"), (None, "the only WebGPU adapter here is software")],
    ids=["none", "software"],
)
def test_without_a_graphics_adapter_rows_say_so(
    flags: tuple[str, ...] | None, error: str, folder: Path, tools: Tools, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    flags = flags or session._GRAPHICS["webgpu-software"]
    monkeypatch.setattr(session, "_GRAPHICS", {"webgpu": flags})
    (row,) = run_jobs([job(folder)], QUICK, tools, "webgpu", tmp_path)
    assert row["status"] == "unavailable"
    assert error in row["error"]
    assert "--accelerator wasm" in row["error"]


def test_webgpu_draws_the_same_picture_on_a_software_adapter(folder: Path, faces: list[Path]) -> None:
    (mapping,) = (path for path in faces if "mapping" in path.name)
    known = ACCELERATORS_THERE["browser"]
    onnx, tflite = measure(
        [make_job(mapping, 32, 1, "webgpu-software", known), job(folder, "tflite", accelerator="webgpu-software")]
    )
    for row in (onnx, tflite):
        assert row.status == "measured", row.error
        assert is_same_picture(row)
        assert row.accelerator == "webgpu-software"
        assert row.device["browser"]["webgpu_adapter"]["software"] is True
    assert "WebGpuExecutionProvider" in (onnx.placement or {})


def test_a_renderer_of_many_blocks_runs_on_webgpu_with_its_few_buffers(tmp_path: Path) -> None:
    deep = make_renderer(replace(TINY, blocks=3, deep_blocks=4))
    about = {"title": "Deep", "description": "", "licence": "CC0-1.0", "training": {}}
    pack = build_pack(tmp_path / "deep", "deep", deep, [Style("one", (0.5, -0.5, 1.0, 0.0))], about)
    (file,) = export_pack(pack, tmp_path / "exported", ["onnx"], ["float32"], [32])
    (row,) = measure([make_job(file.path, 32, 1, "webgpu-software", ACCELERATORS_THERE["browser"])])
    assert row.status == "measured", row.error
    assert is_same_picture(row)
    assert set(row.placement or {}) == {"WebGpuExecutionProvider"}


def test_another_picture_than_the_native_runtimes_is_a_failure() -> None:
    agreement = {"runtime": "onnxruntime 1.32.0", "psnr_db": 45.0, "max_difference": 0.1}
    assert "another picture here than in onnxruntime 1.32.0: 45.0 dB" in (
        describe_disagreement(agreement, "float32") or ""
    )
    assert describe_disagreement(agreement, "w8a8") is None
    assert describe_disagreement({**agreement, "psnr_db": 29.0}, "w8a8") is not None
    assert describe_disagreement({**agreement, "psnr_db": None}, "float32") is None


def test_a_file_that_draws_another_picture_is_no_measurement(
    folder: Path, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"runtime": "onnxruntime 1.32.0", "psnr_db": 4.5, "max_difference": 1.0}
    monkeypatch.setattr("edgestyle.bench.browsing.worker.compare_with_native", lambda drawn, job: other)
    (row,) = run_jobs([job(folder)], QUICK, tools, "wasm", tmp_path)
    assert row["status"] == "failed"
    assert "4.5 dB" in row["error"]


def test_the_page_sees_its_own_folders_and_no_other_site(tools: Tools, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "secret").write_text("s")
    with serve({"": session.PAGE, "files": tmp_path / "shown"}) as site:
        for path in ("files/../secret", "files/%2e%2e/secret", "../worker.py", "secret"):
            with pytest.raises(HTTPError, match="404"):
                urlopen(site.address + path)
        with open_page(tools.chromium, site.address, "wasm") as page:
            fetched = "url => fetch(url, { mode: 'no-cors' }).then(() => 'reached', () => 'not reached')"
            assert page._page.evaluate(fetched, "http://localhost:1/") == "not reached"
            assert page._page.evaluate(fetched, "https://example.com/") == "not reached"


def test_a_chromium_that_does_not_start_is_one_line(folder: Path, tmp_path: Path, tools: Tools) -> None:
    with pytest.raises(TargetError, match=r"/bin/false does not start: it ended at once$"):
        run_jobs([job(folder)], QUICK, replace(tools, chromium=Path("/bin/false")), "wasm", tmp_path)


def test_what_chromium_says_before_it_ends_is_told(
    folder: Path, tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / ("long" * 25)))
    (tmp_path / ("long" * 25)).mkdir()
    with pytest.raises(TargetError, match=r"does not start: Socket path too long: \S+$"):
        run_jobs([job(folder)], QUICK, tools, "wasm", tmp_path / "files")
