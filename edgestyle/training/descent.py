"""One step of an optimizer, which is not taken where it would put anything but finite numbers into the weights."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from edgestyle.errors import TrainingError


def descend(
    fabric: Fabric, optimizer: Any, loss: Tensor, parts: Mapping[str, Tensor | float], step: int
) -> dict[str, float]:
    """Take one step of an optimizer down a loss.

    Args:
        fabric: whose `backward` finds the gradients.
        optimizer: that changes the weights.
        loss: one number, made of `parts` and perhaps of what is not worth a report.
        parts: the losses by name.
        step: number of the training step, for the error.

    Returns the parts as plain numbers.

    Raises:
        TrainingError: a part, the loss or a gradient is not finite. No weight has changed then.
    """
    numbers = {name: float(value.detach() if isinstance(value, Tensor) else value) for name, value in parts.items()}
    _check_finite(numbers | {"the sum": float(loss.detach())}, "loss", step)
    optimizer.zero_grad(set_to_none=True)
    fabric.backward(loss)
    _check_finite({" + ".join(numbers): _gradient_length(optimizer)}, "gradient of", step)
    optimizer.step()
    return numbers


def _check_finite(numbers: Mapping[str, float], kind: str, step: int) -> None:
    wrong = ", ".join(f"{kind} {name} is {value}" for name, value in numbers.items() if not math.isfinite(value))
    if wrong:
        raise TrainingError(f"training cannot go on at step {step}, where the {wrong}: lower the learning rate")


def _gradient_length(optimizer: Any) -> float:
    """Of all gradients together; infinity or no number if one of them is."""
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    return float(torch.nn.utils.get_total_norm(gradients, torch.inf))
