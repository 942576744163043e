"""The search finds what brute force finds, goes on where it was stopped, and says what cannot be had."""

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from edgestyle.errors import BudgetError, EdgestyleError, ExportError, OutputError
from edgestyle.exporters import trials as trials_module
from edgestyle.exporters.budgets import Budget, parse_quality, parse_size
from edgestyle.exporters.bundle import check_file, export_layers, export_pack
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.layer_recipes import read_layer_recipe
from edgestyle.exporters.layers import Layer, precisions_of
from edgestyle.exporters.pareto import count_layers, pareto_front
from edgestyle.exporters.parity import Reference
from edgestyle.exporters.search import Found, Search
from edgestyle.exporters.searching import Searched, search_pack
from edgestyle.exporters.trials import Trial, Trials
from edgestyle.images import read_picture
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import read_sidecar

SIZE = 64
FILE = "tiny-renderer-searched.onnx"


@pytest.mark.parametrize(
    ("text", "value"), [("40dB", 40), ("40 dB", 40), ("40", 40), (" 38.5 db ", 38.5), ("200", 200)]
)
def test_qualities_are_read(text: str, value: float) -> None:
    assert parse_quality(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("120KB", 120_000), ("120 kb", 120_000), ("0.1MB", 100_000), ("2KiB", 2048), ("5000", 5000), ("7 B", 7)],
)
def test_sizes_are_read(text: str, value: int) -> None:
    assert parse_size(text) == value


@pytest.mark.parametrize("text", ["", "dB", "-3", "0", "201dB", "nan", "inf", "1e3", "40 kg", "4 0", "\uff11"])
def test_what_is_no_quality_is_refused(text: str) -> None:
    with pytest.raises(ExportError, match="such as 40dB"):
        parse_quality(text)


@pytest.mark.parametrize("text", ["", "KB", "-3", "0", "0.5", "nan", "5 TB", "9" * 400])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ExportError, match="such as 120KB"):
        parse_size(text)


def test_a_search_has_one_goal() -> None:
    with pytest.raises(ExportError, match="one goal"):
        Budget(quality_db=40.0, max_bytes=1000)
    assert Budget(fastest=True).bars_db == (40.0, 34.0)
    assert Budget(quality_db=45.0, fastest=True).bars_db == (45.0, 39.0)


SHAPE = (2, 3, 2)  # photos, styles, strengths


class FakeTrials:
    """Files whose size and noise are sums over layers, without any file."""

    def __init__(self, layers: list[Layer], seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.parts = {
            (layer.name, precision): (
                int(layer.weights * cost),
                level * 10.0 ** rng.uniform(-7, -4) * rng.random((2, 3, 2)),
            )
            for layer in layers
            for precision, cost, level in (("float16", 2, 0.0), ("w8", 1, 0.01), ("w6", 0.75, 0.1), ("w4", 0.5, 1.0))
        }
        self.seen: dict[str, Trial] = {}

    def measure(self, table: Mapping[str, str]) -> Trial:
        parts = [self.parts[item] for item in table.items()]
        noise = 1e-12 + sum((noise for _, noise in parts), np.zeros(SHAPE))
        return self.seen.setdefault(str(table), Trial(dict(table), 5000 + sum(size for size, _ in parts), noise))

    @property
    def done(self) -> list[Trial]:
        return list(self.seen.values())


LAYERS = [Layer(f"layer{i}", "convolution", 2000 + 1500 * i) for i in range(5)]


def everything(fake: FakeTrials) -> list[Trial]:
    ways = itertools.product(*([(layer.name, one) for one in precisions_of(layer, "coreml")] for layer in LAYERS))
    return [FakeTrials.measure(fake, dict(way)) for way in ways]


def run(fake: FakeTrials, budget: Budget) -> Found:
    return Search(fake, LAYERS, "coreml", budget).run()  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(8))
