"""Style vectors fitted to a look, with the network frozen."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from edgestyle.models.colour import ColourRenderer
from edgestyle.teachers.grades import GRADES
from edgestyle.training.fitting import distance_to, fit_looks, fit_style, fitting_photos
from edgestyle.training.photos import find_photos
from edgestyle.training.students import PhotographicStudent
from tests.training.photographic import ENCODER, MODEL


def make_renderer() -> ColourRenderer:
    """A random one whose vectors change pictures a lot."""
    torch.manual_seed(0)
    renderer = ColourRenderer(MODEL)
    torch.nn.init.normal_(renderer.mix.weight, std=0.3)
    return renderer


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> Tensor:
    return fitting_photos(find_photos(photo_folder)[0], seed=0, count=4)


def test_the_photos_follow_from_the_seed(photo_folder: Path, photos: Tensor) -> None:
    found = find_photos(photo_folder)[0]
    assert photos.shape == (4, 3, 256, 256)
    assert torch.equal(fitting_photos(found, seed=0, count=4), photos)
    assert not torch.equal(fitting_photos(found, seed=1, count=4), photos)


@pytest.mark.parametrize("look", ["noir", "golden-hour"])
def test_a_fitted_vector_draws_a_grade_better_than_the_start(look: str, photos: Tensor) -> None:
    renderer, draw = make_renderer(), GRADES[look].apply
    torch.manual_seed(1)
    start = PhotographicStudent(MODEL, ENCODER, 1).looks.detach()
    before = {name: value.clone() for name, value in renderer.state_dict().items()}
    trained = [weight.requires_grad for weight in renderer.parameters()]
    vector = fit_style(renderer, draw, photos, start, steps=25, learning_rate=0.2)
    assert vector.shape == (MODEL.style_dimensions,)
    targets = draw(photos)
    assert distance_to(renderer, vector[None], photos, targets) < distance_to(renderer, start, photos, targets)
    assert all(torch.equal(value, before[name]) for name, value in renderer.state_dict().items())
    assert [weight.requires_grad for weight in renderer.parameters()] == trained
    assert all(weight.grad is None for weight in renderer.parameters())


def test_a_look_that_the_network_knows_is_found(photos: Tensor) -> None:
    renderer, start = make_renderer(), torch.zeros(1, MODEL.style_dimensions)
    hidden = torch.tensor([[-0.5, 0.5, 0.2, 1.6, 0.6, 0.4, 1.2, 1.1, 0.5, 0.0, -0.5, 0.5]])

    def draw(image: Tensor) -> Tensor:
        drawn: Tensor = renderer(image, hidden.expand(len(image), -1), torch.ones(len(image)))
        return drawn

    vector = fit_style(renderer, draw, photos, start, steps=40, learning_rate=0.1)
    targets = draw(photos)
    assert distance_to(renderer, vector[None], photos, targets) < 0.3 * distance_to(renderer, start, photos, targets)


def test_the_same_seed_gives_the_same_vector(photos: Tensor) -> None:
    start = torch.zeros(1, MODEL.style_dimensions)
    vectors = [fit_style(make_renderer(), GRADES["sepia"].apply, photos, start, steps=3, seed=s) for s in (0, 0)]
    assert torch.equal(*vectors)


def test_fitting_never_ends_worse_than_it_started(photos: Tensor) -> None:
    renderer, start = make_renderer(), torch.zeros(1, MODEL.style_dimensions)

    def draw(image: Tensor) -> Tensor:
        drawn: Tensor = renderer(image, start.expand(len(image), -1), torch.ones(len(image)))
        return drawn

    assert torch.equal(fit_style(renderer, draw, photos, start, steps=2, learning_rate=5.0), start[0])


def test_every_look_gets_a_vector_of_its_own(photos: Tensor) -> None:
    torch.manual_seed(1)
    learned = dict(zip(("noir", "sepia"), PhotographicStudent(MODEL, ENCODER, 2).looks.detach(), strict=True))
    vectors = dict(fit_looks(make_renderer(), learned, photos, steps=2))
    assert list(vectors) == ["noir", "sepia"]
    assert not torch.equal(*vectors.values())
