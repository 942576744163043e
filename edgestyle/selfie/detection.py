"""BlazeFace on photos of any size: anchors, decoding, and a search from coarse to fine.

The network sees 128x128 pixels, so a photo is searched whole, then in overlapping windows of ever finer copies.
Anchors and decoding follow the published description (Bazarevsky et al. 2019, arXiv 1907.05047) and the network's card.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from edgestyle.arrays import Floats, Pixels
from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.frames import pillow_filter
from edgestyle.selfie.recipe import RECIPE, RESAMPLING, Detecting

VALUES = 17  # of a candidate: left, top, right, bottom, six points x and y, score


def make_anchors(grids: tuple[tuple[int, int], ...] = RECIPE.detecting.grids) -> Floats:
    """Middles of the anchors, `[896,2]` as x and y in [0,1]: row by row, all anchors of a cell together."""
    parts = []
    for cells, count in grids:
        steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        across, down = np.meshgrid(steps, steps)
        parts.append(np.repeat(np.stack([across.ravel(), down.ravel()], 1), count, axis=0))
    return np.concatenate(parts).astype(np.float32)


def decode(regressors: Floats, logits: Floats, anchors: Floats, recipe: Detecting = RECIPE.detecting) -> Floats:
    """Candidates of one window, `[N,17]` in units of the window's side.

    Args:
        regressors: `[896,16]`: middle, size, six points; pixels of the window, relative to the anchor's middle.
        logits: `[896]`.
        anchors: as `make_anchors` gives them.
        recipe: the window's side and the least score.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(np.float32), -80, 80)))
    good = scores >= recipe.min_score
    values, middles = regressors[good] / recipe.input_side, anchors[good]
    centre, size = values[:, :2] + middles, values[:, 2:4]
    points = (values[:, 4:].reshape(-1, 6, 2) + middles[:, None]).reshape(-1, 12)
    return np.concatenate([centre - size / 2, centre + size / 2, points, scores[good, None]], 1).astype(np.float32)


def merge(candidates: Floats, overlap: float = RECIPE.detecting.merge_overlap) -> Floats:
    """Weighted non-maximum suppression: candidates that overlap with the best one are averaged by their scores.

    Args:
        candidates: `[N,17]`.
        overlap: intersection over union.

    Returns:
        `[M,17]`, best first, each with the best score of those that it was made of.
    """
    left = candidates[np.argsort(-candidates[:, -1], kind="stable")]
    merged = []
    while len(left):
        same = overlaps(left[0], left) > overlap
        same[0] = True
        weights = left[same, -1:]
        mean = (left[same] * weights).sum(0) / weights.sum()
        mean[-1] = left[0, -1]
        merged.append(mean)
        left = left[~same]
    return np.array(merged, np.float32).reshape(-1, VALUES)


def overlaps(box: Floats, boxes: Floats) -> Floats:
    """Intersection over union of one box with each of `[N,4 or more]`; boxes are left, top, right, bottom."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:4], boxes[:, 2:4])
    shared = np.clip(high - low, 0, None).prod(1)
    areas = np.clip(boxes[:, 2:4] - boxes[:, :2], 0, None).prod(1)
    own = np.clip(box[2:4] - box[:2], 0, None).prod()
    return np.asarray(shared / np.maximum(areas + own - shared, 1e-9), np.float32)


class Detector:
    """BlazeFace, opened.

    Args:
        network: the `.tflite` file of short range.
        recipe: the numbers.
    """

    def __init__(self, network: ForeignNetwork, recipe: Detecting = RECIPE.detecting) -> None:
        self._network, self._recipe, self._anchors = network, recipe, make_anchors(recipe.grids)

    def searches(self, photo: Pixels) -> Iterator[Floats]:
        """Candidates `[N,17]` in pixels of the photo `uint8 [H,W,3]`: one search after the other, coarse to fine.

        The first is of the whole photo, twice. None is of a copy larger than the photo itself.
        """
        image = Image.fromarray(photo)
        for number, long_side in enumerate(self._recipe.long_sides):
            if number and long_side > max(image.size):
                return
            if number == 0:
                padded = self._search(image, self._recipe.padded_side)
                yield np.concatenate([padded, self._search(image, long_side)])
            else:
                yield self._search(image, long_side)

    def _search(self, image: Image.Image, long_side: int) -> Floats:
        """Candidates in every window of the photo brought to `long_side`."""
        side, scale = self._recipe.input_side, long_side / max(image.size)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = np.asarray(image.resize(size, pillow_filter(RESAMPLING.search), reducing_gap=RESAMPLING.search_gap))
        found = [self._look(small, x, y) for y in window_starts(size[1], side) for x in window_starts(size[0], side)]
        candidates = np.concatenate(found)
        candidates[:, :-1] /= scale
        return candidates

    def _look(self, small: Pixels, left: int, top: int) -> Floats:
        """Candidates of the window that begins there; what lies outside the picture is black."""
        side = self._recipe.input_side
        window = Image.fromarray(small).crop((left, top, left + side, top + side))
        outputs = self._network.run(np.asarray(window), self._recipe.input_range)
        found = decode(outputs["regressors"][0], outputs["classificators"][0, :, 0], self._anchors, self._recipe)
        found[:, :-1] *= side
        found[:, :-1] += np.tile((left, top), 8)
        return found


def window_starts(length: int, side: int) -> list[int]:
    """Where windows of `side` begin on `length`: the first and the last at its ends, overlapping by half or more.

    A length below `side` lies in the middle of its one window.
    """
    if length <= side:
        return [(length - side) // 2]
    count = -(-2 * (length - side) // side) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]