def test_it_comes_close_to_the_best_of_all_1024_tables(seed: int) -> None:
    fake = FakeTrials(LAYERS, seed)
    every = everything(fake)
    for quality in (45.0, 55.0):
        budget = Budget(quality_db=quality)
        chosen = run(FakeTrials(LAYERS, seed), budget).wanted[0]
        assert chosen.reaches(*budget.bars_db)
        best = min(one.size_bytes for one in every if one.reaches(*budget.bars_db))
        assert chosen.size_bytes <= 1.1 * best
    for size in (26_000, 32_000):
        chosen = run(FakeTrials(LAYERS, seed), Budget(max_bytes=size)).wanted[0]
        assert chosen.size_bytes <= size
        assert chosen.mean_psnr_db >= max(one.mean_psnr_db for one in every if one.size_bytes <= size) - 2


def test_more_quality_never_comes_from_a_smaller_file() -> None:
    sizes = [run(FakeTrials(LAYERS, 0), Budget(quality_db=db)).wanted[0].size_bytes for db in (40, 50, 60, 80)]
    assert sizes == sorted(sizes)


def test_the_front_holds_what_no_other_beats() -> None:
    every = everything(FakeTrials(LAYERS, 3))
    front = pareto_front(every)
    for one in every:
        assert any(f.size_bytes <= one.size_bytes and f.mean_psnr_db >= one.mean_psnr_db for f in front)
    assert [f.size_bytes for f in front] == sorted(f.size_bytes for f in front)
    assert count_layers({"a": "w8", "b": "float32", "c": "w8"}) == "1 float32, 2 w8"


def few_photos(pack: Pack) -> Calibration:
    whole = bundled_calibration(list(pack.styles.values()))
    return Calibration(whole.photos[:2], whole.styles)


@pytest.fixture(scope="module")
def searched(tiny_pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    folder = tmp_path_factory.mktemp("searched")
    return search_pack(tiny_pack, folder, "onnx", Budget(quality_db=70.0), [SIZE], few_photos(tiny_pack))


def test_a_search_ends_in_a_file_like_any_other_with_recipe_and_plot(searched: Searched, tiny_pack: Pack) -> None:
    path = searched.exported.path
    sidecar = read_sidecar(path)
    parity = sidecar["parity"]
    assert min(parity["mean_psnr_db"], parity["mean_half_psnr_db"]) >= 70
    assert parity["identity_difference"] == 0
    assert sidecar["layer_recipe"]["layers"] == searched.trial.table
    assert sidecar["layer_recipe"]["promise"] == {"min_mean_psnr_db": 70.0, "min_style_psnr_db": 64.0}
    assert read_layer_recipe(searched.recipe).layers == searched.trial.table
    assert searched.trial.size_bytes == path.stat().st_size
    assert {"float32", "w8"} <= set(searched.trial.table.values())
    assert read_picture(searched.plot).pixels.shape[1] > 600
    assert not list(path.parent.glob(".part-*"))
    assert check_file(path, tiny_pack, Reference(load_renderer(tiny_pack)), path.parent).recipe == "searched"


def test_the_ends_are_the_recipes(searched: Searched, tiny_pack: Pack, tmp_path: Path) -> None:
    known = export_pack(tiny_pack, tmp_path, ["onnx"], ["float32", "w8"], [trials_module.SIDE])
    for one in known:
        trial = searched.found.recipes[one.recipe]
        mean = min(one.parity.mean_psnr_db, one.parity.mean_half_psnr_db)
        assert abs(trial.size_bytes - one.size_bytes) <= 16
        assert abs(min(trial.mean_psnr_db, 135) - min(mean, 135)) < 3, "two photos against eight"
    assert searched.found.recipes["w8"].mean_psnr_db < searched.trial.mean_psnr_db
    assert searched.trial.size_bytes < searched.found.recipes["float32"].size_bytes


def test_its_recipe_gives_the_same_file_again_without_a_search(
    searched: Searched, tiny_pack: Pack, tmp_path: Path
) -> None:
    again = export_layers(tiny_pack, tmp_path, read_layer_recipe(searched.recipe), [SIZE])
    assert again.path.read_bytes() == searched.exported.path.read_bytes()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every trial that is really made."""
    made: list[str] = []
    original = Trials._try

    def counting(self: Trials, table: Mapping[str, str]) -> object:
        made.append(",".join(table.values()))
        return original(self, table)

    monkeypatch.setattr(Trials, "_try", counting)
    return made


class Stop:
    """Ctrl-C before a certain trial."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, what: str, done: int, total: int) -> None:
        assert done <= total
        if done == self.at:
            raise KeyboardInterrupt


def test_an_interrupted_search_goes_on_and_leaves_nothing_half_done(
    counted: list[str], searched: Searched, tiny_pack: Pack, tmp_path: Path
) -> None:
    budget, photos = Budget(quality_db=70.0), few_photos(tiny_pack)
    with pytest.raises(KeyboardInterrupt):
        search_pack(tiny_pack, tmp_path, "onnx", budget, [SIZE], photos, on_progress=Stop(9))
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE}.search.json"]
    assert 0 < len(counted) <= 9
    again = search_pack(tiny_pack, tmp_path, "onnx", budget, [SIZE], photos)
    assert len(counted) == len(set(counted)), "something was measured twice"
    assert again.trial.table == searched.trial.table
    before = len(counted)
    search_pack(tiny_pack, tmp_path, "onnx", budget, [SIZE], photos)
    assert len(counted) == before


