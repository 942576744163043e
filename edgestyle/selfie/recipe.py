"""The numbers of the way from a photo to a selfie, so that phone apps can go the same.

`RECIPE` is what edgestyle does; `edgestyle selfie --recipe recipe.json` writes it for apps, with what was found on the
photo and what its pack asks for. Lengths are fractions of what their name says, never of pixels of the photo.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

RECIPE_FORMAT = 2
BRIGHTNESS = (0.299, 0.587, 0.114)  # what red, green and blue add to it
GAUSSIAN_BOXES = 3  # a Gaussian is so many box means of the same variance, one after the other
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)

Outside = Literal["edge", "symmetric"]  # of a photo: its edges go on, or it is mirrored; NumPy's names for padding

Shape = Literal["circle", "square", "none"]


@dataclass(frozen=True)
class Resampling:
    """How pictures are brought to other sizes, in all steps; filters by Pillow's names.

    Attributes:
        cut: of squares cut out of a photo, after averaging by the largest whole number that leaves enough pixels.
        outside: what is in a square that is drawn where it reaches beyond the photo.
        search: of copies of the photo in which faces are looked for.
        search_gap: so many times larger than needed they stay when they are first averaged by a whole number.
        masks: of masks and all that is smooth.
        drawing: of the picture on its way to the working size, and back.
        result: of the result, its colours multiplied by alpha meanwhile.
    """

    cut: str = "bicubic"
    outside: Outside = "symmetric"
    search: str = "bilinear"
    search_gap: float = 2.0
    masks: str = "bilinear"
    drawing: str = "lanczos"
    result: str = "lanczos"


RESAMPLING = Resampling()


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
        sure_score: of the detector; a face below it counts only if it is large, and the mesh is surer of it.
        unsure_share: least width of such a face's landmarks, of the photo's shorter side: rockets and knobs look like
            small faces.
        unsure_presence: least presence of such a face: cats on their side look like large ones.
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
    unsure_share: float = 0.1
    unsure_presence: float = 0.995
    largest_angle_degrees: float = 50.0


@dataclass(frozen=True)
class Meshing:
    """Where its 468 landmarks are: MediaPipe's face mesh (Kartynnik et al. 2019, arXiv 1907.06724).

    Attributes:
        network: its file.
        input_side, input_range: of the picture that it takes, and of its values.
        box_scale: side of the square that it sees, of the longer side of the face's box.
        outside: what it sees where the square reaches beyond the photo; half a face mirrored would be a whole one.
        passes: it is run again on the square round the landmarks of the run before.
        min_presence: of a face, after the sigmoid.
    """

    network: str = "face_landmark.tflite"
    input_side: int = 192
    input_range: tuple[float, float] = (0.0, 1.0)
    box_scale: float = 1.5
    outside: Outside = "edge"
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
        cut_side: least pixels of the square when it is cut out; larger where a larger result is asked for.
    """

    smallest_face_px: int = 40
    outside: float = 0.05
    side: float = 2.45
    head_room: float = 0.15
    smallest_side: float = 1.6
    margin: float = 0.05
    cut_side: int = 512


@dataclass(frozen=True)
class Bolding:
    """What makes strokes as bold as suits small pictures, in packs that learned from filters.

    Packs of paintings are bold anyway: they are drawn somewhat larger, and not flattened. Packs that only recolour have
    no strokes and go without all of it.

    The square is flattened and given contrast before it is drawn, in proportion to the strength: each pixel becomes
    a mean of the four squares round it that have it as a corner, weighted with `(variance + floor) ** -sharpness` of
    their brightness (Kuwahara 1976, weighted as by Papari et al. 2007); then the brightness moves away from its guided
    filter's. The change is made on a copy of `working_side`, enlarged, and added.

    Attributes:
        working_side: pixels of the long side at which it is flattened and drawn, whatever size is asked for; larger
            results are enlarged.
        painted_side: the same for packs of paintings.
        margin: pixels of the copy that it is mirrored outwards by while it is drawn: networks draw rims badly.
        radius: of the four squares, whose sides are `2 * radius + 1`, pixels of the copy.
        sharpness, floor: of the weights.
        texture: of what flattening takes away, how much stays.
        contrast: added, of the difference of brightness to its base.
        base_radius, base_epsilon, base_side: of the guided filter (He and Sun 2015, arXiv 1505.00996) that makes the
            base; the radius is of the copy's long side; the side is of the picture that it is fitted on, pixels.
    """

    working_side: int = 384
    painted_side: int = 512
    margin: int = 8
    radius: int = 2
    sharpness: float = 2.0
    floor: float = 1e-5
    texture: float = 0.35
    contrast: float = 1.3
    base_radius: float = 0.05
    base_epsilon: float = 0.02
    base_side: int = 192


@dataclass(frozen=True)
class EdgePass:
    """One guided filter over the matte.

    Attributes:
        radius, epsilon: of the filter; the radius is of the square's side.
        low, high: what of the filtered matte becomes 0 and 1; between them it is a smooth step.
    """

    radius: float
    epsilon: float
    low: float
    high: float


