"""From a configuration to something to learn."""

from dataclasses import dataclass
from pathlib import Path

from edgestyle.errors import TrainingError
from edgestyle.models.vgg import VGG16Features
from edgestyle.teachers.magenta import ArbitraryStylizer
from edgestyle.training.batches import Lesson
from edgestyle.training.distill import DistillConfig
from edgestyle.training.filters import FilterBatches, FilterLesson
from edgestyle.training.paintings import PaintingBatches, PaintingLesson
from edgestyle.training.photographic import PhotographicBatches, PhotographicLesson
from edgestyle.training.photos import Photos
from edgestyle.training.reference_pairs import ReferencePairs
from edgestyle.training.teacher_pictures import TeacherPictures


@dataclass(frozen=True)
class PaintingSources:
    """What learning paintings needs from disk.

    Attributes:
        paintings: picture files, by style name.
        stylizer: folder of Magenta's two networks.
        features: VGG16 weights, see `load_vgg16`; None fetches torchvision's.
    """

    paintings: dict[str, Path]
    stylizer: Path
    features: Path | None = None


def open_filter_lesson(config: DistillConfig, photos: Photos) -> Lesson:
    """The filters named by `config.teachers`, as something to learn."""
    batches = FilterBatches(photos, config.teachers, config.batch_size, config.crop_size, config.seed)
    return FilterLesson(batches, config.gradient_weight)


def plan_teacher_pictures(
    config: DistillConfig, photos: Photos, folder: Path, paintings: dict[str, Path], stylizer: ArbitraryStylizer
) -> TeacherPictures:
    """The teacher's pictures that `config.paintings` wants, kept in `folder`; still to be drawn.

    Raises:
        TrainingError: the folder holds pictures of something else.
    """
    if config.paintings is None:
        raise TrainingError("this configuration has no paintings")
    return TeacherPictures(folder, photos, stylizer, paintings, config.paintings.frames, config.seed)


def open_painting_lesson(
    config: DistillConfig, pictures: TeacherPictures, features: VGG16Features, device: str = "cpu"
) -> Lesson:
    """The paintings of `config.paintings`, as something to learn.

    Args:
        config: what to learn.
        pictures: the teacher's, drawn.
        features: VGG16; the lesson makes it bfloat16.
        device: where the loss is computed.
    """
    if config.paintings is None:
        raise TrainingError("this configuration has no paintings")
    batches = PaintingBatches(pictures, config.batch_size, config.crop_size, config.seed)
    return PaintingLesson(config.paintings, pictures, features, batches, device)


def plan_reference_pairs(config: DistillConfig, photos: Photos, folder: Path) -> ReferencePairs:
    """The pairs that `config.photographic` wants, kept in `folder`; still to be drawn.

    Raises:
        TrainingError: the folder holds pairs of something else.
    """
    if config.photographic is None:
        raise TrainingError("this configuration has no photographic looks")
    return ReferencePairs(folder, photos, config.photographic.network, config.photographic.pairs, config.seed)


def open_photographic_lesson(config: DistillConfig, pairs: ReferencePairs) -> Lesson:
    """The looks of `config.photographic`, as something to learn from `pairs` that are drawn."""
    if config.photographic is None:
        raise TrainingError("this configuration has no photographic looks")
    batches = PhotographicBatches(pairs, config.photographic, config.batch_size, config.crop_size, config.seed)
    return PhotographicLesson(config.photographic, batches)
