"""What a search exports of all that it found, and what it says where nothing will do; no file is made here."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgestyle.cli import searching as cli
from edgestyle.errors import BudgetError, ExportError, ParityError
from edgestyle.exporters import searching
from edgestyle.exporters.budgets import Budget
from edgestyle.exporters.calibration import bundled_calibration
from edgestyle.exporters.layer_recipes import LayerRecipe
from edgestyle.exporters.layers import best_table, layers_of, minimum_system
from edgestyle.exporters.layers_onnx import OnnxWorkbench
from edgestyle.exporters.search import Found, Search
from edgestyle.exporters.trials import Trial
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from tests.exporters.test_search import LAYERS, FakeTrials


def trial(size_bytes: int, db: float, precision: str = "w8") -> Trial:
    return Trial({"stem": precision}, size_bytes, np.full((2, 2, 2), 10 ** (-db / 10)))


class Exporter:
    """Files that are so many bytes larger and so many dB worse than their trials."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, pack: Pack, larger: int = 0, worse_db: tuple[float, ...] = ()
    ) -> None:
        self.promises: list[float] = []
        self.worse_db = list(worse_db)  # of each attempt
        calibration = bundled_calibration(list(pack.styles.values()))
        self.benches: Any = SimpleNamespace(
            format_name="onnx", calibration=calibration, network={}, reference=None, open=lambda io, sizes: None
        )
        monkeypatch.setattr(searching, "_size_bytes", lambda bench, trial, suffix: trial.size_bytes + larger)
        monkeypatch.setattr(searching, "_attempt", self.attempt)

    def attempt(self, pack: Pack, folder: Path, recipe: LayerRecipe, *shared: object) -> tuple[object, object]:
        self.promises.append(recipe.min_mean_psnr_db)
        mean = recipe.found["mean_psnr_db"] - (self.worse_db.pop(0) if self.worse_db else 0.0)
        parity = SimpleNamespace(mean_psnr_db=mean, mean_half_psnr_db=mean, worst_style_psnr_db=mean)
        return ("a file" if mean >= recipe.min_mean_psnr_db else None), parity

    def run(self, pack: Pack, budget: Budget, wanted: list[Trial]) -> tuple[object, LayerRecipe, list[Trial]]:
        found = Found(wanted, {}, wanted, [])
        return searching._export_first(pack, Path("out"), budget, found, self.benches, [64], "float32")


def test_where_files_are_larger_than_their_trials_smaller_ones_are_tried(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack
) -> None:
    wanted = [trial(1000 - index, 80 - index / 100) for index in range(500)]
    exporter = Exporter(monkeypatch, tiny_pack, larger=300)
    _, _, tried = exporter.run(tiny_pack, Budget(max_bytes=1000), wanted)
    assert [one.size_bytes for one in tried] == [1000, 700]
    with pytest.raises(BudgetError, match="the best had 1300 bytes"):
        exporter.run(tiny_pack, Budget(max_bytes=1000), wanted[:100])


def test_where_a_size_was_asked_for_a_worse_picture_is_promised_and_no_file_given_up(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack
) -> None:
    exporter = Exporter(monkeypatch, tiny_pack, worse_db=(3.0, 3.0, 3.0, 3.0))
    _, recipe, tried = exporter.run(tiny_pack, Budget(max_bytes=1000), [trial(900, 50.0)])
    assert exporter.promises == [49.0, 46.0]
    assert (recipe.min_mean_psnr_db, recipe.min_style_psnr_db, len(tried)) == (46.0, 46.0, 1)
    with pytest.raises(BudgetError, match=r"the best had 33\.5 dB"):
        exporter.run(tiny_pack, Budget(max_bytes=1000), [trial(900, 36.5)])


def test_what_is_told_in_the_end_is_the_best_that_was_tried(monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack) -> None:
    exporter = Exporter(monkeypatch, tiny_pack, worse_db=(1.5, 5.0))
    with pytest.raises(BudgetError, match=r"keeps to 50 dB at the sizes asked for; the best had 49\.5 dB"):
        exporter.run(tiny_pack, Budget(quality_db=50.0), [trial(900, 51.0), trial(950, 52.5)])


def test_a_failure_that_is_no_db_keeps_its_pictures_beside_the_files(
    monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack, tmp_path: Path
) -> None:
    folders = []

    def broken(*_: object, failures: Path) -> None:
        folders.append(failures)
        raise ParityError("no stronger")

    monkeypatch.setattr(searching, "export_layers", broken)
    recipe = LayerRecipe("searched", "onnx", {}, {"stem": "w8"}, 40.0, 34.0)
    with pytest.raises(ParityError, match="no stronger"):
        searching._attempt(tiny_pack, tmp_path, recipe, [64], *[None] * 4)  # type: ignore[arg-type]
    assert folders[1] == tmp_path / "parity-failures"


