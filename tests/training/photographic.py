"""What tests of photographic looks share: tiny networks, pairs that are cheap to draw."""

from pathlib import Path

from torch import Tensor

from edgestyle.models.colour import ColourConfig
from edgestyle.models.encoder import EncoderConfig
from edgestyle.training.distill import DistillConfig
from edgestyle.training.lessons import open_photographic_lesson, plan_reference_pairs
from edgestyle.training.photographic import PhotographicConfig
from edgestyle.training.photos import Photos
from edgestyle.training.reference_pairs import ReferencePairs

MODEL = ColourConfig(
    style_dimensions=12, hidden=8, guide_channels=4, guide_blocks=1, modulation_hidden=16, context=2
)  # fmt: skip
ENCODER = EncoderConfig(style_dimensions=12, colour_channels=16, channels=4, deep_channels=4, hidden=16)
LOOKS = PhotographicConfig("hash", ("noir", "sepia"), ENCODER, pairs=3)
CONFIG = DistillConfig(
    photographic=LOOKS, steps=6, batch_size=2, crop_size=256, temporal_weight=0.05, gradient_clip=1.0, model=MODEL
)


def halfway(content: Tensor, reference: Tensor) -> Tensor:
    """A stand-in for a teacher: half the photo, half the reference's mean colour."""
    return content.lerp(reference.mean((2, 3), keepdim=True).expand_as(content), 0.5)


def darker(content: Tensor, reference: Tensor) -> Tensor:
    """Another one, which does not look at the reference."""
    del reference
    return content * 0.5


def draw_pairs(folder: Path, photos: Photos, config: DistillConfig = CONFIG) -> ReferencePairs:
    """The pairs of a configuration, drawn."""
    pairs = plan_reference_pairs(config, photos, folder)
    assert list(pairs.draw_each(halfway, darker)) == list(range(pairs.count))
    return pairs


def open_lesson(folder: Path, photos: Photos, config: DistillConfig = CONFIG):
    """A lesson on pairs that are drawn first."""
    return open_photographic_lesson(config, draw_pairs(folder, photos, config))
