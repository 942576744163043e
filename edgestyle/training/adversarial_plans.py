"""What a generator's run begins with: sizes that fit the pictures, and weights of an earlier run."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors.torch import save

from edgestyle.errors import TrainingError
from edgestyle.models.discriminator import Discriminator, DiscriminatorConfig, grow_discriminator
from edgestyle.models.stylegan import Generator, GeneratorConfig, grow
from edgestyle.training.adversarial import AdversarialConfig
from edgestyle.training.adversarial_steps import StepConfig
from edgestyle.training.checkpoints import load_parts, read_state
from edgestyle.training.picture_set import PictureSet


def plan_run(
    pictures: PictureSet, start: Path | None, size: int, alias_free: bool, step: dict[str, Any],
    settings: dict[str, Any], width: float = 1.0,
) -> tuple[AdversarialConfig, tuple[Generator, Discriminator] | None]:  # fmt: skip
    """A run's configuration, and the networks that it starts from if it goes on from another.

    Args:
        pictures: whose attributes, if known, the cells of z stand for.
        start: folder of another run, or None.
        size, alias_free: of the generator.
        step, settings: of `StepConfig` and `AdversarialConfig`.
        width: times the default channels of generator and discriminator; 1 with `start`, whose channels stay.

    Raises:
        TrainingError: the other run is missing, larger, or learned other attributes; or a setting is out of range.
    """
    if start and width != 1:
        raise TrainingError(f"networks keep their channels when they go on: leave out --width {width:g} with --from")
    networks = load_networks(start, size) if start else None
    cells = tuple(len(found) for found in pictures.attributes.values.values()) if pictures.attributes else ()
    try:
        if networks:
            generator, discriminator = networks[0].config, networks[1].config
        else:
            generator = GeneratorConfig(
                size=size, alias_free=alias_free, cells=cells, widths=_times(width, GeneratorConfig.widths)
            )
            discriminator = DiscriminatorConfig(size=size, widths=_times(width, DiscriminatorConfig.widths))
    except ValueError as error:
        raise TrainingError(str(error)) from error
    if step["warm_steps"] and generator.cells != cells:
        raise TrainingError(f"{start} learned pictures that show other things: give --warm-steps 0")
    digest = _digest(networks) if networks else ""
    config = AdversarialConfig(
        step=StepConfig(**step), generator=generator, discriminator=discriminator, start=digest, **settings
    )
    return config, networks


def _times(width: float, channels: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(max(1, round(width * count)) for count in channels)


def load_networks(folder: Path, size: int) -> tuple[Generator, Discriminator]:
    """The average generator and the discriminator of a run, grown to `size` where they are smaller."""
    state = read_state(folder)
    if state is None:
        raise TrainingError(f"no checkpoint of a generator's run in {folder}")
    try:
        generator = Generator(GeneratorConfig(**state["config"]["generator"]))
        discriminator = Discriminator(DiscriminatorConfig(**state["config"]["discriminator"]))
        load_parts(folder, {"average": generator, "discriminator": discriminator}, {})
        if size != generator.config.size:
            generator, discriminator = grow(generator, size), grow_discriminator(discriminator, size)
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"cannot start from {folder} at {size} pixels: {error}") from error
    return generator, discriminator


def _digest(networks: tuple[Generator, Discriminator]) -> str:
    tensors = {f"{i}.{name}": value for i, part in enumerate(networks) for name, value in part.state_dict().items()}
    return sha256(save({name: value.contiguous() for name, value in tensors.items()})).hexdigest()
