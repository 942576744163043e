"""A student that goes on from a pack's network, to learn more styles or the same ones better."""

from typing import Any

import torch

from edgestyle.models.renderer import RendererConfig
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.networks import weights_hash as weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.training.distill import DistillConfig, Student


def model_of(pack: Pack) -> RendererConfig:
    """The size of the pack's network, which a student that starts from it has too. Raises PackError as loading does."""
    return load_renderer(pack).config


def student_from(pack: Pack, config: DistillConfig) -> Student:
    """A student with the pack's weights, and its vectors for the styles that it has; other vectors are random.

    Raises:
        PackError: the pack's weights are damaged.
    """
    torch.manual_seed(config.seed)
    student = Student(config.model, len(config.styles))
    student.renderer.load_state_dict(load_renderer(pack).state_dict())
    with torch.no_grad():
        for index, style in enumerate(config.styles):
            if style in pack.styles:
                student.styles[index] = torch.tensor(pack.styles[style].vector)
    return student


def record_of(pack: Pack) -> dict[str, Any]:
    """What the finished pack says of the one it started from: its folder's name, its weights, how those were made."""
    found = {"pack": pack.name, "folder": pack.folder.resolve().name, "weights_sha256": weights_hash(pack)}
    return {**found, "training": pack.training}
