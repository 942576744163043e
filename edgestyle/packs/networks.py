"""Build a pack's torch networks from its safetensors, and write them."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from edgestyle.errors import PackError
from edgestyle.images import whole_file
from edgestyle.models import ENCODERS, RENDERERS, AnyEncoder, AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.renderer import Renderer
from edgestyle.packs.choosing import no_encoder
from edgestyle.packs.pack import Pack, PackFiles
from edgestyle.sidecar import file_sha256

MAX_PARAMETERS = 16_000_000

Network = TypeVar("Network", bound=nn.Module)
Known = Mapping[str, tuple[Callable[[Any], Network], Callable[..., Any]]]


def load_renderer(pack: Pack, recipe: str | None = None) -> AnyRenderer:
    """The pack's renderer in eval mode, float32, on the CPU.

    Args:
        pack: what to load from.
        recipe: of an export, whose own weights are taken where the pack has such; None for the float network, which
            every export is measured against.

    Raises:
        PackError: the weights are missing, damaged, of other shapes than the pack says, too many, or not finite.
    """
    return load_component(pack, "renderer", RENDERERS, recipe)


def load_painter(pack: Pack, recipe: str | None = None) -> Renderer:
    """The pack's renderer if it is one that draws, which is what styles are distilled into; arguments as above.

    Raises:
        PackError: as for `load_renderer`, or it is a colour renderer.
    """
    renderer = load_renderer(pack, recipe)
    if not isinstance(renderer, Renderer):
        raise PackError(f"pack '{pack.name}' recolours photos and draws no styles: take a pack such as atelier")
    return renderer


def load_encoder(pack: Pack, recipe: str | None = None) -> AnyEncoder:
    """The pack's encoder of reference pictures; arguments and errors as for `load_renderer`.

    Raises:
        PackError: likewise, or the pack has no encoder.
    """
    if not pack.encodes:
        raise no_encoder(pack)
    return load_component(pack, "encoder", ENCODERS, recipe)


def weights_hash(pack: PackFiles, component: str = "renderer") -> str:
    """The sha256 of a component's weights, which says whether something was made from them."""
    return file_sha256(pack.file(pack.components[component].weights))


def save_network(network: nn.Module, path: Path) -> None:
    """Write the weights of any component as float32 safetensors, whole or not at all."""
    save_tensors({name: value.detach().float() for name, value in network.state_dict().items()}, path)


def save_tensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    """Write safetensors, whole or not at all."""
    with whole_file(path) as temporary:
        whole = save({name: value.contiguous() for name, value in tensors.items()})
        temporary.write_bytes(whole)  # save_file hides a full disk behind an error of its own


def load_component(pack: PackFiles, name: str, known: Known[Network], recipe: str | None = None) -> Network:
    """A network of a pack, built where it costs nothing, checked, and only then filled with its weights.

    Args:
        pack: what to load from.
        name: of the component, which the pack has.
        known: networks and their configurations, by what a pack calls them.
        recipe: as for `load_renderer`.

    Raises:
        PackError: as for `load_renderer`.
    """
    component = pack.components[name]
    if component.model not in known:
        raise PackError(f"pack '{pack.name}' wants {name} '{component.model}'; known: {', '.join(known)}")
    make, config = known[component.model]
    try:
        with torch.device("meta"):  # costs nothing, whatever widths a stranger's pack asks for
            network = make(config(**component.config))
    except (TypeError, ValueError, RuntimeError) as error:
        raise PackError(f"pack '{pack.name}' has an impossible {name} configuration: {error}") from error
    if sum(math.prod(p.shape) for p in network.parameters()) > MAX_PARAMETERS:
        raise PackError(f"pack '{pack.name}' has more than {MAX_PARAMETERS} parameters")
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    network.load_state_dict(_read(pack.file(component.weights_for(recipe)), shapes), assign=True)
    if isinstance(network, ColourRenderer) and not bool((network.usual > 0).all()):
        raise PackError(f"the weights of pack '{pack.name}' divide by a spread that is not above 0")
    return network.eval().requires_grad_(False)


def _read(path: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Read exactly the tensors in `shapes`; shapes are compared in the file's header before anything is loaded."""
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            found = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            if found != shapes:
                wrong = sorted(n for n in found.keys() | shapes.keys() if found.get(n) != shapes.get(n))
                raise PackError(f"{path} does not fit its network: {', '.join(wrong[:3])}")
            tensors = {name: file.get_tensor(name).float() for name in shapes}
    except (SafetensorError, OSError) as error:
        raise PackError(f"{path} is not a readable safetensors file: {error}") from error
    for name, value in tensors.items():
        if not torch.isfinite(value).all():
            raise PackError(f"{path}: '{name}' holds numbers that are not finite")
    return tensors
