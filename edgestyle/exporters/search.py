"""Search which precision each layer should have: sensitivity by layer, then greedily under a budget."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from edgestyle.errors import BudgetError
from edgestyle.exporters.budgets import Budget
from edgestyle.exporters.greedy import Sensitivity, Step, after, plan_steps
from edgestyle.exporters.layers import Layer, LayerTable, best_table, precisions_of, recipe_tables
from edgestyle.exporters.trials import Trial, Trials

_POINTS = 20  # of the way from best to smallest that are measured in any case
_REFINEMENTS = 10  # tables tried near the budget
_MOST_TIMED = 10
OnProgress = Callable[[str, int, int], None]  # what is tried, how many are done, how many there will be about
Timer = Callable[[Sequence[Trial]], list[float]]  # latencies in milliseconds, measured in turns


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        wanted: files that keep the budget, the one to choose first.
        recipes: what the format's own recipes come to, by name.
        done: everything that was tried.
        latencies_ms: of those that were timed, beside `wanted`; empty where nothing was.
        retrained: those of `recipes` that were measured with weights of their own, which no choice by layer has.
    """

    wanted: list[Trial]
    recipes: dict[str, Trial]
    done: list[Trial]
    latencies_ms: list[float]
    retrained: Set[str] = frozenset()


class Search:
    """One search for one format.

    Args:
        trials: tries tables out.
        layers: of the network.
        format_name: says what layers can be.
        budget: what to keep.
        on_progress: called before each trial.
        timer: needed for a budget that asks for the fastest.
        others: the format's recipes that are no choice by layer of the network's own weights.
    """

    def __init__(
        self,
        trials: Trials,
        layers: list[Layer],
        format_name: str,
        budget: Budget,
        on_progress: OnProgress = lambda what, done, total: None,
        timer: Timer | None = None,
        others: Mapping[str, Trial] | None = None,
    ) -> None:
        self._others = dict(others or {})
        self._trials, self._layers, self._format = trials, layers, format_name
        self._budget, self._on_progress, self._timer = budget, on_progress, timer
        self._best = best_table(layers, format_name)
        self._tables = recipe_tables(layers, format_name)
        self._steps = [
            (layer.name, precision) for layer in layers for precision in precisions_of(layer, format_name)[1:]
        ]
        self._tried, self._total = 0, 1 + len(self._tables) + len(self._steps) + _POINTS + _REFINEMENTS

    def run(self) -> Found:
        """Search.

        Raises:
            BudgetError: nothing keeps the budget; the message says what comes closest.
        """
        best = self._try("nothing made smaller", self._best)
        if not best.reaches(*self._budget.bars_db):
            raise self._refusal()
        by_layer = {name: self._try(f"all layers as in {name}", table) for name, table in self._tables.items()}
        recipes = {**by_layer, **self._others}
        alone = {(name, to): self._try(f"{name} in {to}", {**self._best, name: to}) for name, to in self._steps}
        sensitivity = Sensitivity(best, alone)
        steps = plan_steps(sensitivity, self._layers, self._format)
        self._walk(steps)
        if self._budget.fastest:
            return self._found(recipes, *self._fastest(sensitivity, by_layer))
        edge = self._edge(steps)
        if self._budget.max_bytes is None:
            self._go_further(steps, edge)
        else:
            self._go_back(sensitivity, steps, edge)
        wanted = [trial for trial in self._trials.done if self._keeps(trial)]
        if not wanted:
            raise self._refusal()
        if self._budget.max_bytes is None:
            wanted.sort(key=lambda trial: (trial.size_bytes, -trial.mean_psnr_db))
        else:
            wanted.sort(key=lambda trial: (-trial.mean_psnr_db, trial.size_bytes))
        return self._found(recipes, wanted, [])

    def _try(self, what: str, table: LayerTable) -> Trial:
        self._on_progress(what, self._tried, max(self._total, self._tried + 1))
        self._tried += 1
        return self._trials.measure(table)

    def _fits(self, trial: Trial) -> bool:
        return self._budget.max_bytes is None or trial.size_bytes <= self._budget.max_bytes

    def _keeps(self, trial: Trial) -> bool:
        return self._fits(trial) and trial.reaches(*self._budget.bars_db)

    def _at(self, steps: Sequence[Step], count: int) -> Trial:
        return self._try(f"{count} of {len(steps)} steps", after(self._best, steps[:count]))

    def _walk(self, steps: Sequence[Step]) -> None:
        """Measure points all along the way."""
        for index in range(_POINTS + 1):
            self._at(steps, round(index * len(steps) / _POINTS))

    def _edge(self, steps: Sequence[Step]) -> int:
        """How many steps to take: the most that keep the quality, or the fewest that keep the size."""
        small_enough = self._budget.max_bytes is not None
        low, high = 0, len(steps)
        while low < high:
            middle = (low + high) // 2 if small_enough else (low + high + 1) // 2
            trial = self._at(steps, middle)
            if self._fits(trial) if small_enough else self._keeps(trial):
                low, high = (low, middle) if small_enough else (middle, high)
            else:
                low, high = (middle + 1, high) if small_enough else (low, middle - 1)
        return low

    def _go_further(self, steps: Sequence[Step], edge: int) -> None:
        """Past the first step that costs too much there may be others that do not."""
        taken = list(steps[:edge])
        for step in list(steps[edge + 1 :])[:_REFINEMENTS]:
            smaller = self._try(f"{step[0]} in {step[1]} too", after(self._best, [*taken, step]))
            here = self._trials.measure(after(self._best, taken))
            if self._keeps(smaller) and smaller.size_bytes < here.size_bytes:
                taken.append(step)

    def _go_back(self, sensitivity: Sensitivity, steps: Sequence[Step], edge: int) -> None:
        """Bytes that are left over go to the layers that need them most."""
        here, harms = self._at(steps, edge), sensitivity.harms()
        able = {layer.name: precisions_of(layer, self._format) for layer in self._layers}
        upgrades = [
            (harms.get((name, now), 0.0) - harms.get((name, to), 0.0), name, to)
            for name, now in here.table.items()
            for to in able[name][: able[name].index(now)]
        ]
        for _, name, to in sorted(upgrades, reverse=True)[: 3 * _REFINEMENTS]:
            step, now = (name, to), (name, here.table[name])
            grown = sensitivity.saved_bytes(now) - sensitivity.saved_bytes(step)
            if here.size_bytes + grown > (self._budget.max_bytes or 0):
                continue
            better = self._try(f"{name} in {to} again", {**here.table, name: to})
            if self._fits(better) and better.mean_psnr_db > here.mean_psnr_db:
                here = better

    def _fastest(self, sensitivity: Sensitivity, recipes: dict[str, Trial]) -> tuple[list[Trial], list[float]]:
        """Of the recipes, and of w8a8 with its most sensitive layers back in floats, what runs fastest."""
        assert self._timer is not None
        integer, harms = self._tables.get("w8a8", {}), sensitivity.harms()  # Core ML has no such layers
        order = sorted((name for name in integer if integer[name] == "w8a8"), key=lambda name: -harms[name, "w8a8"])
        candidates = [trial for trial in recipes.values() if self._keeps(trial)]
        for floats in ("float32", "w8"):
            kept = 0
            for count in range(1, len(order) + 1):
                name = f"w8a8, {count} layers in {floats}"
                trial = self._try(name, {**integer, **dict.fromkeys(order[:count], floats)})
                if self._keeps(trial):
                    candidates.append(trial)
                    kept += 1
                if kept == (_MOST_TIMED - len(recipes)) // 2:
                    break
        latencies = self._timer(candidates)
        pairs = sorted(zip(latencies, range(len(candidates)), strict=True))
        return [candidates[index] for _, index in pairs], [latency for latency, _ in pairs]

    def _found(self, recipes: dict[str, Trial], wanted: list[Trial], latencies_ms: list[float]) -> Found:
        self._on_progress("done", self._tried, self._tried)
        return Found(wanted, recipes, self._trials.done, latencies_ms, self._others.keys() & self._tables.keys())

    def _refusal(self) -> BudgetError:
        """What comes closest to the budget."""
        done, mean_db = self._trials.done, self._budget.bars_db[0]
        if self._budget.max_bytes is not None:
            able = [trial for trial in done if trial.reaches(*self._budget.bars_db)] or done
            least = min(able, key=lambda trial: (trial.size_bytes, -trial.mean_psnr_db))
            close = "" if len(able) == len(done) else f" with {mean_db:g} dB"
            text = f"no {self._format} file has {self._budget}: the smallest{close} has {least.size_bytes} bytes"
            return BudgetError(f"{text} and {least.mean_psnr_db:.1f} dB")
        most = max((*done, *self._others.values()), key=lambda trial: trial.mean_psnr_db)
        text = f"no {self._format} file reaches {mean_db:g} dB: the best has"
        for name, other in self._others.items():
            if other is most:
                text = f"no choice by layer in {self._format} reaches {mean_db:g} dB: --recipe {name} has"
        text = f"{text} {most.mean_psnr_db:.1f} dB ({most.style_psnr_db:.1f} dB in its worst style)"
        return BudgetError(f"{text} and {most.size_bytes} bytes")
