"""Vectors of the selfie: which square is drawn, how faces are found, and filters on small arrays."""

from dataclasses import asdict
from typing import Any

import numpy as np

from edgestyle.arrays import Floats
from edgestyle.errors import FaceError
from edgestyle.selfie.bolding import add_boldness, flatten
from edgestyle.selfie.composing import circle
from edgestyle.selfie.detection import decode, make_anchors, merge, overlaps, window_starts
from edgestyle.selfie.faces import turn_back
from edgestyle.selfie.filters import box_mean, gaussian, guided_filter
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.framing import frame_face
from edgestyle.selfie.landmarks import COUNT, Face, angle_of
from edgestyle.selfie.likeness import make_milder
from edgestyle.selfie.matte import connected, smooth_step
from edgestyle.selfie.recipe import FACE_OVAL, LEFT_EYE, RECIPE, RIGHT_EYE
from tests.vectors.writing import bytes_of, numbers, pixels_of

# middle x and y, half width, half height, tilt in degrees, and the photo's size
FACES = (
    ("in the middle", 500, 400, 90, 120, 0, 1000, 800),
    ("turned", 480, 420, 90, 120, 23, 1000, 800),
    ("turned left", 700, 300, 60, 85, -41, 1000, 800),
    ("large", 310, 400, 200, 260, 4, 640, 800),
    ("at the side", 80, 300, 70, 90, 0, 640, 480),
    ("at the side, turned", 560, 300, 70, 90, 30, 640, 480),
    ("upside down", 300, 200, 50, 70, 180, 640, 480),
    ("too small", 300, 200, 18, 25, 0, 640, 480),
    ("cut by the border", 40, 300, 70, 90, 0, 640, 480),
)

ROWS = (0, 1, 2, 31, 32, 511, 512, 517, 518, 895)  # of anchors
LENGTHS = (1, 80, 128, 129, 192, 193, 256, 300, 1024)  # of pictures that windows are laid on


def topics() -> dict[str, dict[str, Any]]:
    """All of them by name of their file."""
    return {"selfie_frames": _frames(), "selfie_faces": _faces(), "selfie_filters": _filters()}


def outline(x: float, y: float, wide: float, tall: float, tilt: float, count: int) -> Floats:
    """Points `[count,2]` of a tilted ellipse, from its top on, clockwise."""
    angles, turn = 2 * np.pi * np.arange(count) / count, np.radians(tilt)
    across, down = wide * np.sin(angles), -tall * np.cos(angles)
    points = np.stack(
        [x + across * np.cos(turn) - down * np.sin(turn), y + across * np.sin(turn) + down * np.cos(turn)], 1
    )
    return np.asarray(np.round(points, 3), np.float32)


def face_of(oval: Floats, right_eye: Floats, left_eye: Floats) -> Face:
    """A face whose other landmarks lie in its middle."""
    landmarks = np.tile(oval.mean(0), (COUNT, 1)).astype(np.float32)
    for places, points in ((FACE_OVAL, oval), (RIGHT_EYE, right_eye), (LEFT_EYE, left_eye)):
        landmarks[list(places)] = points
    return Face(landmarks, 1.0)


def _frames() -> dict[str, Any]:
    cases = []
    for name, x, y, wide, tall, tilt, width, height in FACES:
        turn, apart = np.radians(tilt), 0.4 * wide
        eye = [
            outline(x + side * apart * np.cos(turn) + 0.2 * tall * np.sin(turn),
                    y + side * apart * np.sin(turn) - 0.2 * tall * np.cos(turn), 0.15 * wide, 0.08 * wide, tilt, 16)
            for side in (-1, 1)
        ]  # fmt: skip
        oval = outline(x, y, wide, tall, tilt, len(FACE_OVAL))
        found = {"oval": numbers(oval), "right_eye": numbers(eye[0]), "left_eye": numbers(eye[1])}
        case = {"name": name, "width": width, "height": height, **found, "frame": None, "error": None}
        try:
            frame = frame_face(face_of(oval, *eye), width, height)
            case["frame"] = {key: numbers(value) for key, value in asdict(frame).items()}
        except FaceError as error:
            case["error"] = "too_small" if "pixels wide" in str(error) else "cut_by_border"
        cases.append(case)
    return {
        "what": (
            "which square of a photo is drawn: level with the eyes, with room above the head, inside the photo where "
            "it fits (edgestyle/selfie/framing.py). oval, right_eye and left_eye are points x, y in pixels of the "
            "photo, (0, 0) its corner; the person's right eye is left in the picture. Tolerance 0.01 pixels and "
            "0.001 degrees. points: of the square, whose corners are (0,0) and (1,1), in pixels of the photo, and "
            "back."
        ),
        "recipe": asdict(RECIPE.framing),
        "points": _points(),
        "angles": [
            {"right_eye": right, "left_eye": left, "degrees": numbers(angle_of(*np.array([right, left], np.float32)))}
            for right, left in (
                ([0, 0], [10, 0]),
                ([0, 0], [10, 10]),
                ([10, 5], [0, 5]),
                ([3, 9], [3, 2]),
                ([1, 2], [9, -1]),
            )
        ],
        "cases": cases,
    }


def _points() -> list[dict[str, Any]]:
    cases = []
    for x, y, side, angle in ((50.0, 40.0, 20.0, 0.0), (10.5, 7.25, 16.0, 30.0), (100.0, 80.0, 64.0, -110.0)):
        frame = Frame(x, y, side, angle)
        places = np.array([[0, 0], [1, 0], [0.5, 0.5], [0.25, 1.5]], np.float32)
        inside = frame.moved_inside(120, 90)
        cases.append({
            "x": x, "y": y, "side": side, "angle": angle, "spread": numbers(frame.spread), "places": numbers(places),
            "photo": numbers(frame.to_photo(places)), "inside_120x90": numbers([inside.x, inside.y]),
        })  # fmt: skip
    return cases


