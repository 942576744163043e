import numpy as np
import pytest

from edgestyle.errors import ContractError
from edgestyle.selfie.composing import Background, Shape, check_size, circle, compose, parse_background, parse_shape
from tests.conftest import make_photo

PHOTO = make_photo(64, 64)
MATTE = np.zeros((64, 64), np.float32)
MATTE[20:60, 24:44] = 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("transparent", Background("transparent")),
        ("blur", Background("blur")),
        ("keep", Background("keep")),
        ("#ffd166", Background("colour", (255, 209, 102))),
        ("#fff", Background("colour", (255, 255, 255))),
        ("gold", Background("colour", (255, 215, 0))),
    ],
)
def test_backgrounds_are_words_or_colours(text: str, expected: Background) -> None:
    assert parse_background(text) == expected


@pytest.mark.parametrize("text", ["", "#ffd16", "#gggggg", "see-through", "rgb(1,2,3)", "#ffd16680"])
def test_other_backgrounds_are_refused(text: str) -> None:
    with pytest.raises(ContractError, match="is no background"):
        parse_background(text)


@pytest.mark.parametrize("size", [-1, 0, 31, 2049, 100_000])
def test_impossible_sizes_are_refused(size: int) -> None:
    with pytest.raises(ContractError, match="size must be 32 to 2048 pixels"):
        check_size(size)


def test_unknown_shapes_are_refused() -> None:
    with pytest.raises(ContractError, match="circle, square, none"):
        parse_shape("star")


def test_kept_in_a_square_nothing_is_changed() -> None:
    made = compose(PHOTO, MATTE, Background("keep"), "square", 64)
    assert np.array_equal(made.pixels, PHOTO)
    assert made.alpha is None


def test_a_colour_is_behind_the_person_and_only_there() -> None:
    made = compose(PHOTO, MATTE, Background("colour", (255, 0, 128)), "square", 64)
    assert (made.pixels[:10] == (255, 0, 128)).all()
    assert np.abs(made.pixels[30:50, 28:40].astype(int) - PHOTO[30:50, 28:40]).max() <= 1
    assert made.alpha is None


def test_a_transparent_background_is_the_matte() -> None:
    made = compose(PHOTO, MATTE, Background("transparent"), "square", 64)
    assert made.alpha is not None
    assert np.array_equal(made.alpha, (MATTE * 255).astype(np.uint8))


@pytest.mark.parametrize("size", [64, 200])
def test_without_a_shape_the_person_is_trimmed(size: int) -> None:
    made = compose(PHOTO, MATTE, Background("transparent"), "none", size)
    assert made.pixels.shape == (size, size // 2, 3)


@pytest.mark.parametrize("background", ["blur", "keep", "gold", "transparent"])
def test_a_circle_is_transparent_outside(background: str) -> None:
    made = compose(PHOTO, np.ones((64, 64), np.float32), parse_background(background), "circle", 128)
    assert made.alpha is not None
    assert made.alpha.shape == (128, 128)
    assert made.alpha[0, 0] == 0
    assert made.alpha[64, 64] == 255
    assert made.alpha.mean() / 255 == pytest.approx(np.pi / 4, abs=0.01)


def test_a_blurred_background_has_nothing_of_the_person_in_it() -> None:
    picture = np.where(MATTE[..., None] > 0, np.uint8(255), np.uint8(40)).repeat(3, 2).astype(np.uint8)
    made = compose(picture, MATTE, Background("blur"), "square", 64)
    assert made.pixels[:, :20].max() <= 50, "no halo"
    assert made.pixels[30:50, 30:40].min() >= 250


def test_what_a_matte_has_missed_does_not_shine_in_a_blurred_background() -> None:
    person = np.zeros((256, 256), bool)
    person[60:, 80:180] = True
    picture = np.where(person[..., None], np.uint8(255), np.uint8(40)).repeat(3, 2)
    matte = np.zeros((256, 256), np.float32)
    matte[62:, 82:178] = 1
    made = compose(picture, matte, Background("blur"), "square", 256)
    assert made.pixels[100:200, 60:80].max() <= 60


@pytest.mark.parametrize("shape", ["circle", "square", "none"])
def test_an_empty_matte_gives_an_empty_picture(shape: Shape) -> None:
    made = compose(PHOTO, np.zeros((64, 64), np.float32), Background("transparent"), shape, 64)
    assert made.alpha is not None
    assert made.alpha.max() == 0


def test_the_circle_fills_the_square() -> None:
    assert circle(9, 9)[4, 0] == 1
    assert circle(9, 9)[0, 0] == 0
