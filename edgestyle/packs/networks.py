"""Build a pack's torch networks from its safetensors, and write them."""

import math
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from edgestyle.errors import PackError
from edgestyle.images import whole_file
from edgestyle.models import MODELS
from edgestyle.models.renderer import Renderer
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import file_sha256

MAX_PARAMETERS = 16_000_000


def load_renderer(pack: Pack, recipe: str | None = None) -> Renderer:
    """The pack's renderer in eval mode, float32, on the CPU.

    Args:
        pack: what to load from.
        recipe: of an export, whose own weights are taken where the pack has such; None for the float network, which
            every export is measured against.

    Raises:
        PackError: the weights are missing, damaged, of other shapes than the pack says, too many, or not finite.
    """
    component = pack.components["renderer"]
    if component.model not in MODELS:
        raise PackError(f"pack '{pack.name}' wants network '{component.model}'; known: {', '.join(MODELS)}")
    network, config = MODELS[component.model]
    try:
        with torch.device("meta"):  # costs nothing, whatever widths a stranger's pack asks for
            renderer = network(config(**component.config))
    except (TypeError, ValueError, RuntimeError) as error:
        raise PackError(f"pack '{pack.name}' has an impossible renderer configuration: {error}") from error
    if sum(math.prod(p.shape) for p in renderer.parameters()) > MAX_PARAMETERS:
        raise PackError(f"pack '{pack.name}' has more than {MAX_PARAMETERS} parameters")
    shapes = {name: tuple(value.shape) for name, value in renderer.state_dict().items()}
    renderer.load_state_dict(_read(pack.file(component.weights_for(recipe)), shapes), assign=True)
    return renderer.eval().requires_grad_(False)


def weights_hash(pack: Pack) -> str:
    """The sha256 of the pack's weights, which says whether something was made from them."""
    return file_sha256(pack.file(pack.components["renderer"].weights))


def save_renderer(renderer: Renderer, path: Path) -> None:
    """Write the weights as float32 safetensors, whole or not at all."""
    tensors = {name: value.detach().float().contiguous() for name, value in renderer.state_dict().items()}
    with whole_file(path) as temporary:
        temporary.write_bytes(save(tensors))  # save_file hides a full disk behind an error of its own


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