def damage(path: Path, how: str) -> None:
    data = json.loads(path.read_text())
    first = next(iter(data["trials"]))
    if how == "cut":
        path.write_text(path.read_text()[:-40])
    elif how == "nan":
        data["trials"][first]["noise"][0] = float("nan")
    elif how == "negative":
        data["trials"][first]["size_bytes"] = -5
    elif how == "endless":
        data["trials"][first]["noise"][0] = 10**400
    elif how == "huge":
        data["trials"][first]["size_bytes"] = 10**400
    elif how == "short":
        data["trials"][first]["noise"] = [1.0]
    elif how == "list":
        data = [data]
    elif how == "weights":
        data["identity"]["weights_sha256"] = "0" * 64
    elif how == "tools":
        data["identity"]["tools"]["onnxruntime"] = "0.1"
    if how != "cut":
        path.write_text(json.dumps(data))


@pytest.mark.parametrize("how", ["cut", "nan", "negative", "endless", "huge", "short", "list", "weights", "tools"])
def test_measurements_that_are_damaged_or_of_something_else_are_made_again(
    how: str, counted: list[str], tiny_pack: Pack, tmp_path: Path
) -> None:
    def begin() -> None:
        with pytest.raises(KeyboardInterrupt):
            search_pack(
                tiny_pack, tmp_path, "onnx", Budget(quality_db=70.0), [SIZE], few_photos(tiny_pack), "float32", Stop(3)
            )

    begin()
    made = len(counted)
    begin()
    assert len(counted) == made
    damage(tmp_path / f"{FILE}.search.json", how)
    begin()
    assert len(counted) == 2 * made


def test_a_budget_that_cannot_be_met_says_the_best_that_can(tiny_pack: Pack, tmp_path: Path) -> None:
    photos = few_photos(tiny_pack)
    with pytest.raises(BudgetError, match=r"no onnx file reaches 199 dB: the best has 1[0-9.]+ dB"):
        search_pack(tiny_pack, tmp_path, "onnx", Budget(quality_db=199.0), [SIZE], photos)
    with pytest.raises(BudgetError, match=r"no onnx file has at most 900 bytes: the smallest has [0-9]+ bytes and"):
        search_pack(tiny_pack, tmp_path, "onnx", Budget(max_bytes=900), [SIZE], photos)
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE}.search.json"]


