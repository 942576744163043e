"""A style is learned from pictures: the vector moves towards them, and nothing else moves at all."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import PackError, PictureError, TrainingError
from edgestyle.exporters.packing import build_pack
from edgestyle.images import Picture, to_floats, write_picture
from edgestyle.packs.corrections import fold
from edgestyle.packs.networks import load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.packs.style_files import save_style
from edgestyle.quality.features import load_features
from edgestyle.sidecar import file_sha256
from edgestyle.training.learning import LearningConfig, StyleLesson, draw, learn_vector
from edgestyle.training.look_lessons import LookLesson
from edgestyle.training.style_learning import Request, learn_style, propose_strength
from edgestyle.training.style_pictures import (
    StylePicture,
    as_tensors,
    find_pictures,
    read_style_picture,
    read_style_pictures,
)
from tests.conftest import TINY, make_photo, make_renderer

QUICK = LearningConfig(steps=12, batch_size=1, crop_size=64)
PHOTOS = [torch.from_numpy(to_floats(make_photo(96, 96, seed))) for seed in range(2)]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Like `tiny_pack`, with a modulation wide enough to have a slope everywhere."""
    styles = [Style(name, tuple(np.random.default_rng(i).normal(size=4))) for i, name in enumerate(("first", "second"))]
    about = {"title": "Tiny", "description": "", "licence": "CC0-1.0", "training": {}}
    renderer = make_renderer(replace(TINY, modulation_hidden=16))
    return build_pack(tmp_path_factory.mktemp("packs") / "learner", "learner", renderer, styles, about)


def picture(folder: Path, pixels: np.ndarray, name: str = "style.png") -> Path:
    write_picture(Picture(pixels), folder / name)
    return folder / name


@pytest.fixture
def sources(tmp_path: Path) -> list[StylePicture]:
    return [read_style_picture(picture(tmp_path, make_photo(96, 128, 9)))]


def test_a_vector_finds_back_to_a_style_of_the_network(pack: Pack) -> None:
    renderer = load_renderer(pack)
    wanted = 3 * torch.tensor(pack.style("second").vector)
    shown = [draw(renderer, photo, wanted) for photo in PHOTOS]
    lesson = StyleLesson(shown, load_features(), content_weight=0.0)
    start = {"first": torch.tensor(pack.style("first").vector)}
    learned = learn_vector(renderer, lesson, PHOTOS, start, LearningConfig(steps=60, learning_rate=0.2, crop_size=96))
    assert learned.started_from == "first"
    assert learned.distance < 0.6 * learned.start_distance


def test_a_frame_around_what_is_drawn_does_not_count() -> None:
    lesson = StyleLesson(PHOTOS[:1], load_features(), content_weight=0.2)
    framed = PHOTOS[1].clone()
    for edge in (framed[:, :, :8], framed[:, :, -8:], framed[..., :8], framed[..., -8:]):
        edge.zero_()
    assert torch.equal(lesson.loss(PHOTOS[1], PHOTOS[0]), lesson.loss(framed, PHOTOS[0]))
    framed[:, :, 8, 48] = 1 - framed[:, :, 8, 48]
    assert not torch.equal(lesson.loss(PHOTOS[1], PHOTOS[0]), lesson.loss(framed, PHOTOS[0]))


def test_weights_and_styles_stay_bit_for_bit(pack: Pack, sources: list[StylePicture]) -> None:
    before, files = load_renderer(pack).state_dict(), file_sha256(pack.folder)
    drawn = pack.stylize(make_photo(64, 64), "first")
    result = learn_style(Request("acme", pack, QUICK, adapt=True), sources, PHOTOS)
    assert file_sha256(pack.folder) == files
    after = load_renderer(pack).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert np.array_equal(pack.stylize(make_photo(64, 64), "first"), drawn)
    assert result.file.correction is not None
    assert result.file.style.vector not in {style.vector for style in pack.styles.values()}


def test_a_correction_is_learned_and_brings_a_style_closer(pack: Pack, sources: list[StylePicture]) -> None:
    config = replace(QUICK, steps=25)
    plain = learn_style(Request("acme", pack, config), sources, PHOTOS)
    adapted = learn_style(Request("acme", pack, config, adapt=True), sources, PHOTOS)
    assert adapted.file.correction is not None
    assert np.abs(adapted.file.correction["up"]).max() > 1e-3
    assert adapted.learned.distance < plain.learned.distance


@pytest.mark.parametrize("adapt", [False, True])
def test_an_update_keeps_the_correction_that_a_vector_was_fitted_with(
    pack: Pack, sources: list[StylePicture], adapt: bool
) -> None:
    first = learn_style(Request("acme", pack, QUICK, adapt=True), sources, PHOTOS).file
    result = learn_style(Request("acme", pack, QUICK, adapt=adapt, old=first), sources, PHOTOS)
    second = result.file
    assert second.correction is not None
    assert first.correction is not None
    assert (second.correction == first.correction) == (not adapt)
    assert second.correction["rank"] == first.correction["rank"]
    assert second.versions[-1]["correction"] == first.correction
    drawn = fold(load_renderer(pack), second.correction, "acme")
    vector = torch.tensor(second.style.vector)
    assert torch.equal(draw(drawn, PHOTOS[0], vector), draw(result.renderer, PHOTOS[0], vector))