def test_core_ml_can_be_asked_for_the_fastest_where_it_can_be_timed() -> None:
    timed: list[Trial] = []

    def timer(trials: Any) -> list[float]:
        timed.extend(trials)
        return [float(index) for index in range(len(trials))]

    fake: Any = FakeTrials(LAYERS, 0)
    found = Search(fake, LAYERS, "coreml", Budget(fastest=True), timer=timer).run()
    assert found.wanted[0] is timed[0]
    assert all(one.reaches(40, 34) for one in timed)


def test_a_refusal_names_the_recipe_that_would_do() -> None:
    fake: Any = FakeTrials(LAYERS, 0)
    others = {"float32": trial(50_000, 139.0), "other": trial(60_000, 90.0)}
    with pytest.raises(BudgetError, match=r"no choice by layer in coreml reaches 130 dB: --recipe float32 has 139\.0"):
        Search(fake, LAYERS, "coreml", Budget(quality_db=130.0), others=others).run()


def test_no_search_promises_less_than_the_coarsest_recipe() -> None:
    with pytest.raises(ExportError, match="a file promises at least 34 dB, so 20 is no quality"):
        Budget(quality_db=20.0)
    assert Budget(max_bytes=1000).bars_db == (34.0, 28.0)
    coarse: Any = FakeTrials(LAYERS, 0)
    coarse.parts = {step: (size, noise + 0.01 * (step[1] != "float16")) for step, (size, noise) in coarse.parts.items()}
    with pytest.raises(BudgetError, match=r"the smallest with 34 dB has [0-9]+ bytes"):
        Search(coarse, LAYERS, "coreml", Budget(max_bytes=20_000)).run()


def test_a_recipe_with_weights_of_its_own_is_measured_with_them(tiny_pack: Pack) -> None:
    measured: dict[str, Mapping[str, str]] = {}

    def measure_recipe(name: str, table: Mapping[str, str], write: object, full: object) -> Trial:
        measured[name] = table
        return trial(1000, 41.5)

    own: list[str] = []
    renderer = replace(tiny_pack.components["renderer"], recipe_weights={"w8a8": "other.safetensors"})
    pack = replace(tiny_pack, components={"renderer": renderer})
    benches: Any = SimpleNamespace(
        pack=pack, format_name="onnx", renderer=load_renderer(tiny_pack), writer=lambda name, sizes: own.append(name)
    )
    trials: Any = SimpleNamespace(measure_recipe=measure_recipe)
    found = searching._measure_other_recipes(trials, benches, [64])
    assert list(found) == list(measured) == own == ["float16", "w8a8"]
    assert set(measured["w8a8"].values()) == {"w8", "w8a8"}


def searched(chosen: Trial, recipes: dict[str, Trial], rejected: list[Trial], retrained: set[str]) -> Any:
    found = Found([chosen], recipes, [chosen], [], retrained)
    return SimpleNamespace(trial=chosen, found=found, rejected=rejected)


def test_notes_leave_out_what_was_rejected_and_name_weights_that_were_trained() -> None:
    w8, chosen = trial(900, 46.0), trial(1000, 50.0)
    assert len(cli._better_recipes(searched(chosen, {"w8": w8}, [], set()), Budget(quality_db=45.0))) == 1
    assert not cli._better_recipes(searched(chosen, {"w8": w8}, [w8], set()), Budget(quality_db=45.0))
    (note,) = cli._better_recipes(searched(chosen, {"w8a8": w8}, [], {"w8a8"}), Budget(fastest=True))
    assert "--recipe w8a8 has weights trained for it" in note


def test_what_a_converter_raises_is_one_line(monkeypatch: pytest.MonkeyPatch, tiny_pack: Pack, tmp_path: Path) -> None:
    def write(self: OnnxWorkbench, table: Mapping[str, str], path: Path) -> None:
        raise KeyError("stem")

    monkeypatch.setattr(OnnxWorkbench, "write", write)
    with pytest.raises(ExportError, match=r"converting to trial\.onnx failed: 'stem'"):
        searching.search_pack(tiny_pack, tmp_path, "onnx", Budget(quality_db=50.0), [64])
    benches: Any = SimpleNamespace(open=lambda io, sizes: OnnxWorkbench.__new__(OnnxWorkbench))
    timer = searching._timer(benches, ".onnx", [64], lambda paths: {})
    with pytest.raises(ExportError, match=r"converting to 0\.onnx failed"):
        timer([trial(1000, 50.0)])


def test_the_system_that_core_ml_needs_follows_from_the_layers(tiny_pack: Pack) -> None:
    best = best_table(layers_of(load_renderer(tiny_pack)), "coreml")
    assert minimum_system(best.values()) == "iOS 16 or macOS 13"
    assert minimum_system({**best, "stem": "w4"}.values()) == "iOS 18 or macOS 15"
