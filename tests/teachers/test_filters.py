"""What every teacher promises."""

import itertools

import pytest
import torch
from torch import Tensor

from edgestyle.images import read_picture, resize, to_floats
from edgestyle.quality.fidelity import psnr_db, rms_difference
from edgestyle.teachers import TEACHERS
from edgestyle.teachers.colour import soft_steps
from edgestyle.teachers.kuwahara import anisotropic_kuwahara, gaussian_blur, generalised_kuwahara
from edgestyle.teachers.lines import ink_lines

teachers = pytest.mark.parametrize("name", TEACHERS)
kuwaharas = pytest.mark.parametrize("smooth", [generalised_kuwahara, anisotropic_kuwahara])


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return torch.from_numpy(to_floats(resize(read_picture("examples/astronaut.jpg").pixels, 256, 256)))


@teachers
def test_strength_0_gives_the_picture_back(name: str, photo: Tensor) -> None:
    assert torch.equal(TEACHERS[name](photo, 0.0), photo)


@teachers
def test_values_stay_in_range_and_shape_stays(name: str) -> None:
    wild = torch.rand(2, 3, 41, 57, generator=torch.Generator().manual_seed(0)).round()
    for strength in (0.01, 0.5, 1.0):
        result = TEACHERS[name](wild, strength)
        assert result.shape == wild.shape
        assert result.min() >= 0
        assert result.max() <= 1
        assert torch.isfinite(result).all()


@teachers
def test_the_distance_grows_with_strength(name: str, photo: Tensor) -> None:
    distances = [rms_difference(TEACHERS[name](photo, s / 10), photo) for s in range(11)]
    assert all(a < b for a, b in itertools.pairwise(distances))


@teachers
def test_half_strength_is_no_crossfade(name: str, photo: Tensor) -> None:
    teacher = TEACHERS[name]
    assert psnr_db((photo + teacher(photo, 1.0)) / 2, teacher(photo, 0.5)) < 35


@teachers
def test_a_picture_filtered_in_tiles_with_a_margin_shows_no_seam(name: str, photo: Tensor) -> None:
    margin = 40
    whole = TEACHERS[name](photo, 1.0)
    tile = TEACHERS[name](photo[:, :, 64 - margin : 160 + margin, 64 - margin : 160 + margin], 1.0)
    inside = tile[:, :, margin:-margin, margin:-margin]
    assert torch.allclose(inside, whole[:, :, 64:160, 64:160], atol=2e-4)


@teachers
def test_flat_areas_stay_flat(name: str) -> None:
    result = TEACHERS[name](torch.full((1, 3, 48, 48), 0.4), 1.0)
    assert result.std(dim=(2, 3)).max() < 1e-4


@kuwaharas
def test_noise_is_smoothed_and_an_edge_kept(smooth: object) -> None:
    edge = torch.zeros(1, 3, 64, 64)
    edge[..., 32:] = 0.8
    noisy = edge + 0.05 * torch.rand(edge.shape, generator=torch.Generator().manual_seed(0))
    result = smooth(noisy, 5.0)
    blurred = gaussian_blur(noisy, 2.5)
    assert result[..., 8:24].std() < 0.5 * noisy[..., 8:24].std()
    jump = (result[..., 33] - result[..., 30]).mean()
    assert jump > 0.9 * 0.8
    assert jump > (blurred[..., 33] - blurred[..., 30]).mean()


@kuwaharas
def test_the_radius_is_continuous(smooth: object, photo: Tensor) -> None:
    near = rms_difference(smooth(photo, 2.0), smooth(photo, 2.05))
    far = rms_difference(smooth(photo, 2.0), smooth(photo, 4.0))
    assert near < 0.1 * far


def test_ink_flows_on_the_dark_side_of_an_edge_only() -> None:
    edge = torch.full((1, 3, 32, 32), 0.2)
    edge[..., 16:] = 0.9
    paper = ink_lines(edge, 1.0, 4.0, 0.03)
    assert paper[..., 15].max() < 0.5
    assert paper[..., 17:].min() > 0.99
    assert paper[..., :8].min() > 0.99


def test_soft_steps_flatten_within_a_step_and_keep_the_order() -> None:
    ramp = torch.linspace(0, 1, 512).reshape(1, 1, 1, 512).expand(1, 3, 8, 512)
    steps = soft_steps(ramp, 0.2, 0.1)[0, 0, 0]
    assert (steps.diff() >= -1e-6).all()
    slopes = steps.diff() * 511
    assert slopes.median() < 0.5
    assert slopes.max() > 3
