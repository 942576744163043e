"""Distilling a generator: what is learned, runs that go on exactly, what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.models.discriminator import DiscriminatorConfig
from edgestyle.models.inversion import InversionConfig
from edgestyle.models.mobile_stylegan import MobileConfig, haar
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.training import generator_lessons
from edgestyle.training.adversarial import Progress
from edgestyle.training.generator_distillation import (
    GeneratorDistillConfig,
    distill_generator,
    load_student,
    plan_distillation,
)
from edgestyle.training.generator_lessons import GeneratorLessonConfig, GeneratorStudent
from edgestyle.training.generator_sheets import write_pairs
from edgestyle.training.wavelet_losses import energy_loss, sharpened, wavelet_loss
from tests.training.breaking import break_loss

LESSON = GeneratorLessonConfig(
    batch_size=4,
    coarse_share=0.3,
    adversarial_start=0.5,
    encoder_start=0.33,
    model=MobileConfig(8, (16, 16, 12)),
    encoder=InversionConfig(32, 8, (8, 8), 16),
    judge=DiscriminatorConfig(32, (8, 8, 8, 4)),
)
CONFIG = GeneratorDistillConfig("hash", steps=6, lesson=LESSON)


@pytest.fixture
def teacher() -> Generator:
    """A random StyleGAN whose pictures differ."""
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(32, 8, 8, 2, 8, 0.1, (), (8, 8, 8, 4)))
    generator.get_buffer("mean_style").copy_(generator.mapping(torch.randn(500, 8)).mean(0).detach())
    return generator.eval().requires_grad_(False)


def weights(student: GeneratorStudent) -> Tensor:
    return torch.cat([value.flatten() for value in student.state_dict().values()])


def test_a_run_that_was_interrupted_goes_on_exactly(teacher: Generator, tmp_path: Path) -> None:
    whole = distill_generator(CONFIG, teacher, tmp_path / "whole", checkpoint_every=100)
    steps: list[int] = []
    for stop in (1, 4):  # before and after the adversary comes
        with pytest.raises(KeyboardInterrupt):
            distill_generator(
                CONFIG, teacher, tmp_path / "parts", should_stop=lambda stop=stop: steps[-1] == stop,  # type: ignore[misc]
                on_step=lambda progress: steps.append(progress.step),
            )  # fmt: skip
    parts = distill_generator(CONFIG, teacher, tmp_path / "parts", checkpoint_every=100)
    assert steps == [1, 2, 3, 4]
    assert torch.equal(weights(whole), weights(parts))
    with pytest.raises(TrainingError, match="another seed"):
        distill_generator(replace(CONFIG, seed=1), teacher, tmp_path / "parts")


def test_a_student_of_another_teacher_can_be_gone_on_with(teacher: Generator, tmp_path: Path) -> None:
    first = distill_generator(CONFIG, teacher, tmp_path / "first")
    student, digest = load_student(tmp_path / "first")
    assert torch.equal(weights(student), weights(first))
    config = replace(CONFIG, teacher="another", steps=1, start=digest)
    second = distill_generator(config, teacher, tmp_path / "second", start=student)
    assert 0 < (weights(second) - weights(first)).abs().max() < 0.01
    with pytest.raises(TrainingError, match="no checkpoint"):
        load_student(tmp_path)


def test_it_learns_to_draw_what_the_teacher_draws(teacher: Generator, tmp_path: Path) -> None:
    seen: list[Progress] = []
    lesson = replace(LESSON, encoder_start=0.0, coarse_share=0.0, learning_rate=5e-3)
    student = distill_generator(
        replace(CONFIG, steps=200, lesson=lesson), teacher, tmp_path, on_step=seen.append, checkpoint_every=100,
        on_checkpoint=lambda step, student: write_pairs(teacher, student, tmp_path / f"{step}.png"),
    )  # fmt: skip
    for name, share in {"pixels": 0.8, "wavelets": 0.8, "styles": 0.9}.items():
        first, last = (sum(one.losses[name] for one in part) for part in (seen[:5], seen[-5:]))
        assert last < share * first, name
    assert torch.equal(student.generator.get_buffer("mean_style"), teacher.get_buffer("mean_style"))
    assert (tmp_path / "200.png").is_file()


def test_every_part_of_the_loss_comes_when_it_should(teacher: Generator, tmp_path: Path) -> None:
    seen: dict[int, set[str]] = {}

    def note(progress: Progress) -> None:
        seen[progress.step] = set(progress.losses)

    distill_generator(CONFIG, teacher, tmp_path, on_step=note)
    assert seen[1] == {"pixels", "features", "wavelets"}
    assert {"energies", "styles", "redrawn"} <= seen[3]
    assert "adversary" not in seen[3]
    assert {"generator", "adversary"} <= seen[4]


def test_the_wavelet_loss_likes_the_target_best() -> None:
    target = torch.rand(2, 3, 16, 16)
    coarse = torch.nn.functional.avg_pool2d(target, 2)
    assert wavelet_loss([haar(coarse), haar(target)], target).item() == pytest.approx(0, abs=1e-6)
    assert wavelet_loss([haar(coarse), haar(target).roll(1, 3)], target) > 0.05
    assert wavelet_loss([haar(coarse) + 1, haar(target)], target).item() == pytest.approx(0.5)


def test_the_energy_loss_minds_soft_edges_and_not_where_they_lie() -> None:
    cells = (torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    target = torch.nn.functional.interpolate(cells, scale_factor=8).roll(1, 3)
    beside, soft = target.roll(2, 3), sharpened(target, -1)
    assert energy_loss(target, target) == 0
    assert energy_loss(soft, target) > 1.5 * energy_loss(beside, target)
    assert (soft - target).abs().mean() < (beside - target).abs().mean(), "L1 of pixels sees it the other way round"


def test_sharpening_strengthens_edges_alone() -> None:
    image = torch.full((1, 3, 16, 16), 0.25)
    image[..., 8:] = 0.75
    sharp = sharpened(image, 0.5)
    assert torch.equal(sharp[..., :6], image[..., :6])
    assert sharp[0, 0, 0, 7].item() == pytest.approx(0.25 - 0.5 * 0.125)
    assert torch.equal(sharpened(image, 0), image)


def test_networks_are_planned_to_fit_the_teacher(teacher: Generator) -> None:
    config = plan_distillation(teacher, "hash", {"batch_size": 2}, {"steps": 3})
    config.check_fits(teacher)
    assert (config.lesson.model.size, config.lesson.encoder.size, config.lesson.judge.size) == (32, 32, 32)
    with pytest.raises(TrainingError, match="the teacher draws 32 pixels"):
        GeneratorDistillConfig("hash").check_fits(teacher)
    with pytest.raises(TrainingError, match="not 16"):
        plan_distillation(Generator(GeneratorConfig(16, 8, 8, 2, 8, 0.1, (), (8, 8, 8, 4))), "hash", {}, {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch_size": 1}, "from 2 up"),
        ({"learning_rate": 0.0}, "above 0"),
        ({"encoder_start": 1.5}, r"lie in \[0,1\]"),
        ({"wavelet_weight": -1.0}, "from 0 up"),
        ({"coarse_share": 0.4}, "coarse share 0.4 must be below 1 and not above encoder start 0.33"),
        ({"coarse_share": 1.0, "encoder_start": 1.0, "adversarial_weight": 0.0}, "must be below 1"),
        ({"encoder": InversionConfig(64, 8, (8, 8, 8), 16)}, "of one size"),
    ],
)
def test_impossible_lessons_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        replace(LESSON, **changes)


def test_a_loss_that_is_no_number_ends_the_run(teacher: Generator, tmp_path: Path) -> None:
    teacher.synthesis.constant.fill_(torch.nan)
    with pytest.raises(TrainingError, match="not finite"):
        distill_generator(CONFIG, teacher, tmp_path)


@pytest.mark.parametrize(
    ("name", "step"),
    [("wavelet_loss", 0), ("wavelet_loss", 2), ("discriminator_loss", 3), ("generator_loss", 4), ("slope_penalty", 16)],
)
def test_no_checkpoint_has_weights_that_are_no_numbers(
    teacher: Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, step: int
) -> None:
    count, done = break_loss(monkeypatch, generator_lessons, name, step)
    steps = 6 if step < 6 else 20
    with pytest.raises(TrainingError, match=f"at step {step}, where the loss .* is nan"):
        distill_generator(replace(CONFIG, steps=steps), teacher, tmp_path, on_step=count, checkpoint_every=1)
    assert done[0] == step
    if step:
        assert all(value.isfinite().all() for value in load_file(tmp_path / "checkpoint.safetensors").values())
