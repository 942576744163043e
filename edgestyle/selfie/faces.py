"""All faces of a photo, largest first: the detector proposes, the mesh decides."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from edgestyle.arrays import Floats, Pixels
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.detection import Detector, merge, overlaps
from edgestyle.selfie.landmarks import Face, Mesh
from edgestyle.selfie.recipe import RECIPE, Recipe

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
        best, surest = list[Face](), 0.0
        for turn in self._recipe.turns_degrees:
            turned = np.ascontiguousarray(np.rot90(photo, turn // 90))
            faces = self._find_upright(turned, thorough, deep=turn == 0)
            score = max((face.score for face in faces), default=0.0)
            if score > surest:
                best, surest = [_turn_back(face, turn, photo) for face in faces], score
            if surest >= self._recipe.sure_score:
                break
        return best

    def _find_upright(self, photo: Pixels, thorough: bool, deep: bool) -> list[Face]:
        """Coarse to fine; each search is merged with those before, and what was seen already is not asked again."""
        candidates, faces = np.zeros((0, 17), np.float32), list[Face]()
        for number, found in enumerate(self._detector.searches(photo), 1):
            for candidate in merge(found, self._recipe.merge_overlap):
                if not np.any(overlaps(candidate, candidates) > self._recipe.merge_overlap):
                    candidates = np.concatenate([candidates, candidate[None]])
                    self._add(faces, photo, candidate)
            if not (thorough and deep) and (faces or not deep) and number >= self._recipe.quick_searches:
                break
        return sorted(faces, key=lambda face: -float(np.prod(face.box[2:] - face.box[:2])))

    def _add(self, faces: list[Face], photo: Pixels, candidate: Floats) -> None:
        face = self._mesh.find(photo, candidate)
        if face is None or abs(face.angle) > self._recipe.largest_angle_degrees:
            return
        known = np.array([one.box for one in faces]).reshape(-1, 4)
        if not np.any(overlaps(face.box, known) > self._recipe.merge_overlap):
            faces.append(face)


def _turn_back(face: Face, turn: int, photo: Pixels) -> Face:
    """A face of a photo that was turned counterclockwise, in pixels of the photo itself."""
    height, width = photo.shape[:2]
    x, y = face.landmarks.T
    points = {0: (x, y), 90: (width - y, x), 180: (width - x, height - y), 270: (y, height - x)}[turn % 360]
    return replace(face, landmarks=np.stack(points, 1))
