"""Teach a generator to draw more pictures of a kind: by regression where attributes are known, then by an adversary."""

import json
import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from edgestyle.errors import TrainingError
from edgestyle.images import whole_file
from edgestyle.models.discriminator import Discriminator, DiscriminatorConfig
from edgestyle.models.mapping import CellMapping
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.training.adversarial_steps import Networks, StepConfig, train_step
from edgestyle.training.checkpoints import load_parts, read_state, save_parts
from edgestyle.training.distill import keep_freed_memory
from edgestyle.training.latent_cells import cut_cells
from edgestyle.training.picture_set import PictureSet
from edgestyle.training.processes import launch


@dataclass(frozen=True)
class AdversarialConfig:
    """Everything that decides the weights, given the pictures.

    Attributes:
        steps: in all; one adversarial step may cost as much as three of the others.
        seed, threads: the same ones give the same weights on a CPU.
        average_decay: of the running average of the weights, once it has filled.
        step: what a step does.
        generator, discriminator: their sizes.
        start: sha256 of the weights that training starts from; "" for random ones.
    """

    steps: int = 30_000
    seed: int = 0
    threads: int = 1
    average_decay: float = 0.998
    step: StepConfig = field(default_factory=StepConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    start: str = ""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.threads < 1 or not 0 <= self.average_decay < 1:
            raise TrainingError("steps and threads must be at least 1, the average's decay from 0 and below 1")
        check_seed(self.seed)
        if self.generator.size != self.discriminator.size:
            raise TrainingError("generator and discriminator must look at pictures of one size")
        if bool(self.step.warm_steps) > bool(self.generator.cells):
            raise TrainingError("regression needs pictures whose attributes are known: set the warm steps to 0")


def check_seed(seed: int) -> None:
    """Raise TrainingError for a seed of training that torch's generators would not take once it is multiplied."""
    if not 0 <= seed < 2**32:
        raise TrainingError(f"a seed of training is a whole number from 0 to 2^32-1, not {seed}")


@dataclass
class Run:
    """A generator in training.

    Attributes:
        networks: what is trained.
        average: running average of the generator; this is what is kept.
        step: how many are done.
        best: lowest distance to the held-back pictures so far.
        history: what was measured, one dictionary each time.
    """

    networks: Networks
    average: Generator
    step: int = 0
    best: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """What a run reports after every step: how far it is, and the step's losses by name."""

    step: int
    steps: int
    seconds_left: float
    losses: dict[str, float]


def teach_generator(
    config: AdversarialConfig,
    pictures: PictureSet,
    folder: Path,
    *,
    fabric: Fabric | None = None,
    start: tuple[Generator, Discriminator] | None = None,
    checkpoint_every: int = 500,
    should_stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[Progress], None] = lambda progress: None,
    on_checkpoint: Callable[[Run], None] = lambda run: None,
) -> Generator:
    """Train a generator, or go on where the run in `folder` was interrupted, bit for bit on a CPU.

    Args:
        config: what to do.
        pictures: to learn from.
        folder: of the run; holds the configuration and the checkpoint.
        fabric: from `launch`; one process on the CPU without.
        start: networks to start from, copies of which are trained.
        checkpoint_every: steps between checkpoints.
        should_stop: asked after every step; True saves a checkpoint and ends in KeyboardInterrupt.
        on_step, on_checkpoint: called after every step, and before every regular checkpoint is saved.

    Returns the running average of the generator, on the CPU.

    Raises:
        TrainingError: the folder holds another run, its checkpoint is damaged, or a loss or gradient is not finite
            any more.
    """
    fabric = fabric or launch(config.step.batch_size)
    if fabric.world_size > 1:
        raise TrainingError("a generator is trained in one process: second gradients do not cross between them")
    run = _start(config, pictures, folder, fabric, start)
    began, first = time.monotonic(), run.step
    while run.step < config.steps:
        torch.manual_seed(config.seed * 1_000_003 + run.step)  # all that is random in a step follows from its number
        losses = train_step(fabric, run.networks, pictures, run.step, config.step)
        _update_average(run, config.average_decay)
        run.step += 1
        left = (time.monotonic() - began) / (run.step - first) * (config.steps - run.step)
        on_step(Progress(run.step, config.steps, left, losses))
        stopping = run.step < config.steps and should_stop()
        if run.step % checkpoint_every == 0 or run.step == config.steps:
            set_mean_style(run.average, config.seed)
            on_checkpoint(run)
            _save(config, pictures, run, folder)
        elif stopping:
            _save(config, pictures, run, folder)
        if stopping:
            raise KeyboardInterrupt
    return run.average.cpu()