def test_the_same_seed_gives_the_same_style(pack: Pack, sources: list[StylePicture]) -> None:
    first, second = (learn_style(Request("acme", pack, QUICK), sources, PHOTOS).file for _ in range(2))
    assert first == second
    assert first.learned["pictures"][0]["sha256"] == sources[0].sha256


def test_an_update_keeps_the_old_vector_as_a_version(pack: Pack, sources: list[StylePicture]) -> None:
    words = {"licence": "CC0-1.0", "title": "Acme & Co", "credit": "them", "strength": 0.45}
    first = learn_style(Request("acme", pack, QUICK, **words), sources, PHOTOS).file  # type: ignore[arg-type]
    second = learn_style(Request("acme", pack, QUICK, old=first), sources, PHOTOS).file
    assert second.versions == [{"vector": list(first.style.vector), "learned": first.learned}]
    assert second.style.vector != first.style.vector
    assert (second.style.licence, second.style.title, second.style.credit) == ("CC0-1.0", "Acme & Co", "them")
    assert second.style.default_strength == 0.45
    changed = learn_style(Request("acme", pack, QUICK, old=first, licence="MIT", strength=0.9), sources, PHOTOS).file
    assert (changed.style.licence, changed.style.default_strength) == ("MIT", 0.9)
    assert second.learned["started_from"] == "acme"


def test_an_update_of_another_network_is_refused(pack: Pack, tiny_lumen: Pack, sources: list[StylePicture]) -> None:
    old = learn_style(Request("acme", pack, QUICK), sources, PHOTOS).file
    with pytest.raises(PackError, match="has another"):
        learn_style(Request("acme", tiny_lumen, QUICK, old=old), sources, PHOTOS)


def test_a_pack_that_recolours_learns_too_and_may_start_from_its_encoder(
    tiny_lumen: Pack, sources: list[StylePicture]
) -> None:
    result = learn_style(Request("acme", tiny_lumen, QUICK), sources, PHOTOS)
    assert len(result.file.style.vector) == 12
    assert result.file.style.detail == tiny_lumen.style().detail
    assert result.learned.started_from in {*tiny_lumen.styles, "the mean of all", "the encoder's"}


def test_a_loss_that_is_no_number_stops_learning(pack: Pack, sources: list[StylePicture]) -> None:
    lesson = StyleLesson(as_tensors(sources), load_features(), 0.2)
    lesson.target["relu1_2"][:] = float("nan")
    with pytest.raises(TrainingError, match="step 0, where the loss is nan"):
        learn_vector(load_renderer(pack), lesson, PHOTOS, {"zero": torch.zeros(4)}, QUICK)


@pytest.mark.parametrize(
    "change", [{"steps": 0}, {"crop_size": 60}, {"learning_rate": 0.0}, {"content_weight": -1.0}, {"batch_size": 0}]
)
def test_an_impossible_configuration_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(TrainingError):
        LearningConfig(**change)  # type: ignore[arg-type]  # a mixture of whole and other numbers


def test_the_distance_to_a_look_is_the_same_each_time() -> None:
    lesson = LookLesson(PHOTOS, seed=3)
    drawn = torch.cat([photo * 0.8 for photo in PHOTOS])
    before = lesson.distance(drawn)
    lesson.loss(drawn, drawn)
    assert lesson.distance(drawn) == before
    assert lesson.distance(torch.cat(PHOTOS)) < before


def test_names_of_any_bytes_can_be_written(pack: Pack, tmp_path: Path) -> None:
    odd = replace(read_style_picture(picture(tmp_path, make_photo(96, 128, 9))), path=Path("a\udcff\nb.png"))
    file = learn_style(Request("acme", pack, QUICK), [odd], PHOTOS).file
    save_style(file, tmp_path / "acme.style.json")
    assert file.learned["pictures"][0]["name"] == "a?\nb.png"


def test_the_least_strength_that_brings_most_is_proposed() -> None:
    assert propose_strength({0.5: 2.0, 0.7: 1.1, 1.0: 1.0}, untouched=5.0) == 0.7
    assert propose_strength({0.5: 3.0, 0.7: 2.0, 1.0: 1.0}, untouched=5.0) == 1.0


def test_pictures_that_cannot_teach_are_refused_and_of_several_left_out(tmp_path: Path) -> None:
    small = picture(tmp_path, make_photo(63, 200), "small.png")
    flat = picture(tmp_path, np.full((100, 100, 3), 90, np.uint8), "flat.png")
    good = picture(tmp_path, make_photo(300, 100), "good.png")
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture")
    for path, message in ((small, "sides of 64"), (flat, "one flat colour"), (broken, "broken")):
        with pytest.raises(PictureError, match=message):
            read_style_pictures([path], print)
    notes: list[str] = []
    (kept,) = read_style_pictures([small, flat, good, broken], notes.append)
    assert kept.path == good
    assert kept.pixels.shape == (768, 384, 3), "short side 384, no longer than twice that"
    assert len(notes) == 3
    with pytest.raises(PictureError, match="none of 2"):
        read_style_pictures([small, flat], notes.append)


def test_pictures_are_found_in_files_and_folders(tmp_path: Path) -> None:
    inside = tmp_path / "folder"
    inside.mkdir()
    empty = tmp_path / "empty"
    empty.mkdir()
    path = picture(inside, make_photo(64, 64))
    assert find_pictures([inside, path]) == [path]
    with pytest.raises(PictureError, match="no such picture"):
        find_pictures([tmp_path / "missing"])
    with pytest.raises(PictureError, match="no picture in"):
        find_pictures([empty])
