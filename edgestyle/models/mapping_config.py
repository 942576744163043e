"""Sizes of a mapping network, as a pack writes them down, and the network from them."""

from dataclasses import asdict, dataclass

from edgestyle.models.equalised import EqualLinear
from edgestyle.models.mapping import CellMapping, Mapping


@dataclass(frozen=True)
class MappingConfig:
    """Widths of a mapping.

    Attributes:
        latent_dimensions: length L of the random numbers.
        sizes: what each layer gives; the last is the length D of the style.
        rate: learning rate that the layers were trained with by others', which says how their weights are scaled.
        cells: number of values of each attribute that the random numbers stand for; empty for a plain mapping.

    Raises:
        ValueError: there is no layer, or a width or the rate is not above 0.
    """

    latent_dimensions: int
    sizes: tuple[int, ...]
    rate: float = 1.0
    cells: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes", tuple(self.sizes))  # JSON has lists
        object.__setattr__(self, "cells", tuple(self.cells))
        if not self.sizes or min(self.latent_dimensions, *self.sizes, *self.cells) < 1 or self.rate <= 0:
            raise ValueError(f"a mapping needs layers with widths from 1 and a rate above 0, not {asdict(self)}")


def build_mapping(config: MappingConfig) -> Mapping:
    """The network of these sizes, untrained. Raises ValueError where there are more attributes than L has room for."""
    if config.cells:
        return CellMapping(config.cells, config.latent_dimensions, config.sizes, config.rate)
    return Mapping([config.latent_dimensions, *config.sizes], config.rate)


def describe_mapping(mapping: Mapping) -> MappingConfig:
    """The sizes of a network, from which `build_mapping` makes another like it."""
    layers = [layer for layer in mapping.layers if isinstance(layer, EqualLinear)]
    sizes = tuple(len(layer.weight) for layer in layers)
    if isinstance(mapping, CellMapping):
        return MappingConfig(mapping.latents, sizes, layers[0].rate, tuple(mapping.counts))
    return MappingConfig(layers[0].weight.shape[1], sizes, layers[0].rate)
