"""Learning looks: batches that follow from seed and step alone, what they teach, and runs that go on exactly."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from edgestyle.errors import TrainingError
from edgestyle.models.renderer import RendererConfig
from edgestyle.quality.colour import sliced_wasserstein
from edgestyle.teachers.grades import GRADES
from edgestyle.training.batches import Batch, Share
from edgestyle.training.checkpoints import read_state
from edgestyle.training.distill import DistillConfig, distill
from edgestyle.training.photographic import PhotographicBatches, PhotographicConfig, PhotographicLesson, vary
from edgestyle.training.photos import Photos, find_photos
from edgestyle.training.pictures import write_sheet
from edgestyle.training.reference_pairs import Part, ReferencePairs
from edgestyle.training.students import PhotographicStudent
from tests.training.photographic import CONFIG, ENCODER, LOOKS, MODEL, draw_pairs, open_lesson
from tests.training.test_distill import InterruptedRunError, same, weights
from tests.training.test_processes import largest_difference


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> Photos:
    return find_photos(photo_folder)[0]


@pytest.fixture(scope="module")
def pairs(photos: Photos, tmp_path_factory: pytest.TempPathFactory) -> ReferencePairs:
    return draw_pairs(tmp_path_factory.mktemp("pairs"), photos)


def batches(pairs: ReferencePairs, size: int = 4, seed: int = 0, **changes: float) -> PhotographicBatches:
    shares = {"fresh_share": 0.0, "look_share": 0.0} | changes if changes else {}
    return PhotographicBatches(pairs, replace(LOOKS, **shares), size, 256, seed)


def test_a_batch_follows_from_seed_and_step_alone(pairs: ReferencePairs) -> None:
    fresh, used = batches(pairs), batches(pairs)
    used[0], used[9]
    for name in ("image", "target", "style", "strength", "look"):
        assert torch.equal(getattr(fresh[5], name), getattr(used[5], name))
    assert not torch.equal(fresh[5].image, fresh[6].image)
    assert not torch.equal(fresh[5].target, batches(pairs, seed=1)[5].target)
    assert fresh[5].style.shape == (4, 3, 256, 256)


def test_processes_share_the_whole_batch(pairs: ReferencePairs) -> None:
    whole = batches(pairs)[3]
    for rank in range(2):
        part = batches(pairs).part(3, Share(rank, 2))
        for name in ("image", "target", "style", "strength", "look"):
            assert torch.equal(getattr(part, name), getattr(whole, name)[rank::2])


def test_a_photo_that_is_its_own_reference_stays_as_it_is(pairs: ReferencePairs) -> None:
    batch = batches(pairs, 12, teacher_share=0.0, grade_share=0.0)[0]
    assert (batch.target - batch.image).abs().max() < 1e-6
    palettes = sliced_wasserstein(batch.style, batch.image)
    assert palettes.median() < 0.01  # most are shuffled or mirrored, some are a part


def test_a_photo_in_another_grade_is_graded_and_undone(pairs: ReferencePairs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgestyle.training.photographic._in_some_hue", lambda image, rng: image)
    seen = batches(pairs, 60, teacher_share=0.0, grade_share=1.0)[0]
    originals = [pairs.read(index, Part.CONTENT) for index in range(pairs.count)]

    def is_original(image: torch.Tensor) -> bool:
        return any(torch.allclose(image, one[0], atol=1e-5) for one in originals)

    full = seen.strength == 1
    untouched = torch.tensor([is_original(image) for image in seen.image])
    undone = torch.tensor([is_original(target) for target in seen.target]) & ~untouched & full
    assert 0.3 < untouched.float().mean() < 0.75
    assert undone.any()
    apart = sliced_wasserstein(seen.style[full], seen.target[full], directions=4)
    assert apart.median() < 0.02
    assert apart.median() < 0.5 * sliced_wasserstein(seen.image[full], seen.target[full], directions=4).median()


def test_a_look_by_name_is_asked_for_by_its_number(pairs: ReferencePairs) -> None:
    seen = batches(pairs, 60, teacher_share=0.0, grade_share=0.0, look_share=1.0)[0]
    assert seen.look is not None
    assert set(seen.look.tolist()) == {0, 1}
    full, noir = seen.strength == 1, seen.look == LOOKS.looks.index("noir")
    graded = GRADES["noir"].apply(seen.image[full & noir])
    assert torch.allclose(seen.target[full & noir], graded, atol=1e-6)
    assert (batches(pairs, 12, teacher_share=1.0, grade_share=0.0)[0].look == -1).all()


def test_a_student_draws_a_look_by_its_vector_and_the_rest_by_their_references() -> None:
    torch.manual_seed(0)
    student = PhotographicStudent(MODEL, ENCODER, 2)
    image, reference, strength = torch.rand(3, 3, 64, 64), torch.rand(3, 3, 256, 256), torch.ones(3)
    drawn = student(image, reference, strength, torch.tensor([-1, 1, 0]))
    assert torch.allclose(drawn[:1], student(image, reference, strength)[:1], atol=1e-6)
    by_vector = student.renderer(image[1:], student.looks[[1, 0]], strength[1:])
    assert torch.allclose(drawn[1:], by_vector, atol=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_pair_is_taught_by_both_teachers_by_their_shares(pairs: ReferencePairs, share: float) -> None:
    taught = batches(pairs, network_share=share).taught(0)
    network, transport = (pairs.read(0, part) for part in (Part.NETWORK, Part.TRANSPORT))
    assert (network - transport).abs().mean() > 0.02
    assert torch.allclose(taught, share * network + (1 - share) * transport, atol=1e-6)


def test_most_strengths_are_full_and_a_target_lies_between(pairs: ReferencePairs) -> None:
    seen = batches(pairs, 40, teacher_share=1.0, grade_share=0.0)[0]
    full = seen.strength == 1
    assert full.float().mean().item() == pytest.approx(0.6, abs=0.2)
    share = (seen.target - seen.image).abs().mean((1, 2, 3))
    assert share[seen.strength < 0.3].mean() < share[full].mean()


def test_a_reference_that_is_varied_keeps_its_look_and_not_its_places(pairs: ReferencePairs) -> None:
    reference = pairs.read(0, Part.REFERENCE)
    varied = [vary(reference, random.Random(seed)) for seed in range(30)]
    assert all(one.shape == reference.shape for one in varied)
    moved = [one for one in varied if not torch.equal(one, reference)]
    assert len(moved) > 15
    exact = [torch.equal(one.flatten(2).sort().values, reference.flatten(2).sort().values) for one in varied]
    assert sum(exact) > 10  # mirrored and shuffled pictures have every pixel still


def test_the_lesson_likes_the_target_best_and_at_full_strength_the_references_palette(pairs: ReferencePairs) -> None:
    lesson = PhotographicLesson(LOOKS, batches(pairs))
    plain = PhotographicLesson(replace(LOOKS, palette_weight=0.0), batches(pairs))
    full = replace(lesson.batches[0], strength=torch.ones(4))
    batch = replace(full, strength=torch.full((4,), 0.5))
    assert lesson.loss(batch.target, batch, 0).item() == pytest.approx(0, abs=1e-6)
    swapped = batch.target.flip(2)  # the same palette at other places
    assert plain.loss(swapped, batch, 0) > 0
    paler = batch.target.mean((2, 3), keepdim=True).lerp(batch.target, 0.5)
    assert lesson.loss(paler, batch, 0) > plain.loss(paler, batch, 0)
    shown = F.avg_pool2d(full.style, full.style.shape[3] // full.target.shape[3])
    assert lesson.loss(shown, full, 0).item() == pytest.approx(plain.loss(shown, full, 0).item(), abs=1e-6)
    assert lesson.loss(full.target, full, 0) > 0


def test_an_interrupted_run_goes_on_exactly_whatever_the_workers(photos: Photos, tmp_path: Path) -> None:
    lesson = open_lesson(tmp_path / "pairs", photos)
    whole = distill(CONFIG, lesson, photos, tmp_path / "whole", checkpoint_every=2, workers=1)

    def interrupt(progress: object) -> None:
        if progress.step == 5:
            raise InterruptedRunError

    cut = {"folder": tmp_path / "cut", "checkpoint_every": 2, "workers": 0}
    with pytest.raises(InterruptedRunError):
        distill(CONFIG, lesson, photos, on_step=interrupt, **cut)
    steps: list[int] = []
    resumed = distill(CONFIG, lesson, photos, on_step=lambda progress: steps.append(progress.step), **cut)
    assert steps == [4, 5, 6]
    assert isinstance(resumed, PhotographicStudent)
    assert same(weights(whole), weights(resumed))
    assert read_state(tmp_path / "cut") == read_state(tmp_path / "whole")
    with pytest.raises(TrainingError, match="another photographic"):
        distill(replace(CONFIG, photographic=replace(LOOKS, palette_weight=2.0)), lesson, photos, tmp_path / "cut")


def test_training_lowers_the_loss(pairs: ReferencePairs, photos: Photos, tmp_path: Path) -> None:
    one_teacher = {"teacher_share": 1.0, "grade_share": 0.0, "network_share": 0.0}
    config = replace(CONFIG, steps=40, learning_rate=2e-2, temporal_weight=0.0)
    lesson = PhotographicLesson(LOOKS, batches(pairs, 2, **one_teacher))
    student = distill(config, lesson, photos, tmp_path, workers=0)
    batch = batches(pairs, 8, seed=99, **one_teacher)[0]
    with torch.no_grad():
        learned = lesson.loss(student(batch.image, batch.style, batch.strength), batch, 0)
    assert learned < 0.8 * lesson.loss(batch.image, batch, 0)


def test_strength_0_gives_the_photo_back_and_a_new_student_reaches_the_references_palette(
    pairs: ReferencePairs,
) -> None:
    torch.manual_seed(0)
    student, batch = PhotographicStudent(MODEL, ENCODER, 2), batches(pairs)[0]
    assert torch.equal(student(batch.image, batch.style, torch.zeros(4)), batch.image)
    with torch.no_grad():
        drawn = student(batch.image, batch.style, torch.ones(4))
    assert not torch.equal(drawn, batch.image)
    before = sliced_wasserstein(batch.image, batch.style).mean()
    assert sliced_wasserstein(drawn, batch.style).mean() < 0.8 * before


def test_a_batch_of_fresh_pairs_shows_looks_that_no_teacher_drew(pairs: ReferencePairs) -> None:
    seen = batches(pairs, 24, teacher_share=0.0, grade_share=0.0, fresh_share=1.0)[0]
    full = seen.strength == 1
    before, after = (sliced_wasserstein(one[full], seen.style[full]).mean() for one in (seen.image, seen.target))
    assert after < 0.6 * before


def test_photos_may_be_half_as_large_while_references_are_whole(pairs: ReferencePairs) -> None:
    small, whole = PhotographicBatches(pairs, LOOKS, 4, 128, 0)[2], batches(pairs)[2]
    assert small.image.shape == small.target.shape == (4, 3, 128, 128)
    assert small.style.shape == whole.style.shape
    assert (small.image.mean((2, 3)) - whole.image.mean((2, 3))).abs().max() < 0.02


def test_the_sheet_shows_references(pairs: ReferencePairs, tmp_path: Path) -> None:
    lesson = PhotographicLesson(LOOKS, batches(pairs))
    examples = list(lesson.examples(2))
    assert [list(example.shown) for example in examples] == [["reference"], ["reference"]]
    assert examples[0].style.shape == (1, 3, 256, 256)
    write_sheet(PhotographicStudent(MODEL, ENCODER, 2), lesson, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crop_size": 96}, "must be 256.* or 128"),
        ({"crop_size": 64}, "must be 256.* or 128"),
        ({"model": RendererConfig()}, "colour renderer"),
        ({"model": replace(MODEL, style_dimensions=13)}, "one length"),
        ({"teachers": ("oil",)}, "train two packs"),
        ({"photographic": None, "teachers": ("oil",)}, "photographic looks alone"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        replace(CONFIG, **change)


@pytest.mark.parametrize("crop_size", [0, -128, 64])
def test_crops_of_no_size_are_refused_in_words(crop_size: int) -> None:
    with pytest.raises(TrainingError, match=f"must be 256.* or 128, .* not {crop_size}"):
        LOOKS.check_fits(MODEL, crop_size)


@pytest.mark.parametrize(
    "change",
    [{"looks": ("nope",)}, {"looks": ()}, {"teacher_share": 0.8, "grade_share": 0.3}, {"network_share": -0.1}],
)
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(TrainingError):
        PhotographicConfig("hash", **change)


TWO_PROCESSES = """
import sys
from pathlib import Path
from edgestyle.training.distill import distill
from edgestyle.training.photos import find_photos
from edgestyle.training.processes import launch
from tests.training.photographic import CONFIG, open_lesson

