"""A student that goes on from a pack's network, to learn more styles or the same ones better."""

from typing import Any

import torch

from edgestyle.models.renderer import RendererConfig
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import file_sha256
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


def weights_hash(pack: Pack) -> str:
    """The sha256 of the pack's weights, which says what a run started from."""
    return file_sha256(pack.file(pack.components["renderer"].weights))


def record_of(pack: Pack) -> dict[str, Any]:
    """What the finished pack says of the one it started from: its weights, and how those were made."""
    return {"pack": pack.name, "weights_sha256": weights_hash(pack), "training": pack.training}