def test_a_size_is_kept_and_the_promise_is_what_was_measured(
    searched: Searched, tiny_pack: Pack, tmp_path: Path
) -> None:
    ends = searched.found.recipes["w8"].size_bytes, searched.found.recipes["float32"].size_bytes
    budget = Budget(max_bytes=sum(ends) // 2)
    found = search_pack(tiny_pack, tmp_path, "onnx", budget, [SIZE], few_photos(tiny_pack))
    assert found.exported.size_bytes <= sum(ends) // 2
    assert found.trial.mean_psnr_db > searched.found.recipes["w8"].mean_psnr_db
    promise = read_sidecar(found.exported.path)["layer_recipe"]["promise"]
    assert promise["min_mean_psnr_db"] == pytest.approx(found.trial.mean_psnr_db - 1, abs=0.06)


def test_the_fastest_is_taken_of_those_that_keep_the_quality(tiny_pack: Pack, tmp_path: Path) -> None:
    times: dict[str, float] = {}

    def backwards(paths: list[Path]) -> dict[str, float]:
        assert all(path.stat().st_size > 0 for path in paths)
        times.update({path.name: 9.0 - index / 10 for index, path in enumerate(paths)})
        return times

    budget = Budget(quality_db=45.0, fastest=True)
    found = search_pack(tiny_pack, tmp_path, "onnx", budget, [SIZE], few_photos(tiny_pack), time_files=backwards)
    assert len(times) >= 3
    assert found.found.latencies_ms == sorted(times.values())
    assert found.trial is found.found.wanted[0]
    assert all(trial.reaches(*budget.bars_db) for trial in found.found.wanted)


@pytest.mark.skipif(sys.platform == "darwin", reason="Core ML runs there")
def test_what_cannot_be_timed_here_is_refused_before_any_work(tiny_pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="coreml files cannot be timed on this machine"):
        search_pack(tiny_pack, tmp_path / "out", "coreml", Budget(fastest=True), [SIZE], time_files=lambda paths: {})
    assert not (tmp_path / "out").exists()


def flatter(monkeypatch: pytest.MonkeyPatch, times: float) -> None:
    """Let trials say that files are better than they are."""
    original = Trials._try

    def flattering(self: Trials, table: Mapping[str, str]) -> tuple[int, trials_module.Noise]:
        size, noise = original(self, table)
        return size, noise * times

    monkeypatch.setattr(Trials, "_try", flattering)


def test_a_file_that_is_worse_than_its_trial_is_not_taken(
    searched: Searched, tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flatter(monkeypatch, 0.1)
    found = search_pack(tiny_pack, tmp_path, "onnx", Budget(quality_db=70.0), [SIZE], few_photos(tiny_pack))
    parity = found.exported.parity
    assert min(parity.mean_psnr_db, parity.mean_half_psnr_db) >= 70


def test_where_trials_say_nothing_true_nothing_is_exported(
    tiny_pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flatter(monkeypatch, 0.0)
    with pytest.raises(BudgetError, match=r"no onnx file keeps to 70 dB at the sizes .*; the best had [0-9.]+ dB"):
        search_pack(tiny_pack, tmp_path, "onnx", Budget(quality_db=70.0), [SIZE], few_photos(tiny_pack))
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE}.search.json"]


def test_a_folder_that_cannot_be_written_is_one_line(tiny_pack: Pack, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        search_pack(tiny_pack, tmp_path / "file" / "out", "onnx", Budget(quality_db=50.0), [SIZE])


def test_exit_codes() -> None:
    assert (EdgestyleError.exit_code, ExportError.exit_code, BudgetError.exit_code) == (2, 2, 3)


def edgestyle(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edgestyle", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_line_searches_exports_checks_and_refuses(tiny_pack: Pack, tmp_path: Path) -> None:
    common = ["export", tiny_pack.folder, "-o", tmp_path, "--format", "onnx", "--size", SIZE]
    done = edgestyle(*common, "--quality", "70 dB")
    assert done.returncode == 0, done.stderr
    assert "what size buys" in done.stdout
    assert "chosen" in done.stdout
    recipe = tmp_path / f"{FILE}.recipe.json"
    again = edgestyle("export", tiny_pack.folder, "-o", tmp_path / "again", "--recipe", recipe, "--size", SIZE)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again" / FILE).read_bytes() == (tmp_path / FILE).read_bytes()
    assert edgestyle("check", tmp_path, "--pack", tiny_pack.folder).returncode == 0
    refused = edgestyle(*common, "--max-size", "1KB")
    assert (refused.returncode, refused.stderr.count("error: ")) == (3, 1)
    assert "the smallest has" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--quality", "much"], "such as 40dB"),
        (["--quality", ""], "such as 40dB"),
        (["--max-size", ""], "such as 120KB"),
        (["--max-size", "small"], "such as 120KB"),
        (["--quality", "40", "--max-size", "1MB"], "one goal"),
        (["--quality", "40", "--recipe", "w8"], "--recipe goes with none of"),
        (["--recipe", "missing.recipe.json"], "cannot read the recipe"),
    ],
)
def test_options_that_make_no_sense_are_one_line(
    options: list[str], message: str, tiny_pack: Pack, tmp_path: Path
) -> None:
    done = edgestyle("export", tiny_pack.folder, "-o", tmp_path / "out", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
