"""Checkpoints as safetensors plus JSON: nothing in them can run code when it is loaded."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from edgestyle.errors import OutputError, TrainingError
from edgestyle.images import make_folder, whole_file

_FILE = "checkpoint.safetensors"
_KEY = "training"


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep the folder of a run for this process, for as long as it trains there.

    Raises:
        TrainingError: another process trains in it.
        OutputError: it cannot be made or written.
    """
    make_folder(folder)
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:  # which is an OSError too
        raise TrainingError(f"another training runs in {folder}: wait for it, or take another folder") from error
    except OSError as error:
        raise OutputError(f"cannot write into {folder}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


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
    save_parts(folder, state, {"model": model, "average": average}, {"optimizer": optimizer})


def save_parts(
    folder: Path,
    state: dict[str, Any],
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, torch.optim.Optimizer],
) -> None:
    """The same for any number of networks and optimizers, by names without dots."""
    tensors = {f"{name}.{k}": v for name, module in modules.items() for k, v in module.state_dict().items()}
    for name, optimizer in optimizers.items():
        for index, slots in optimizer.state_dict()["state"].items():
            tensors |= {f"{name}.{index}.{slot}": value for slot, value in slots.items()}
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
    load_parts(folder, {"model": model, "average": average}, {"optimizer": optimizer})


def load_parts(folder: Path, modules: Mapping[str, nn.Module], optimizers: Mapping[str, torch.optim.Optimizer]) -> None:
    """Fill any number of networks and optimizers, as `save_parts` named them. Raises TrainingError as before."""
    tensors = load_file(folder / _FILE)
    try:
        for name, module in modules.items():
            module.load_state_dict(_under(tensors, f"{name}."))
        for name, optimizer in optimizers.items():
            slots: dict[int, dict[str, Tensor]] = {}
            for key, value in _under(tensors, f"{name}.").items():
                index, slot = key.split(".")
                slots.setdefault(int(index), {})[slot] = value
            optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"the checkpoint in {folder} belongs to another network: {error}") from error


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
