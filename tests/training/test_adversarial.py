"""A generator's training: losses punish what they should, runs go on exactly, the damaged is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.models.discriminator import DiscriminatorConfig
from edgestyle.models.mapping import CellMapping
from edgestyle.models.stylegan import Generator, GeneratorConfig, make_mapping
from edgestyle.training import adversarial_steps
from edgestyle.training.adversarial import AdversarialConfig, Progress, Run, teach_generator
from edgestyle.training.adversarial_losses import discriminator_loss, generator_loss, path_lengths, slope_penalty
from edgestyle.training.adversarial_plans import plan_run
from edgestyle.training.adversarial_steps import StepConfig, learning_rate_at
from edgestyle.training.augmentation import adapt, augment
from edgestyle.training.checkpoints import read_state
from edgestyle.training.descent import descend
from edgestyle.training.latent_cells import LatentCells, attributes_of, cut_cells
from edgestyle.training.picture_set import Attributes, PictureSet
from edgestyle.training.processes import launch
from tests.training.breaking import break_loss

STEP = StepConfig(batch_size=4, warm_steps=2, alone_steps=1, slope_every=2, path_every=2)
TINY = AdversarialConfig(
    steps=6,
    step=STEP,
    generator=GeneratorConfig(16, 8, 8, 2, 8, 0.1, (3, 2), (8, 8, 4)),
    discriminator=DiscriminatorConfig(16, (8, 8, 4)),
)


@pytest.fixture
def pictures() -> PictureSet:
    """Twelve flat pictures of three colours, light or dark; the first colour is as frequent as the others together."""
    random = torch.Generator().manual_seed(0)
    indices = torch.stack([torch.tensor([0, 0, 1, 2] * 3), torch.randint(2, (12,), generator=random)], 1)
    colours = torch.tensor([[200, 40, 40], [40, 200, 40], [40, 40, 200]])[indices[:, 0]] // (1 + indices[:, 1:])
    images = colours[:, :, None, None].expand(-1, -1, 16, 16).to(torch.uint8).contiguous()
    return PictureSet(images, Attributes({"colour": ("a", "b", "c"), "shade": ("light", "dark")}, indices))


def weights(generator: Generator) -> Tensor:
    return torch.cat([value.flatten() for value in generator.state_dict().values()])


def test_a_run_that_was_interrupted_goes_on_exactly(pictures: PictureSet, tmp_path: Path) -> None:
    whole = teach_generator(TINY, pictures, tmp_path / "whole", checkpoint_every=100)
    steps: list[int] = []
    for stop in (1, 3, 5):  # in each phase
        with pytest.raises(KeyboardInterrupt):
            teach_generator(
                TINY, pictures, tmp_path / "parts", checkpoint_every=2,
                should_stop=lambda stop=stop: steps[-1] == stop,  # type: ignore[misc]
                on_step=lambda progress: steps.append(progress.step),
            )  # fmt: skip
    parts = teach_generator(TINY, pictures, tmp_path / "parts", checkpoint_every=100)
    assert steps == [1, 2, 3, 4, 5]
    assert torch.equal(weights(whole), weights(parts))


def test_every_phase_reports_its_losses(pictures: PictureSet, tmp_path: Path) -> None:
    seen: dict[int, set[str]] = {}

    def note(progress: Progress) -> None:
        seen[progress.step] = set(progress.losses)

    reached: list[int] = []

    def measure(run: Run) -> None:
        reached.append(run.step)
        run.best = 1.5

    teach_generator(TINY, pictures, tmp_path, on_step=note, on_checkpoint=measure, checkpoint_every=3)
    assert seen[1] == {"pixels", "features"}
    assert seen[3] == {"adversary", "real_score", "slope", "overfitting", "augmentation"}
    assert {"generator", "pixels", "slope", "path"} <= seen[5]
    assert "slope" not in seen[6]
    assert reached == [3, 6]
    state = read_state(tmp_path)
    assert state is not None
    assert (state["step"], state["best"]) == (6, 1.5)


def test_regression_learns_what_attributes_look_like(pictures: PictureSet, tmp_path: Path) -> None:
    losses: list[float] = []
    config = replace(TINY, steps=60, step=replace(STEP, warm_steps=60, warm_rate=0.02))
    teach_generator(config, pictures, tmp_path, on_step=lambda progress: losses.append(progress.losses["pixels"]))
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])


def test_another_configuration_or_other_pictures_are_refused(pictures: PictureSet, tmp_path: Path) -> None:
    config = replace(TINY, steps=1)
    teach_generator(config, pictures, tmp_path)
    with pytest.raises(TrainingError, match="another seed"):
        teach_generator(replace(config, seed=1), pictures, tmp_path)
    with pytest.raises(TrainingError, match="other pictures"):
        teach_generator(config, PictureSet(pictures.images.flip(0), pictures.attributes), tmp_path)
    longer: list[int] = []
    teach_generator(replace(config, steps=2), pictures, tmp_path, on_step=lambda progress: longer.append(progress.step))
    assert longer == [2]


def test_a_loss_that_is_no_number_stops_the_run(pictures: PictureSet, tmp_path: Path) -> None:
    config = replace(TINY, step=replace(STEP, warm_rate=1e30))
    with pytest.raises(TrainingError, match="lower the learning rate"):
        teach_generator(config, pictures, tmp_path)


@pytest.mark.parametrize(
    ("name", "step"), [("feature_loss", 0), ("slope_penalty", 2), ("generator_loss", 3), ("path_lengths", 4)]
)
def test_no_checkpoint_has_weights_that_are_no_numbers(
    pictures: PictureSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, step: int
) -> None:
    count, done = break_loss(monkeypatch, adversarial_steps, name, step)
    with pytest.raises(TrainingError, match=f"at step {step}, where the loss .* is nan"):
        teach_generator(TINY, pictures, tmp_path, on_step=count, checkpoint_every=1)
    assert done[0] == step
    if step:
        assert all(value.isfinite().all() for value in load_file(tmp_path / "checkpoint.safetensors").values())


def test_a_step_is_not_taken_along_gradients_that_are_no_numbers() -> None:
    fabric, weight = launch(1), torch.nn.Parameter(torch.zeros(1))
    adam = torch.optim.Adam([weight])
    root = weight.square().sum().sqrt()  # 0, whose slope is 0 / 0
    with pytest.raises(TrainingError, match="at step 7, where the gradient of root is nan"):
        descend(fabric, adam, root, {"root": root}, 7)
    assert weight.detach() == 0
    line = weight.sum()
    assert descend(fabric, adam, line, {"line": line}, 8) == {"line": 0.0}
    assert weight.detach() != 0


@pytest.mark.parametrize("seed", [-1, 2**32, 2**64])
def test_seeds_that_overflow_are_refused(seed: int) -> None:
    with pytest.raises(TrainingError, match="from 0 to 2"):
        replace(TINY, seed=seed)


def test_a_run_starts_from_a_smaller_one_grown(pictures: PictureSet, tmp_path: Path) -> None:
    sizes = replace(TINY.generator, widths=(8, 8, 4, 4)), replace(TINY.discriminator, widths=(8, 8, 4, 4))
    small = replace(TINY, steps=2, generator=sizes[0], discriminator=sizes[1])
    teach_generator(small, pictures, tmp_path / "small")
    step = {"batch_size": 4, "warm_steps": 1, "alone_steps": 0}
    config, networks = plan_run(pictures, tmp_path / "small", 32, False, step, {"steps": 2})
    assert networks is not None
    assert config.generator.size == config.discriminator.size == 32
    assert config.start
    large = PictureSet(pictures.images.repeat(1, 1, 2, 2), pictures.attributes)
    assert teach_generator(config, large, tmp_path / "large", start=networks).config.size == 32
    for folder, size in ((tmp_path / "nothing", 32), (tmp_path / "small", 8)):
        with pytest.raises(TrainingError):
            plan_run(pictures, folder, size, False, step, {"steps": 2})


def test_regression_needs_attributes(pictures: PictureSet) -> None:
    with pytest.raises(TrainingError, match="attributes"):
        plan_run(PictureSet(pictures.images), None, 16, False, {"warm_steps": 5}, {})
    config, _ = plan_run(PictureSet(pictures.images), None, 64, False, {"warm_steps": 0}, {})
    assert not config.generator.cells


def test_scores_are_pulled_the_right_way() -> None:
    real, drawn = torch.zeros(3, requires_grad=True), torch.zeros(3, requires_grad=True)
    (up,) = torch.autograd.grad(generator_loss(drawn), drawn)
    assert (up < 0).all()  # descending raises what is drawn
    of_real, of_drawn = torch.autograd.grad(discriminator_loss(real, drawn), (real, drawn))
    assert (of_real < 0).all()
    assert (of_drawn > 0).all()


def test_slopes_cost_half_their_square_and_are_flattened() -> None:
    slope = torch.full((3, 4, 4), 0.5, requires_grad=True)
    penalty = slope_penalty(lambda image: (image * slope).sum((1, 2, 3)), torch.rand(5, 3, 4, 4))
    assert float(penalty.detach()) == pytest.approx(0.5 * 48 * 0.25)
    penalty.backward()
    assert slope.grad is not None
    assert torch.allclose(slope.grad, slope)


def test_path_lengths_are_those_of_the_jacobian() -> None:
    torch.manual_seed(0)
    jacobian, style = torch.randn(5, 3, 4, 4, requires_grad=True), torch.randn(2, 5, requires_grad=True)
    direction = torch.randn(2, 3, 4, 4)
    lengths = path_lengths(torch.einsum("nd,dchw->nchw", style, jacobian), style, direction)
    expected = torch.einsum("nchw,dchw->nd", direction, jacobian) / 4
    assert torch.allclose(lengths, expected.norm(dim=1))
    lengths.sum().backward()
    assert jacobian.grad is not None


def test_augmentation_changes_nothing_or_lets_gradients_through() -> None:
    torch.manual_seed(0)
    image = torch.rand(64, 3, 16, 16, requires_grad=True)
    assert augment(image, 0.0) is image
    changed = augment(image, 0.4)
    assert changed.shape == image.shape
    same = torch.isclose(changed, image, atol=1e-4).flatten(1).all(1).float().mean()
    assert 0.0 < same < 0.5  # below 1 some pictures stay as they are
    changed.sum().backward()
    assert image.grad is not None
    assert (image.grad != 0).any()


def test_augmentation_follows_overfitting() -> None:
    assert adapt(0.1, 0.9, 0.6, 1000) > 0.1 > adapt(0.1, 0.2, 0.6, 1000)
    assert adapt(0.0, 0.2, 0.6, 1000) == 0.0
    assert adapt(0.8, 1.0, 0.6, 10**9) == 0.8


def test_learning_rates_go_from_regression_to_the_adversary() -> None:
    step = StepConfig(warm_steps=1000)
    rates = [learning_rate_at(at, step) for at in (0, 100, 999, 1000)]
    assert rates[0] < rates[2] < rates[3] == step.learning_rate < rates[1] < step.warm_rate


def test_cells_show_what_was_asked_as_often_as_the_data(pictures: PictureSet) -> None:
    assert pictures.attributes is not None
    mapping = make_mapping(TINY.generator)
    assert isinstance(mapping, CellMapping)
    cut_cells(mapping, pictures.attributes)
    indices = pictures.attributes.indices.repeat(500, 1)
    z = LatentCells(mapping).draw(indices, torch.Generator().manual_seed(0))
    assert (attributes_of(mapping, z) == indices).float().mean() > 0.999  # but for rounding at the borders
    assert z.mean().abs() < 0.1  # nearly normal, as attributes are as frequent as in the data
    assert float(z.std()) == pytest.approx(1, abs=0.1)
    colours = attributes_of(mapping, torch.randn(20_000, 8, generator=torch.Generator().manual_seed(1)))[:, 0]
    assert (torch.bincount(colours) / 20_000).tolist() == pytest.approx([0.5, 0.25, 0.25], abs=0.02)


@pytest.mark.parametrize(
    "wrong", [{"batch_size": 0}, {"warm_rate": 0.0}, {"slope_weight": -1.0}, {"path_every": 0}, {"alone_steps": -1}]
)
def test_impossible_steps_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(TrainingError):
        StepConfig(**json.loads(json.dumps(wrong)))
