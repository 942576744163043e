"""The numbers of the way from a photo to a selfie, so that phone apps can go the same.

`RECIPE` is what edgestyle does; `edgestyle selfie --recipe recipe.json` writes it for apps, with what was found on the
photo. Lengths are fractions of what their name says, never of pixels of the photo.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

RECIPE_FORMAT = 1
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)


@dataclass(frozen=True)
class Detecting:
    """Where faces are: BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047), as MediaPipe publishes it.

    Attributes:
        network: its file.
        input_side, input_range: of the picture that it takes, and of its values.
        grids: cells a side and anchors a cell, in the order of its 896 outputs; anchors are squares of side 1.
        padded_side: long side of the photo in the middle of the first input, for faces that fill the photo.
        long_sides: of the photo in the searches, coarse to fine; windows of `input_side` overlap by half.
        quick_searches: how many of these are done where no face is asked for by its number; the others only if
            nothing is found.
        min_score: of a face, after the sigmoid.
        merge_overlap: intersection over union above which boxes are averaged, weighted with their scores.
        turns_degrees: quarter turns of the photo, counterclockwise, that are tried one after the other until there is
            a sure face, else the turn of the surest is taken; all but the first with the quick searches alone.
        sure_score: of the detector.
        largest_angle_degrees: of a face's eyes, of a photo turned so: one beyond it belongs to another turn.
    """

    network: str = "face_detection_short_range.tflite"
    input_side: int = 128
    input_range: tuple[float, float] = (-1.0, 1.0)
    grids: tuple[tuple[int, int], ...] = ((16, 2), (8, 6))
    padded_side: int = 80
    long_sides: tuple[int, ...] = (128, 256, 512, 1024, 2048)
    quick_searches: int = 3
    min_score: float = 0.5
    merge_overlap: float = 0.3
    turns_degrees: tuple[int, ...] = (0, 90, 270, 180)
    sure_score: float = 0.75
    largest_angle_degrees: float = 50.0


@dataclass(frozen=True)
class Meshing:
    """Where its 468 landmarks are: MediaPipe's face mesh (Kartynnik et al. 2019, arXiv 1907.06724).

    Attributes:
        network: its file.
        input_side, input_range: of the picture that it takes, and of its values.
        box_scale: side of the square that it sees, of the longer side of the face's box.
        passes: it is run again on the square round the landmarks of the run before.
        min_presence: of a face, after the sigmoid.
    """

    network: str = "face_landmark.tflite"
    input_side: int = 192
    input_range: tuple[float, float] = (0.0, 1.0)
    box_scale: float = 1.5
    passes: int = 2
    min_presence: float = 0.5


@dataclass(frozen=True)
class Framing:
    """What is cut out of the photo: a square, level with the eyes.

    Attributes:
        smallest_face_px: width of the face's oval in the photo, below which there is too little to draw.
        outside: how far landmarks of the oval may lie outside the photo, of its height.
        side: of the square, of the oval's height.
        head_room: how far the square's middle lies above the oval's, of the oval's height.
        smallest_side: of the square where the photo ends too soon for `side`, of the oval's height.
        margin: least distance of the oval from the square's edge, of its side, even where the photo ends before.
        working_side: pixels of the square at which packs with strokes draw, whatever size is asked for: strokes are
            bold, as suits small pictures. Larger ones are enlarged.
    """

    smallest_face_px: int = 40
    outside: float = 0.05
    side: float = 2.45
    head_room: float = 0.15
    smallest_side: float = 1.6
    margin: float = 0.05
    working_side: int = 512


@dataclass(frozen=True)
class Matting:
    """Which pixels are the person: MediaPipe's selfie segmentation, its edge drawn again by a guided filter.

    Attributes:
        network: its file.
        input_side, input_range: of the picture that it takes, and of its values.
        context: side of the square that the network looks at, of the drawn one's, as far as the photo goes: with
            shoulders it knows people better.
        context_down: how far its middle lies below the drawn one's, of the drawn one's side.
        fit_side: of the picture that the guided filter is fitted on (He and Sun 2015, arXiv 1505.00996).
        radius, epsilon: of the guided filter; the radius is of the square's side.
        low, high: what of the filtered matte is transparent, and what is solid; between them it is a smooth step.
        blur: radii for the colours of person and background near the edge (Forte 2021, arXiv 2006.14970), of the side.
        least_person: mean of the matte below which nobody is there to be cut out.
    """

    network: str = "selfie_segmentation.tflite"
    input_side: int = 256
    input_range: tuple[float, float] = (0.0, 1.0)
    context: float = 1.35
    context_down: float = 0.1
    fit_side: int = 512
    radius: float = 0.02
    epsilon: float = 1e-4
    low: float = 0.35
    high: float = 0.9
    blur: tuple[float, ...] = (0.08, 0.012)
    least_person: float = 0.01


@dataclass(frozen=True)
class Likeness:
    """Where the style is milder, so that one still knows who it is: eyes and mouth.

    The style is drawn twice, in full and mild, and a soft mask over eyes and mouth chooses between the two.

    Attributes:
        mild: strength of the mild picture, times the full one's.
        eyes, mouth: what the mask is there, before its edges are softened: 1 is the mild picture alone.
        eye_scale, mouth_scale: how much wider and higher than the landmarks' outlines the places are.
        feather: standard deviation of the Gaussian over their edges, of the distance between the eyes.
    """

    mild: float = 0.5
    eyes: float = 1.0
    mouth: float = 0.8
    eye_scale: tuple[float, float] = (1.35, 1.9)
    mouth_scale: tuple[float, float] = (1.15, 1.2)
    feather: float = 0.08


@dataclass(frozen=True)
class Composing:
    """How it is put together.

    Attributes:
        blur: standard deviation of the Gaussian of a blurred background, of the side.
        trim_alpha: 8-bit alpha from which a pixel counts when shape "none" is trimmed to the person.
        smallest_size, largest_size: of the result, pixels.
        default_strength, default_size, default_background, default_shape: what is done where nothing is asked for.
    """

    blur: float = 0.03
    trim_alpha: int = 8
    smallest_size: int = 32
    largest_size: int = 2048
    default_strength: float = 0.8
    default_size: int = 512
    default_background: str = "transparent"
    default_shape: str = "circle"


@dataclass(frozen=True)
class Recipe:
    """All steps, in their order."""

    detecting: Detecting = field(default_factory=Detecting)
    meshing: Meshing = field(default_factory=Meshing)
    framing: Framing = field(default_factory=Framing)
    matting: Matting = field(default_factory=Matting)
    likeness: Likeness = field(default_factory=Likeness)
    composing: Composing = field(default_factory=Composing)

    def to_json(self) -> dict[str, Any]:
        """The recipe as it stands in `recipe.json`: plain lists and numbers, and the landmarks' indices."""
        landmarks = {"face_oval": FACE_OVAL, "right_eye": RIGHT_EYE, "left_eye": LEFT_EYE, "lips": LIPS}
        plain: dict[str, Any] = json.loads(
            json.dumps({"format": RECIPE_FORMAT, **asdict(self), "landmarks": landmarks})
        )
        return plain


RECIPE = Recipe()