@dataclass(frozen=True)
class Matting:
    """Which pixels are the person: MediaPipe's selfie segmentation, its edge drawn again by guided filters.

    Attributes:
        network: its file.
        input_side, input_range: of the picture that it takes, and of its values.
        contexts: sides of the squares that the network looks at, of the drawn one's, as far as the photo goes: with
            shoulders it knows people better. It sees each as it is and mirrored, and the mean of all counts.
        context_down: how far their middles lie below the drawn one's, of how much longer their sides are.
        least: of that mean, and of the matte in the end, where it can be the person; what of it does not hang together
            with the face, on a picture of `input_side`, goes, but for the next pixel.
        fit_side: of the picture that the guided filters are fitted on (He and Sun 2015, arXiv 1505.00996).
        passes: one after the other; the first finds the edge, the second draws it.
        softening: standard deviation of the Gaussian that takes the raggedness off the edge, of the side.
        edge_middle, edge_half: of the softened matte, what becomes 0.5, and how much less and more becomes 0 and 1,
            with a smooth step between.
        edge_side: long side in pixels of the square above which `edge_half` is divided by as much as it is longer, so
            that enlarged edges stay sharp.
        colour_side: long side of the picture that colours near the edge are averaged on.
        blur: radii for the colours of person and background near the edge (Forte 2021, arXiv 2006.14970), of the side.
        least_weight: added where these averages are divided by their weights.
        least_person: mean of the matte below which nobody is there to be cut out.
    """

    network: str = "selfie_segmentation.tflite"
    input_side: int = 256
    input_range: tuple[float, float] = (0.0, 1.0)
    contexts: tuple[float, ...] = (1.15, 1.5)
    context_down: float = 0.28
    least: float = 0.2
    fit_side: int = 256
    passes: tuple[EdgePass, ...] = (EdgePass(0.05, 1e-3, 0.22, 0.62), EdgePass(0.03, 1e-3, 0.3, 0.7))
    softening: float = 0.005
    edge_middle: float = 0.55
    edge_half: float = 0.2
    edge_side: int = 512
    colour_side: int = 256
    blur: tuple[float, ...] = (0.08, 0.012)
    least_weight: float = 1e-4
    least_person: float = 0.01


@dataclass(frozen=True)
class Likeness:
    """Where the style is milder, so that one still knows who it is: eyes and mouth.

    The style is drawn twice, in full and mild, and a soft mask over eyes and mouth says how much of the difference in
    brightness is added to the full one, equally to red, green and blue: so colours stay the style's.

    Attributes:
        mild: strength of the mild picture, times the full one's.
        eyes, mouth: what the mask is there, before its edges are softened: 1 is the mild picture's brightness.
        eye_scale, mouth_scale: how much wider and higher than the landmarks' outlines the places are.
        feather: standard deviation of the Gaussian over their edges, of the distance between the eyes.
        finer: the mask is first drawn so many times larger, and averaged.
    """

    mild: float = 0.65
    eyes: float = 1.0
    mouth: float = 0.8
    eye_scale: tuple[float, float] = (1.35, 1.9)
    mouth_scale: tuple[float, float] = (1.15, 1.2)
    feather: float = 0.08
    finer: int = 2


@dataclass(frozen=True)
class Composing:
    """How it is put together.

    Attributes:
        blur: standard deviation of the Gaussian of a blurred background, of the side.
        blur_away, blur_steep: pixels count in it by 1 less so many times the matte's mean over squares of that radius,
            of the side; so what is close to the person does not.
        trim_alpha: 8-bit alpha from which a pixel counts when shape "none" is trimmed to the person.
        smallest_size, largest_size: of the result, pixels.
        default_strength, default_size, default_background, default_shape: what is done where nothing is asked for.
    """

    blur: float = 0.03
    blur_away: float = 0.012
    blur_steep: float = 4.0
    trim_alpha: int = 8
    smallest_size: int = 32
    largest_size: int = 2048
    default_strength: float = 0.8
    default_size: int = 512
    default_background: str = "transparent"
    default_shape: Shape = "circle"


@dataclass(frozen=True)
class Recipe:
    """All steps, in their order."""

    detecting: Detecting = field(default_factory=Detecting)
    meshing: Meshing = field(default_factory=Meshing)
    framing: Framing = field(default_factory=Framing)
    bolding: Bolding = field(default_factory=Bolding)
    matting: Matting = field(default_factory=Matting)
    likeness: Likeness = field(default_factory=Likeness)
    composing: Composing = field(default_factory=Composing)

    def to_json(self) -> dict[str, Any]:
        """The recipe as it stands in `recipe.json`: plain lists and numbers, and what is the same in all recipes."""
        fixed = {
            "resampling": asdict(RESAMPLING),
            "brightness": BRIGHTNESS,
            "gaussian_boxes": GAUSSIAN_BOXES,
            "landmarks": {"face_oval": FACE_OVAL, "right_eye": RIGHT_EYE, "left_eye": LEFT_EYE, "lips": LIPS},
        }
        plain: dict[str, Any] = json.loads(json.dumps({"format": RECIPE_FORMAT, **asdict(self), **fixed}))
        return plain


RECIPE = Recipe()
