"""What every teacher that takes a reference promises."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.images import read_picture, resize, to_floats
from edgestyle.quality.fidelity import psnr_db
from edgestyle.teachers import REFERENCE_TEACHERS, ReferenceTeacher
from edgestyle.teachers.colour import luma
from edgestyle.teachers.kuwahara import gaussian_blur
from edgestyle.teachers.pairs import KEPT_CONTRAST
from edgestyle.teachers.photographic import PhotographicTeacher
from tests.teachers.pcakd_archive import copying_arrays, write_archive

ORANGE, BLACK, WHITE, GREY = (0.9, 0.5, 0.1), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5)


@pytest.fixture(params=[*REFERENCE_TEACHERS, "photographic"], scope="module")
def teacher(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ReferenceTeacher:
    if request.param in REFERENCE_TEACHERS:
        return REFERENCE_TEACHERS[request.param]
    folder: Path = tmp_path_factory.mktemp("pcakd")
    return PhotographicTeacher(write_archive(folder, copying_arrays()))


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return torch.from_numpy(to_floats(resize(read_picture("examples/astronaut.jpg").pixels, 128, 128)))


@pytest.fixture(scope="module")
def mood() -> Tensor:
    """A sky that turns from deep blue into orange, with noise."""
    down = torch.linspace(0, 1, 96).reshape(1, 1, 96, 1)
    blue, orange = (torch.tensor(c).reshape(1, 3, 1, 1) for c in ((0.15, 0.2, 0.45), (0.85, 0.6, 0.35)))
    noise = 0.1 * torch.rand(1, 3, 96, 80, generator=torch.Generator().manual_seed(0)) - 0.05
    return (blue.lerp(orange, down) + noise).clamp(0, 1)


def flat(colour: tuple[float, float, float], side: int) -> Tensor:
    return torch.tensor(colour).reshape(1, 3, 1, 1).repeat(1, 1, side, side)


def spread(image: Tensor) -> Tensor:
    return luma(image).std(dim=(1, 2, 3))


def test_a_picture_as_its_own_reference_comes_back_nearly(teacher: ReferenceTeacher, photo: Tensor) -> None:
    soft = gaussian_blur(photo, 3.0)  # the stand-in network's pooling is hard on texture
    assert psnr_db(teacher(soft, soft), soft) > 25


def test_mean_and_spread_of_the_reference_are_reached(teacher: ReferenceTeacher, photo: Tensor, mood: Tensor) -> None:
    result = teacher(photo, mood)
    before = (photo.mean((2, 3)) - mood.mean((2, 3))).abs().max()
    after = (result.mean((2, 3)) - mood.mean((2, 3))).abs().max()
    assert after < max(0.25 * before, 0.03)
    assert spread(result) == pytest.approx(float(spread(mood)), rel=0.35)


def test_the_same_pair_gives_the_same_picture(teacher: ReferenceTeacher, photo: Tensor, mood: Tensor) -> None:
    assert torch.equal(teacher(photo, mood), teacher(photo, mood))


def test_where_the_content_is_flat_nothing_is_drawn(teacher: ReferenceTeacher, mood: Tensor) -> None:
    content = flat((0.2, 0.3, 0.3), 96)
    content[..., 48:] = 0.8
    result = teacher(content, mood)
    steps = result.diff(dim=3).abs().amax((0, 1, 2))
    assert steps[47] > 10 * torch.cat([steps[:45], steps[50:]]).max()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 5), (41, 57)])
def test_any_size_is_taken(teacher: ReferenceTeacher, photo: Tensor, mood: Tensor, size: tuple[int, int]) -> None:
    for content, reference in ((photo[..., : size[0], : size[1]], mood), (photo, mood[..., : size[0], : size[1]])):
        result = teacher(content, reference)
        assert result.shape == content.shape
        assert torch.isfinite(result).all()


@pytest.mark.parametrize("side", [1, 32])
@pytest.mark.parametrize("colour", [ORANGE, BLACK, WHITE, GREY])
def test_a_reference_of_one_colour_tints_and_wipes_nothing_out(
    teacher: ReferenceTeacher, photo: Tensor, colour: tuple[float, float, float], side: int
) -> None:
    reference = flat(colour, side)
    result = teacher(photo, reference)
    assert torch.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1
    assert (result - reference[..., :1, :1]).abs().mean() < 0.7 * (photo - reference[..., :1, :1]).abs().mean()
    assert spread(result) > 0.8 * KEPT_CONTRAST * spread(photo)


@pytest.mark.parametrize("colour", [BLACK, WHITE, GREY, ORANGE])
def test_a_content_of_one_colour_stays_flat(
    teacher: ReferenceTeacher, mood: Tensor, colour: tuple[float, float, float]
) -> None:
    result = teacher(flat(colour, 40), mood)
    assert torch.isfinite(result).all()
    assert result.std(dim=(2, 3)).max() < 1e-3


def test_a_batch_is_drawn_as_its_pictures_are(teacher: ReferenceTeacher, photo: Tensor, mood: Tensor) -> None:
    contents = torch.cat([photo, photo.flip(1)])
    one_for_both = teacher(contents, mood)
    one_each = teacher(contents, torch.cat([mood, mood.flip(1)]))
    assert torch.allclose(one_for_both[:1], teacher(photo, mood), atol=1e-4)
    assert torch.allclose(one_each[1:], teacher(photo.flip(1), mood.flip(1)), atol=1e-4)


@pytest.mark.parametrize(
    ("content", "reference", "reason"),
    [
        (torch.zeros(3, 8, 8), torch.zeros(1, 3, 8, 8), "content is float"),
        (torch.zeros(1, 3, 8, 8), torch.zeros(1, 4, 8, 8), "reference is float"),
        (torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 0, 8), "reference is float"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), torch.zeros(1, 3, 8, 8), "content is float"),
        (torch.full((1, 3, 8, 8), 255.0), torch.zeros(1, 3, 8, 8), "\\[0,1\\], not 255"),
        (torch.full((1, 3, 8, 8), torch.nan), torch.zeros(1, 3, 8, 8), "content has values"),
        (torch.zeros(1, 3, 8, 8), torch.zeros(2, 3, 8, 8), "not 2"),
    ],
)
def test_other_tensors_are_refused(teacher: ReferenceTeacher, content: Tensor, reference: Tensor, reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        teacher(content, reference)
