"""Read networks' weights from files that may be damaged or somebody else's."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from edgestyle.errors import ArtifactError

MAX_BYTES = 64 * 2**20


def read_weights(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file. Raises ArtifactError if it is missing, damaged or over 64 MB."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArtifactError(f"{path} is larger than {MAX_BYTES // 2**20} MB")
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            return {name: file.get_tensor(name) for name in names}
    except FileNotFoundError as error:
        raise ArtifactError(
            f"cannot read {path}, there is no such file: give the .safetensors file of a network's weights"
        ) from error
    except (SafetensorError, OSError) as error:
        raise ArtifactError(
            f"cannot read {path} as a network's weights ({error}): give a whole .safetensors file, copied or made anew"
        ) from error


def fill_network(network: nn.Module, path: Path) -> None:
    """Load `network` from a file of exactly its tensors, of any float type; then frozen and in eval mode.

    Raises:
        ArtifactError: as for `read_weights`, or it holds another network or numbers that are not finite.
    """
    tensors = read_weights(path)
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    found = {name: value.shape for name, value in tensors.items()}
    if found != shapes:
        wrong = sorted(name for name in found.keys() | shapes.keys() if found.get(name) != shapes.get(name))
        raise ArtifactError(f"{path} does not fit {type(network).__name__}: {', '.join(wrong[:3])}")
    if not all(torch.isfinite(value).all() for value in tensors.values()):
        raise ArtifactError(f"{path} holds numbers that are not finite")
    network.load_state_dict({name: value.float() for name, value in tensors.items()})
    network.eval().requires_grad_(False)
