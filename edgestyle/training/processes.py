"""One process or many: how they start, and how they agree.

Lightning Fabric starts them, averages their gradients and knows where it runs (one machine, torchrun, SLURM). Every
process goes through the same loop with its share of each batch; where one of them learns something that concerns all,
such as Ctrl-C, they agree on it here.
"""

import logging
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision, Precision
from torch import Tensor, distributed

from edgestyle.errors import EdgestyleError, TrainingError
from edgestyle.training.batches import Batch, check_shares

PRECISIONS = ("32", "16", "bf16")
_CLASS_NAME = re.compile(r"^edgestyle\.errors\.\w+: ")


class _MixedPrecision(MixedPrecision):  # type: ignore[misc]
    """Autocast that leaves the pictures float32, as the skip from input to output must be."""

    def convert_input(self, data: object) -> object:
        return data


def launch(batch_size: int, precision: str = "32", device: str = "cpu", devices: int = 1, nodes: int = 1) -> Fabric:
    """Start a run's processes. A machine's second and further ones begin the same command anew and return here too.

    Args:
        batch_size: of all processes together.
        precision: one of `PRECISIONS`; "16" and "bf16" are mixed precision, weights stay float32.
        device: a torch device, such as cpu or cuda.
        devices: processes on this machine; each has a GPU of its own, if GPUs they are.
        nodes: machines. On each of them the command is started by torchrun or SLURM, or by hand with the variables
            MASTER_ADDR, MASTER_PORT and NODE_RANK set.

    Raises:
        TrainingError: there is no such device, or not as many, or they cannot share a batch or compute so.
    """
    if devices < 1 or nodes < 1:
        raise TrainingError("a run needs at least one device and one node")
    started = int(os.environ.get("WORLD_SIZE", devices * nodes))
    if started != devices * nodes:
        raise TrainingError(f"{started} processes were started from outside, but {devices} x {nodes} are asked for")
    check_shares(batch_size, devices * nodes)
    kind = _check_device(device, devices, precision)
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)  # its hints are about its own API
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fabric = Fabric(
            accelerator=kind.type,
            devices=devices if kind.index is None or kind.type == "cpu" else [kind.index],
            num_nodes=nodes,
            strategy="ddp" if devices * nodes > 1 else "auto",
            plugins=[Precision() if precision == "32" else _MixedPrecision(f"{precision}-mixed", kind.type)],
        )
        fabric.launch()
    return fabric


def _check_device(name: str, devices: int, precision: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise TrainingError(f"cannot train on device '{name}': {str(error).splitlines()[0]}") from error
    there = {"cpu": devices, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    found = there.get(device.type, 0)
    if devices > (min(found, 1) if device.type == "cuda" and device.index is not None else found):
        raise TrainingError(f"cannot train on {devices} of device '{name}': {found} found")
    if precision == "16" and device.type != "cuda":
        raise TrainingError(f"float16 needs a CUDA GPU: on device '{name}' train with --precision 32 or bf16")
    return device


def any_of(fabric: Fabric, flag: bool) -> bool:
    """Whether `flag` is true in any process; all of them must ask."""
    if fabric.world_size == 1:
        return flag
    number = torch.tensor(float(flag), device=fabric.device)
    distributed.all_reduce(number, distributed.ReduceOp.MAX)
    return bool(number)


def mean_of(fabric: Fabric, numbers: Tensor) -> list[float]:
    """The mean over processes of each of `numbers` `[N]`; all of them must ask."""
    mean = numbers.detach().clone()
    if fabric.world_size > 1:
        distributed.all_reduce(mean)
        mean /= fabric.world_size
    return mean.tolist()


def first_text(fabric: Fabric, text: str) -> str:
    """The first text that is not empty among those of all processes; all of them must ask."""
    if fabric.world_size == 1 or not any_of(fabric, bool(text)):
        return text
    texts = [""] * fabric.world_size
    distributed.all_gather_object(texts, text)
    return next(filter(None, texts))


def in_step(fabric: Fabric, batches: Iterable[Batch]) -> Iterator[Batch]:
    """Pass batches on; where one process has none because of an error, all of them raise it.

    An error that crossed from a worker arrives wrapped in that process's traceback; it is unwrapped.
    """
    rest = iter(batches)
    while True:
        batch, failed = None, ""
        try:
            batch = next(rest, None)
        except EdgestyleError as error:
            failed = _CLASS_NAME.sub("", str(error).strip().splitlines()[-1])
        if failed := first_text(fabric, failed):
            raise TrainingError(failed)
        if batch is None:
            return
        yield batch


@contextmanager
def broken_connections() -> Iterator[None]:
    """Turn what torch raises when another process is gone into TrainingError."""
    try:
        yield
    except RuntimeError as error:
        if not isinstance(error, distributed.DistError) and "gloo" not in str(error).lower():
            raise
        raise TrainingError(
            "another process of this run is gone; the same command goes on from the last checkpoint"
        ) from error