def _faces() -> dict[str, Any]:
    recipe, anchors = RECIPE.detecting, make_anchors()
    regressors = (np.array(bytes_of(7000, 896 * 16), np.float32).reshape(896, 16) - 128) / 4
    logits = np.full(896, -9, np.float32)
    chosen = {0: 2.0, 1: 0.5, 37: -0.01, 400: 0.0, 511: 1.25, 512: 90.0, 700: -90.0, 895: 3.0}
    logits[list(chosen)] = list(chosen.values())
    boxes = np.array(
        [[10, 10, 50, 50, 0.9], [12, 11, 52, 49, 0.8], [60, 60, 90, 90, 0.95], [11, 9, 51, 51, 0.6], [0, 0, 5, 5, 0.7]],
        np.float32,
    )
    candidates = np.zeros((len(boxes), 17), np.float32)
    candidates[:, :4], candidates[:, -1], candidates[:, 4:16] = boxes[:, :4], boxes[:, 4], np.arange(12)
    return {
        "what": (
            "BlazeFace's outputs to faces (edgestyle/selfie/detection.py): anchors row by row, all of a cell "
            "together; decoding of the rows named in rows (all other logits are -9), in units of the window's side, "
            "left, top, right, bottom, six points x and y, score; those with a score below min_score are left out. "
            "merge: weighted non-maximum suppression. turns: counterclockwise quarter turns of a photo of 100 x 60, "
            "taken back. Tolerance 1e-4."
        ),
        "recipe": asdict(recipe),
        "anchors": {"count": len(anchors), "rows": {str(row): numbers(anchors[row]) for row in ROWS},
                    "sum": numbers(anchors.astype(np.float64).sum(0))},
        "rows": [{"row": row, "regressors": numbers(regressors[row]), "logit": logit} for row, logit in chosen.items()],
        "decoded": numbers(decode(regressors, logits, anchors, recipe)),
        "candidates": numbers(candidates),
        "merged": numbers(merge(candidates)),
        "overlaps_with_first": numbers(overlaps(candidates[0], candidates)),
        "window_starts": [{"length": length, "side": 128, "starts": window_starts(length, 128)} for length in LENGTHS],
        "turns": [{"turn": turn, "candidate": numbers(candidates[1]), "height": 60, "width": 100,
                   "result": numbers(turn_back(candidates[1], turn, 60, 100))} for turn in (0, 90, 180, 270)],
    }  # fmt: skip


def _filters() -> dict[str, Any]:
    values = pixels_of(8000, 6, 9, 1).astype(np.float32) / np.float32(255)
    guide, picture = pixels_of(8001, 8, 8, 3), pixels_of(8002, 7, 8, 3)
    rough = pixels_of(8003, 8, 8, 1).astype(np.float32) / np.float32(255)
    added = np.asarray(pixels_of(8004, 7, 8, 3).astype(np.float32) - 128, np.float32)
    places = np.linspace(-0.5, 1.5, 9, dtype=np.float32)
    islands = np.array([[1, 1, 0, 1, 1], [1, 0, 0, 1, 0], [0, 0, 1, 0, 1], [1, 1, 0, 0, 1]], bool)
    mask = pixels_of(8005, 7, 8).astype(np.float32) / np.float32(255)
    mild = pixels_of(8006, 7, 8, 3)
    unit = lambda one: numbers(one.astype(np.float32) / np.float32(255))  # noqa: E731  twice in a row
    return {
        "what": (
            "filters of the selfie on small arrays [H][W][C] (edgestyle/selfie/filters.py, bolding.py, matte.py, "
            "composing.py): means over squares as far as they lie in the picture; a Gaussian is three box means; the "
            "guided filter is fitted at the size of the guide. Tolerance 1e-4, of guided and flatten 1e-3; 8-bit "
            "results exactly up to 1 level."
        ),
        "box_mean": [
            {"radius": radius, "values": numbers(values), "result": numbers(box_mean(values, radius))}
            for radius in (0, 1, 3, 20)
        ],
        "gaussian": [
            {"sigma": sigma, "values": numbers(values), "result": numbers(gaussian(values, sigma))}
            for sigma in (0.0, 0.8, 2.0)
        ],
        "guided": {"guide": unit(guide), "values": numbers(rough), "radius": 2, "epsilon": 0.01,
                   "result": numbers(guided_filter(guide.astype(np.float32) / np.float32(255), rough, 2, 0.01, 8))},
        "flatten": {"picture": unit(picture), "radius": 2, "sharpness": 2.0, "floor": 1e-5,
                    "result": numbers(flatten(picture.astype(np.float32) / np.float32(255)))},
        "add_boldness": [{"strength": strength, "picture": numbers(picture), "added": numbers(added),
                          "result": numbers(add_boldness(picture, added, strength))} for strength in (0.0, 0.5)],
        "make_milder": {"full": numbers(picture), "mild": numbers(mild), "mask": numbers(mask),
                        "result": numbers(make_milder(picture, mild, mask))},
        "smooth_step": {"values": numbers(places), "result": numbers(smooth_step(places))},
        "connected": [
            {"mask": islands.astype(int).tolist(), "x": x, "y": y,
             "result": connected(islands, x, y).astype(int).tolist()}
            for x, y in ((0, 0), (4, 3), (2, 2), (2, 0))
        ],
        "circle": [
            {"height": height, "width": width, "result": numbers(circle(height, width))}
            for height, width in ((6, 6), (5, 8))
        ],
    }  # fmt: skip
