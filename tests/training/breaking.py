"""Losses that are no numbers any more at one step, for the tests of what trainings do then."""

from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import Tensor

from edgestyle.training.adversarial import Progress


def break_loss(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, step: int
) -> tuple[Callable[[Progress], None], list[int]]:
    """Make `module.name` give NaN at a step; returns what to call after each step, and the last step."""
    original, done = getattr(module, name), [0]

    def broken(*arguments: object) -> Tensor:
        loss: Tensor = original(*arguments)
        return loss * torch.nan if done[0] == step else loss

    def count(progress: Progress) -> None:
        done[0] = progress.step

    monkeypatch.setattr(module, name, broken)
    return count, done