photos, folder = find_photos(Path(sys.argv[1]))[0], Path(sys.argv[2])
fabric = launch(CONFIG.batch_size, devices=2)
with fabric.rank_zero_first():
    lesson = open_lesson(folder / "pairs", photos)
distill(CONFIG, lesson, photos, folder / "two", fabric=fabric, workers=0)
"""


def test_two_processes_learn_what_one_does(photos: Photos, photo_folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(TWO_PROCESSES)
    paths = {"PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    command = [sys.executable, str(script), str(photo_folder), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=os.environ | paths)
    assert done.returncode == 0, done.stderr
    distill(CONFIG, open_lesson(tmp_path / "pairs", photos), photos, tmp_path / "one", workers=0)
    assert largest_difference(tmp_path / "one", tmp_path / "two") < 1e-5


def test_the_configuration_goes_through_json(photos: Photos, tmp_path: Path) -> None:
    distill(replace(CONFIG, steps=1), open_lesson(tmp_path / "pairs", photos), photos, tmp_path / "run", workers=0)
    saved = json.loads((tmp_path / "run" / "config.json").read_text())
    assert saved["photographic"]["looks"] == ["noir", "sepia"]
    assert saved["photographic"]["encoder"]["style_dimensions"] == MODEL.style_dimensions
    assert isinstance(CONFIG, DistillConfig)
    assert isinstance(batches(draw_pairs(tmp_path / "pairs", photos))[0], Batch)
