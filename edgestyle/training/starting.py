"""A student that goes on from a pack's network, to learn more styles or the same ones better."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.models.renderer import Renderer, RendererConfig
from edgestyle.packs.networks import load_painter, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.training.distill import DistillConfig
from edgestyle.training.students import Student


def model_of(pack: Pack) -> RendererConfig:
    """The size of the pack's network, which a student that starts from it has too. Raises PackError as loading does."""
    return load_painter(pack).config


def student_from(pack: Pack, config: DistillConfig) -> Student:
    """A student with the pack's weights, and its vectors for the styles that it has; other vectors are random.

    Where the student's network is of another size, it gets what of the pack's fits, see `carry_over`.

    Raises:
        PackError: the pack's weights are damaged.
        TrainingError: the networks differ in more than `carry_over` can bridge.
    """
    if not isinstance(config.model, RendererConfig):
        raise TrainingError("a student that starts from a pack draws styles; photographic looks start anew")
    torch.manual_seed(config.seed)
    student = Student(config.model, len(config.styles))
    carry_over(load_painter(pack), student.renderer)
    with torch.no_grad():
        for index, style in enumerate(config.styles):
            if style in pack.styles:
                student.styles[index] = torch.tensor(pack.styles[style].vector)
    return student


@torch.no_grad()
def carry_over(source: Renderer, target: Renderer) -> None:
    """Copy weights into a renderer that may have another expansion, margin or number of filters on the way down.

    Further filters and hidden channels are random and what is made of them starts at 0, so that at first they change
    nothing (after Chen et al., "Net2Net", ICLR 2016). Where the target has fewer hidden channels it gets those that
    weigh most (after Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017, section 3.1). The weights
    of equal networks are copied bit for bit.

    Raises:
        TrainingError: the networks differ in more than that.
    """
    if _trunk(source.config) != _trunk(target.config):
        raise TrainingError("a network can only start from one of the same channels, blocks, style and context")
    weights = target.state_dict()
    stem = source.config.stem_channels
    for name, old in _strongest_first(source, weights).items():
        into = weights[name]
        if into.ndim > 1 and into.shape[1] > old.shape[1]:
            into.zero_()
        if name == "down.pointwise.weight":
            old, into = (weight.unflatten(1, (stem, -1)) for weight in (old, into))
        elif name.startswith("down.depthwise"):
            old, into = (weight.unflatten(0, (stem, -1)) for weight in (old, into))
        common = tuple(slice(min(a, b)) for a, b in zip(old.shape, into.shape, strict=True))
        into[common] = old[common]
    target.load_state_dict(weights)


def _strongest_first(source: Renderer, target: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of `source`, with the hidden channels of a block that `target` has fewer of in the order of what they
    weigh: the product of the norms of their three convolutions."""
    weights = source.state_dict()
    for block in [name.removesuffix("expand.weight") for name in weights if name.endswith("expand.weight")]:
        expand, depthwise, project = (weights[f"{block}{part}.weight"] for part in ("expand", "depthwise", "project"))
        if len(target[f"{block}expand.weight"]) >= len(expand):
            continue
        weight = expand.flatten(1).norm(dim=1) * depthwise.flatten(1).norm(dim=1) * project.flatten(1).norm(dim=0)
        order = weight.argsort(descending=True)
        for name in ("expand.weight", "expand.bias", "depthwise.weight", "depthwise.bias"):
            weights[block + name] = weights[block + name][order]
        weights[f"{block}project.weight"] = project[:, order]
    return weights


def _trunk(config: RendererConfig) -> RendererConfig:
    """What must be the same in a network and the one it starts from."""
    return replace(config, expansion=1.0, deep_expansion=1.0, down_filters=1, margin=0)


def record_of(pack: Pack) -> dict[str, Any]:
    """What the finished pack says of the one it started from: its folder's name, its weights, how those were made."""
    found = {"pack": pack.name, "folder": pack.folder.resolve().name, "weights_sha256": weights_hash(pack)}
    return {**found, "training": pack.training}
