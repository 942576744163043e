"""Build an avatar pack's torch networks from its safetensors, and write them in half the bytes."""

from pathlib import Path

from torch import nn

from edgestyle.models import GENERATORS, INVERTERS, MAPPINGS
from edgestyle.models.inversion import InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mobile_stylegan import MobileGenerator
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.packs.networks import load_component, save_tensors


def load_generator_network(pack: AvatarPack) -> MobileGenerator:
    """The pack's generator in eval mode, float32, on the CPU.

    Raises:
        PackError: the weights are missing, damaged, of other shapes than the pack says, too many, or not finite.
    """
    return load_component(pack, "generator", GENERATORS)


def load_mapping(pack: AvatarPack) -> Mapping:
    """The pack's mapping from random numbers to styles, likewise."""
    return load_component(pack, "mapping", MAPPINGS)


def load_inverter(pack: AvatarPack) -> InversionEncoder:
    """The pack's encoder of avatars, likewise. Raises PackError also where it has none."""
    pack.check_inverts()
    return load_component(pack, "inverter", INVERTERS)


def save_halves(network: nn.Module, path: Path) -> None:
    """Write a network whose parameters float16 holds: those in half the bytes, and what else it has as float32."""
    parameters = dict(network.named_parameters())
    tensors = {
        name: value.detach().half() if name in parameters else value.detach().float()
        for name, value in network.state_dict().items()
    }
    save_tensors(tensors, path)
