"""The 468 points of a face: MediaPipe's face mesh on a square level with the eyes."""

import math
from dataclasses import dataclass, replace

import numpy as np

from edgestyle.arrays import Floats, Pixels
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.frames import Frame
from edgestyle.selfie.recipe import FACE_OVAL, LEFT_EYE, RECIPE, RIGHT_EYE, Meshing

COUNT = 468


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a photo.

    Attributes:
        landmarks: `float32 [468,2]`, x and y in pixels of the photo.
        presence: how sure the network is that this is one, in [0,1].
        score: how sure the detector was, in [0,1].
    """

    landmarks: Floats
    presence: float
    score: float = 1.0

    @property
    def eyes(self) -> Floats:
        """Middles of the two eyes `[2,2]`, the person's right one (left in the picture) first."""
        return np.stack([self.landmarks[list(eye)].mean(0) for eye in (RIGHT_EYE, LEFT_EYE)])

    @property
    def eye_distance(self) -> float:
        """Between the middles of the eyes, pixels."""
        return float(np.linalg.norm(self.eyes[1] - self.eyes[0]))

    @property
    def angle(self) -> float:
        """Of the line through the eyes against the photo's upper edge, degrees, clockwise."""
        return angle_of(*self.eyes)

    @property
    def box(self) -> Floats:
        """Left, top, right, bottom of all landmarks."""
        return np.concatenate([self.landmarks.min(0), self.landmarks.max(0)])

    @property
    def oval(self) -> Floats:
        """The outline of the face, `[36,2]`."""
        return self.landmarks[list(FACE_OVAL)]

    def level_oval(self) -> tuple[Floats, Floats]:
        """Middle of the oval in the photo, and its width and height measured along and across the eyes."""
        level = Frame(0, 0, 1, self.angle)
        turned = level.from_photo(self.oval)
        low, high = turned.min(0), turned.max(0)
        return level.to_photo(((low + high) / 2)[None])[0], high - low


class Mesh:
    """The face mesh network, opened.

    Args:
        network: the `.tflite` file with 468 landmarks.
        recipe: the numbers.
    """

    def __init__(self, network: ForeignNetwork, recipe: Meshing = RECIPE.meshing) -> None:
        self._network, self._recipe = network, recipe

    def find(self, photo: Pixels, candidate: Floats) -> Face | None:
        """The face at a candidate of the detector's, `[17]` in pixels of `photo`; None where there is none."""
        right_eye, left_eye = candidate[4:6], candidate[6:8]
        face = self._run(photo, self._frame(candidate[:4], angle_of(right_eye, left_eye)))
        for _ in range(self._recipe.passes - 1):
            if face.presence < self._recipe.min_presence:
                return None
            face = self._run(photo, self._frame(face.box, face.angle))
        return replace(face, score=float(candidate[-1])) if face.presence >= self._recipe.min_presence else None

    def _frame(self, box: Floats, angle: float) -> Frame:
        left, top, right, bottom = map(float, box)
        side = max(right - left, bottom - top) * self._recipe.box_scale
        return Frame((left + right) / 2, (top + bottom) / 2, side, angle)

    def _run(self, photo: Pixels, frame: Frame) -> Face:
        side = self._recipe.input_side
        outputs = self._network.run(frame.cut(photo, side, self._recipe.outside), self._recipe.input_range)
        points, logit = sorted(outputs.values(), key=lambda one: -one.size)
        flat = points.reshape(COUNT, 3)[:, :2] / np.float32(side)
        presence = 1 / (1 + math.exp(-max(-80.0, min(80.0, float(logit.ravel()[0])))))
        return Face(frame.to_photo(flat), presence)


def angle_of(right_eye: Floats, left_eye: Floats) -> float:
    """Of the line from the person's right eye to the left one, degrees, clockwise."""
    across, down = (left_eye - right_eye).tolist()
    return math.degrees(math.atan2(down, across))
