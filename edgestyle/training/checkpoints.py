"""Checkpoints as safetensors plus JSON: nothing in them can run code when it is loaded."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from edgestyle.errors import TrainingError
from edgestyle.images import whole_file

_FILE = "checkpoint.safetensors"
_KEY = "training"


def save_checkpoint(
    folder: Path, state: dict[str, Any], model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Write everything a run needs to go on bit for bit, in one file that is replaced whole.

    Args:
        folder: of the run.
        state: what JSON can hold: the step, the configuration, the loss history.
        model: the network being trained.
        average: its running average.
        optimizer: the one that trains it.
    """
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    for index, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{slot}": value for slot, value in slots.items()}
    tensors = {k: v.detach().to("cpu").contiguous() for k, v in tensors.items()}
    with whole_file(folder / _FILE) as temporary:
        temporary.write_bytes(save(tensors, metadata={_KEY: json.dumps(state)}))


def read_state(folder: Path) -> dict[str, Any] | None:
    """The `state` of the checkpoint in `folder`, or None where there is none.

    Raises:
        TrainingError: the file is damaged.
    """
    path = folder / _FILE
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads((file.metadata() or {})[_KEY])
    except (SafetensorError, KeyError, ValueError) as error:
        raise TrainingError(f"{path} is damaged ({error}); delete it to start anew") from error
    if not isinstance(state, dict):
        raise TrainingError(f"{path} is damaged; delete it to start anew")
    return state


def load_checkpoint(folder: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Fill the network, its average and the optimizer from the checkpoint in `folder`.

    Raises:
        TrainingError: the file does not fit them.
    """
    tensors = load_file(folder / _FILE)
    try:
        model.load_state_dict(_under(tensors, "model."))
        average.load_state_dict(_under(tensors, "average."))
        slots: dict[int, dict[str, Tensor]] = {}
        for key, value in _under(tensors, "optimizer.").items():
            index, slot = key.split(".")
            slots.setdefault(int(index), {})[slot] = value
        optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"the checkpoint in {folder} belongs to another network: {error}") from error


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
