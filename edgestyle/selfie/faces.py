"""All faces of a photo, largest first: the detector proposes, the mesh decides."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from edgestyle.arrays import Floats, Pixels
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.detection import VALUES, Detector, merge, overlaps
from edgestyle.selfie.frames import pillow_filter
from edgestyle.selfie.landmarks import Face, Mesh
from edgestyle.selfie.recipe import RECIPE, RESAMPLING, Recipe

NETWORKS = Path(__file__).parent / "networks"


class FaceFinder:
    """Detector and mesh, opened once.

    Args:
        threads: CPU threads; None is LiteRT's default.
        recipe: the numbers.
    """

    def __init__(self, threads: int | None = None, recipe: Recipe = RECIPE) -> None:
        self._recipe = recipe.detecting
        self._detector = Detector(ForeignNetwork(NETWORKS / recipe.detecting.network, threads), recipe.detecting)
        self._mesh = Mesh(ForeignNetwork(NETWORKS / recipe.meshing.network, threads), recipe.meshing)

    def find(self, photo: Pixels, thorough: bool = False) -> list[Face]:
        """Faces of `uint8 [H,W,3]`, largest first.

        Args:
            photo: upright, or on its side: where there is no sure face, turned photos are searched.
            thorough: look for small ones too although there are large ones.
        """
        small, scale = _shrink(photo, max(self._recipe.long_sides))
        best, surest = list[Face](), 0.0
        for turn in self._recipe.turns_degrees:
            faces = self._find_turned(photo, small, scale, turn, thorough)
            score = max((face.score for face in faces), default=0.0)
            if score > surest:
                best, surest = faces, score
            if surest >= self._recipe.sure_score:
                break
        return best

    def _find_turned(self, photo: Pixels, small: Pixels, scale: float, turn: int, thorough: bool) -> list[Face]:
        """Coarse to fine, in the small copy turned; a face that was seen is not asked again, but may be surer now."""
        candidates, faces = np.zeros((0, VALUES), np.float32), list[Face | None]()
        turned = np.ascontiguousarray(np.rot90(small, turn // 90))
        for number, found in enumerate(self._detector.searches(turned), 1):
            for candidate in merge(found, self._recipe.merge_overlap):
                candidate = turn_back(candidate, turn, *small.shape[:2])
                candidate[:-1] *= scale
                known = overlaps(candidate, candidates) > self._recipe.merge_overlap
                if known.any():
                    index = int(known.argmax())
                    if faces[index] is None:  # a better box may show the face that a rough one did not
                        candidates[index], faces[index] = candidate, self._ask(photo, candidate, turn)
                    else:
                        _raise_score(faces, index, float(candidate[-1]))
                else:
                    candidates = np.concatenate([candidates, candidate[None]])
                    faces.append(self._ask(photo, candidate, turn))
            if number >= self._recipe.quick_searches and (turn or (self._tidy(faces, photo) and not thorough)):
                break
        return self._tidy(faces, photo)

    def _ask(self, photo: Pixels, candidate: Floats, turn: int) -> Face | None:
        face = self._mesh.find(photo, candidate)
        if face is None:
            return None
        leaning = (face.angle - turn + 180) % 360 - 180  # in the turned photo
        return face if abs(leaning) <= self._recipe.largest_angle_degrees else None

    def _tidy(self, found: list[Face | None], photo: Pixels) -> list[Face]:
        """Largest first, each once, as two candidates may have led to one face; without those that are no faces."""
        kept, least = list[Face](), self._recipe.unsure_share * min(photo.shape[:2])
        faces = [face for face in found if face is not None and self._counts(face, least)]
        for face in sorted(faces, key=lambda one: -float(np.prod(one.box[2:] - one.box[:2]))):
            boxes = np.array([one.box for one in kept], np.float32).reshape(-1, 4)
            if not np.any(overlaps(face.box, boxes) > self._recipe.merge_overlap):
                kept.append(face)
        return kept

    def _counts(self, face: Face, least: float) -> bool:
        """Whether the detector is sure, or the face is at least so wide, in pixels, and the mesh is sure."""
        large = face.box[2] - face.box[0] >= least and face.presence >= self._recipe.unsure_presence
        return bool(face.score >= self._recipe.sure_score or large)


def turn_back(candidate: Floats, turn: int, height: int, width: int) -> Floats:
    """A candidate `[17]` of a photo that was turned counterclockwise, as one of the photo, `height` x `width`."""
    x, y = candidate[:-1].reshape(-1, 2).T
    across, down = {0: (x, y), 90: (width - y, x), 180: (width - x, height - y), 270: (y, height - x)}[turn % 360]
    points = np.stack([across, down], 1)
    points[:2] = np.sort(points[:2], axis=0)  # of the box: left, top, then right, bottom
    return np.append(points.ravel(), candidate[-1]).astype(np.float32)


def _raise_score(faces: list[Face | None], index: int, score: float) -> None:
    face = faces[index]
    if face is not None and score > face.score:
        faces[index] = replace(face, score=score)


def _shrink(photo: Pixels, long_side: int) -> tuple[Pixels, float]:
    """A copy of at most that long side, and how many times larger the photo is."""
    scale = max(1.0, max(photo.shape[:2]) / long_side)
    if scale == 1:
        return photo, 1.0
    image = Image.fromarray(photo)
    size = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
    kind = pillow_filter(RESAMPLING.search)
    return np.asarray(image.resize(size, kind, reducing_gap=RESAMPLING.search_gap)), scale