def new_networks(config: AdversarialConfig, pictures: PictureSet) -> tuple[Generator, Discriminator]:
    """Untrained networks; where attributes are known the generator's cells are cut by their frequencies."""
    torch.manual_seed(config.seed)
    generator, discriminator = Generator(config.generator), Discriminator(config.discriminator)
    if isinstance(generator.mapping, CellMapping):
        if pictures.attributes is None:
            raise TrainingError("cells of z need pictures whose attributes are known")
        cut_cells(generator.mapping, pictures.attributes, config.seed)
    return generator, discriminator


@torch.no_grad()
def set_mean_style(generator: Generator, seed: int) -> None:
    """Note the mean of many styles, toward which truncation goes."""
    random = torch.Generator().manual_seed(seed)
    z = torch.randn(10_000, generator.config.latent_dimensions, generator=random)
    mean = generator.get_buffer("mean_style")
    mean.copy_(generator.mapping(z.to(mean.device)).mean(0))


def _start(
    config: AdversarialConfig, pictures: PictureSet, folder: Path, fabric: Fabric,
    start: tuple[Generator, Discriminator] | None,
) -> Run:  # fmt: skip
    """A fresh run, or the one to go on with from the folder's checkpoint."""
    torch.set_num_threads(config.threads)
    keep_freed_memory()
    generator, discriminator = deepcopy(start) if start else new_networks(config, pictures)
    for parameter in (*generator.parameters(), *discriminator.parameters()):
        if parameter.ndim == 4:  # a fifth quicker on a CPU
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    average = deepcopy(generator).requires_grad_(False).to(fabric.device)
    networks = Networks.prepare(fabric, generator, discriminator, config.step, config.seed)
    run = Run(networks, average)
    state = read_state(folder)
    fresh = _describe(config, pictures)
    if state is None:
        with whole_file(folder / "config.json") as temporary:
            temporary.write_text(json.dumps(fresh["config"], indent=2) + "\n", encoding="utf-8")
        return run
    _check_same(state, fresh, folder)
    load_parts(folder, _modules(run), networks.optimizers())
    run.step, run.best, run.history = state["step"], state["best"] or math.inf, state["history"]
    networks.restore(state["networks"])
    return run


def _check_same(state: dict[str, Any], fresh: dict[str, Any], folder: Path) -> None:
    """Refuse to go on with other settings or pictures; more steps than before are welcome."""
    settings = [{key: value for key, value in one["config"].items() if key != "steps"} for one in (state, fresh)]
    if settings[0] != settings[1]:
        changed = [key for key in settings[1] if settings[0].get(key) != settings[1][key]]
        raise TrainingError(f"{folder} holds a run with another {', '.join(changed)}; start anew with --run FOLDER")
    if state["pictures"] != fresh["pictures"]:
        raise TrainingError(f"{folder} holds a run on other pictures; start anew with --run FOLDER")


def _describe(config: AdversarialConfig, pictures: PictureSet) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(json.dumps({"config": asdict(config), "pictures": pictures.digest()}))
    return described


def _modules(run: Run) -> dict[str, torch.nn.Module]:
    networks = run.networks
    return {"generator": networks.generator, "average": run.average, "discriminator": networks.discriminator}


def _save(config: AdversarialConfig, pictures: PictureSet, run: Run, folder: Path) -> None:
    state = _describe(config, pictures) | {"step": run.step, "history": run.history}
    state |= {"best": run.best if math.isfinite(run.best) else None, "networks": run.networks.state()}
    save_parts(folder, state, _modules(run), run.networks.optimizers())


@torch.no_grad()
def _update_average(run: Run, decay: float) -> None:
    """Exponential moving average of the weights, quick at first."""
    decay = min(decay, (run.step + 1) / (run.step + 10))
    for kept, current in zip(run.average.parameters(), run.networks.generator.parameters(), strict=True):
        kept.lerp_(current, 1 - decay)
