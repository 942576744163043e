"""ESRGAN-slim as it was published: its graph is held against the expected one, its weights fill the network."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgestyle.arrays import Floats
from edgestyle.errors import ArtifactError
from edgestyle.models.layers_model import Layer, LayersModel, read_layers_model
from edgestyle.models.upscaler import EsrganSlim, UpscalerConfig

LEVELS = 255  # the published network takes and gives pictures in [0,255]

_SOURCES = {  # layer -> what it takes
    "LR": (),
    "F_m1": ("LR",),
    "F_0": ("F_m1",),
    "F_1_1": ("F_0",),
    "F_1_1_Relu": ("F_1_1",),
    "RDB_Concat_1_1": ("F_0", "F_1_1_Relu"),
    "LFF_1": ("RDB_Concat_1_1",),
    "LRL_1": ("LFF_1", "F_0"),
    "F_2_1": ("LRL_1",),
    "F_2_1_Relu": ("F_2_1",),
    "RDB_Concat_2_1": ("LRL_1", "F_2_1_Relu"),
    "LFF_2": ("RDB_Concat_2_1",),
    "LRL_2": ("LFF_2", "LRL_1"),
    "LRLs_Concat": ("LRL_1", "LRL_2"),
    "GFF_1": ("LRLs_Concat",),
    "GFF_2": ("GFF_1",),
    "FDF": ("GFF_2", "F_m1"),
    "UPN1": ("FDF",),
    "UPN1_Relu": ("UPN1",),
    "UPN2": ("UPN1_Relu",),
    "UPN2_Relu": ("UPN2",),
    "UPN3": ("UPN2_Relu",),
    "UPsample": ("UPN3",),
    "SR": ("UPsample",),
}
_CONVOLUTION = {
    "strides": [1, 1], "dilation_rate": [1, 1], "groups": 1, "activation": "linear", "use_bias": True,
    "data_format": "channels_last",
}  # fmt: skip
_OPTIONS: dict[str, dict[str, Any]] = {  # kind of layer -> what its configuration must say
    "InputLayer": {},
    "Conv2D": _CONVOLUTION,
    "Activation": {"activation": "relu"},
    "Concatenate": {"axis": 3},
    "Add": {},
    "UpSampling2D": {"interpolation": "nearest", "data_format": "channels_last"},
}
_NAMES = {  # module of `EsrganSlim` -> layer
    "shallow": "F_m1",
    "deeper": "F_0",
    "blocks.0.grow": "F_1_1",
    "blocks.0.fuse": "LFF_1",
    "blocks.1.grow": "F_2_1",
    "blocks.1.fuse": "LFF_2",
    "fuse": "GFF_1",
    "settle": "GFF_2",
    "wide": "UPN1",
    "narrow": "UPN2",
    "colours": "UPN3",
    "head": "SR",
}


def load_published(folder: Path) -> EsrganSlim:
    """The network of a folder in TensorFlow.js's layers format, for pictures in [0,1], frozen and in eval mode.

    The published one is for [0,255]. All its layers scale as their input does but for the biases, so these are divided.

    Raises:
        ArtifactError: as for `read_layers_model`, or it is another network.
    """
    model = read_layers_model(folder)
    factor = _check_graph(folder, model)
    tensors = _tensors(folder, model, factor)
    widths = (tensors[f"{name}.weight"].shape[0] for name in ("shallow", "blocks.0.grow", "wide", "narrow"))
    try:
        with torch.device("meta"):  # costs nothing, whatever widths the file has
            network = EsrganSlim(UpscalerConfig(factor, *widths))
        network.load_state_dict(tensors, assign=True)
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise ArtifactError(f"the weights in {folder} are not ESRGAN-slim's: {reason}") from error
    return network.eval().requires_grad_(False)


def _check_graph(folder: Path, model: LayersModel) -> int:
    """The factor; raises ArtifactError where the graph is not the one that `EsrganSlim` computes."""
    found = {name: layer.inputs for name, layer in model.layers.items()}
    wrong = sorted(name for name in found.keys() | _SOURCES.keys() if found.get(name) != _SOURCES.get(name))
    wrong += [name for name, layer in model.layers.items() if name in _SOURCES and not _is_expected(name, layer)]
    size = model.layers["UPsample"].options.get("size") if "UPsample" in model.layers else None
    if wrong or model.output != "SR" or size not in ([2, 2], [4, 4]):
        raise ArtifactError(f"{folder} holds another network than ESRGAN-slim: {', '.join(wrong[:3]) or size}")
    assert isinstance(size, list)
    return int(size[0])


def _is_expected(name: str, layer: Layer) -> bool:
    options = layer.options
    if layer.kind != _kind(name) or any(options.get(key) != value for key, value in _OPTIONS[layer.kind].items()):
        return False
    return layer.kind != "Conv2D" or options.get("padding") == "same" or options.get("kernel_size") == [1, 1]


def _kind(name: str) -> str:
    if name in _NAMES.values():
        return "Conv2D"
    special = {"LR": "InputLayer", "UPsample": "UpSampling2D"}
    return special.get(name, "Activation" if "Relu" in name else "Concatenate" if "Concat" in name else "Add")


def _tensors(folder: Path, model: LayersModel, factor: int) -> dict[str, Tensor]:
    """Weights by their names in `EsrganSlim`."""
    tensors = {}
    for module, layer in _NAMES.items():
        kernel, bias = model.weights.get(f"{layer}/kernel"), model.weights.get(f"{layer}/bias")
        if kernel is None or bias is None or kernel.ndim != 4 or bias.shape != kernel.shape[3:]:
            raise ArtifactError(f"{folder} holds no weights of layer '{layer}'")
        if layer == "SR":
            kernel, bias = unfold_enlargement(kernel, factor), bias.repeat(factor**2)
        tensors[f"{module}.weight"] = torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
        tensors[f"{module}.bias"] = torch.from_numpy(bias / np.float32(LEVELS))
    return tensors


def unfold_enlargement(kernel: Floats, factor: int) -> Floats:
    """The kernel that does before a pixel shuffle what another one does after every pixel was repeated.

    Args:
        kernel: `[3,3,in,out]`.
        factor: how often a pixel is repeated in each direction.

    Returns:
        `[3,3,in,out*factor*factor]`, in the order of `torch.nn.PixelShuffle`.

    Raises:
        ArtifactError: the kernel is not 3x3.
    """
    if kernel.shape[:2] != (3, 3):
        raise ArtifactError(f"the last layer has a kernel of {kernel.shape[0]}x{kernel.shape[1]}, not 3x3")
    unfolded = np.zeros((*kernel.shape, factor, factor), np.float32)
    for down, across in np.ndindex(factor, factor):
        for row, column in np.ndindex(3, 3):
            cell = 1 + (down + row - 1) // factor, 1 + (across + column - 1) // factor
            unfolded[(*cell, ..., down, across)] += kernel[row, column]
    return unfolded.reshape(*kernel.shape[:3], -1)
