import pytest
import torch

from edgestyle.errors import ContractError
from edgestyle.images import to_floats
from edgestyle.quality.flicker import Perturbation, draw_perturbation, flicker, mean_change, relative_change, shift
from tests.conftest import make_photo

PHOTO = torch.from_numpy(to_floats(make_photo(96, 128)))


def test_a_shift_by_whole_pixels_moves_pixels_right_and_down() -> None:
    moved = shift(PHOTO, 2, 1)
    assert torch.allclose(moved[..., 1:, 2:], PHOTO[..., :-1, :-2], atol=1e-4)
    assert torch.allclose(shift(PHOTO, 0, 0), PHOTO, atol=1e-5)


def test_a_sub_pixel_shift_moves_a_ramp_and_goes_back() -> None:
    ramp = torch.linspace(0, 1, 101).expand(1, 3, 40, 101)
    moved = shift(ramp, 0.25, 0)
    assert torch.allclose(moved[..., 4:-4], ramp[..., 4:-4] - 0.0025, atol=6e-4)  # torch's kernel is 0.05 pixels off
    back = Perturbation(dx=0.25).shift_back(moved)
    assert torch.allclose(back[..., 4:-4], ramp[..., 4:-4], atol=1e-5)


def test_noise_and_light_are_what_was_asked_for() -> None:
    grey = torch.full((1, 3, 64, 64), 0.5)
    noised = Perturbation(noise_sigma=0.02, seed=3).apply(grey)
    assert float((noised - grey).std()) == pytest.approx(0.02, rel=0.05)
    assert torch.allclose(Perturbation(light=0.04).apply(grey), torch.full_like(grey, 0.52), atol=1e-6)
    assert Perturbation(light=1.0, noise_sigma=1.0).apply(PHOTO).aminmax().max <= 1


def test_perturbations_follow_their_seed() -> None:
    first, again, other = (draw_perturbation(torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert first == again != other
    assert torch.equal(first.apply(PHOTO), again.apply(PHOTO))
    assert max(abs(first.dx), abs(first.dy)) <= 1
    assert abs(first.light) <= 0.04


def test_no_style_flickers_by_1_and_a_constant_by_0() -> None:
    assert flicker(lambda image: image, PHOTO) == pytest.approx(1)
    assert flicker(torch.zeros_like, PHOTO) == 0
    assert flicker(lambda image: image / 2, PHOTO) == pytest.approx(0.5, abs=1e-5)


def test_a_style_that_flips_with_noise_flickers_more() -> None:
    def threshold(image: torch.Tensor) -> torch.Tensor:
        return (image > image.mean()).to(image)

    assert flicker(threshold, PHOTO) > 1.5 > flicker(lambda image: image, PHOTO)


def test_a_picture_inside_its_border_is_refused() -> None:
    with pytest.raises(ContractError, match="32 pixels"):
        mean_change(PHOTO[..., :32, :], PHOTO[..., :32, :])


def test_a_loss_can_be_made_of_it() -> None:
    gain = torch.ones(1, requires_grad=True)
    perturbation = draw_perturbation(torch.Generator().manual_seed(0))
    perturbed = perturbation.apply(PHOTO)
    relative_change(PHOTO, perturbed, gain * PHOTO, gain * perturbed, perturbation).sum().backward()
    assert gain.grad is not None
    assert float(gain.grad) == pytest.approx(1, abs=1e-4)
