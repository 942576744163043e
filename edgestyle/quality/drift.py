"""Whether pictures still keep a style: the Fréchet distance between their statistics and a brand's own pictures'.

A picture is a row of numbers: how its colours lie, and how strong the marks are that the first layers of a feature
network see, wherever in the picture. Brands drift in a few ways (colour fades, contrast grows, a camera is warmer), and
each way has an axis on which it stands out from what the brand's pictures show anyway: Fisher's discriminant of the
pictures against themselves moved that way. What distance comes about by chance is found by drawing from the brand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.quality.features import Features
from edgestyle.quality.picture_sets import normal_distance

LEAST_BRAND, LEAST_NEW = 20, 5  # pictures
SIDE = 192  # pixels, at which pictures are looked at
MOST_MOVED = 60  # of a brand's pictures are moved to find the axes
FALSE_ALARMS = 0.02
_MARK_LAYERS = 2  # of the feature network, from the shallow end
_DRAWS = 300
_SUBSETS = 25
_FOLDS = 10
_SHRINKAGE = 0.1  # of the covariance within a brand towards that of independent numbers
_CORRELATION_SHRINKAGE = 0.5  # of the axes
_SPREAD_SHARED = 0.8
_SAME = 1e-4  # of statistics: pictures that differ by less are copies
_BEYOND = 1e6  # no statistic comes near
_FARTHEST = 1.5  # spreads that one picture may count
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_COLOUR_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Rows = NDArray[np.float32]  # [N,d]


def _saturate(picture: Tensor) -> Tensor:
    grey = torch.einsum("nchw,c->nhw", picture, picture.new_tensor(_LUMA))[:, None]
    return grey + 1.15 * (picture - grey)


def _blur(picture: Tensor) -> Tensor:
    return (picture + F.avg_pool2d(F.pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)) / 2


def _grain(picture: Tensor) -> Tensor:
    noise = torch.randn(picture.shape[2:], generator=torch.Generator().manual_seed(0))
    return picture + 0.01 * noise


# ways in which styles drift: pictures [1,3,S,S] in [0,1] to the same, with a little more of what the name says
MOVES: dict[str, Callable[[Tensor], Tensor]] = {
    "saturation": _saturate,
    "contrast": lambda picture: (picture - 0.5) * 1.1 + 0.5,
    "brightness": lambda picture: picture.clamp_min(1e-4) ** 0.9,
    "warmth": lambda picture: picture * picture.new_tensor([1.04, 1.0, 0.96]).reshape(1, 3, 1, 1),
    "green tint": lambda picture: picture * picture.new_tensor([1.0, 1.03, 1.0]).reshape(1, 3, 1, 1),
    "softness": _blur,
    "grain": _grain,
}


@dataclass(frozen=True)
class Drift:
    """How new pictures lie to a brand's.

    Attributes:
        distance: Fréchet distance, 0 for the same mean and spread.
        threshold: what the brand's own pictures stay below in 98 of 100 draws of as many.
        farthest: places of the new pictures, the one least like the brand first.
        picture_distances: of each new picture to the brand's middle, in the brand's own spreads.
        moved: by which of `MOVES`, and by how many of the brand's spreads, the pictures' mean lies off, the most first;
            1 is as far as each axis counts for one picture at most.
        pictures: how many were compared at a time.
    """

    distance: float
    threshold: float
    farthest: list[int]
    picture_distances: list[float]
    moved: dict[str, float]
    pictures: int

    @property
    def drifted(self) -> bool:
        """Whether the pictures keep the style no more."""
        return self.distance > self.threshold


@torch.no_grad()
def picture_row(picture: Tensor, features: Features) -> Rows:
    """Statistics of one picture `[1,3,S,S]`, sRGB in [0,1]: `float32 [1,d]`."""
    maps = features.network(picture, features.layers[:_MARK_LAYERS])
    marks = [values.flatten(2) for values in maps.values()]
    strengths = [part for each in marks for part in (each.mean(2)[0], each.std(2).clamp_min(1e-6).log()[0])]
    return torch.cat([colour_statistics(picture), *strengths])[None].numpy()


def colour_statistics(picture: Tensor) -> Tensor:
    """Quantiles of lightness, of two opponent colours and of colourfulness of `[1,3,S,S]`: `[20]`."""
    pixels = picture[0].flatten(1)
    light = pixels.new_tensor(_LUMA) @ pixels
    opponents = pixels[0] - pixels[1], (pixels[0] + pixels[1]) / 2 - pixels[2]
    colourfulness = torch.stack(opponents).square().sum(0).sqrt()
    wanted = pixels.new_tensor(_COLOUR_QUANTILES)
    return torch.cat([torch.quantile(values, wanted) for values in (light, *opponents, colourfulness)])


def moved_rows(picture: Tensor, features: Features) -> Rows:
    """By how much each of `MOVES` changes the statistics of one picture `[1,3,S,S]`: `float32 [K,d]`."""
    plain = picture_row(picture, features)
    return np.concatenate([picture_row(move(picture).clamp(0, 1), features) - plain for move in MOVES.values()])


class DriftMonitor:
    """Knows a brand's pictures and judges others by them.

    Args:
        rows: of the brand's pictures, `[N,d]`, N from 20 up.
        moves: mean of `moved_rows` over them or some of them, `[K,d]`.

    Raises:
        ContractError: there are fewer, a number is not finite, or the pictures are all the same.
    """

    def __init__(self, rows: Rows, moves: Rows) -> None:
        if rows.ndim != 2 or len(rows) < LEAST_BRAND:
            raise ContractError(
                f"a drift monitor needs at least {LEAST_BRAND} brand pictures, better 100, not {len(rows)}"
            )
        if np.ptp(rows, axis=0).max(initial=0) < _SAME:
            raise ContractError("the brand's pictures are all the same one: there is no spread to judge others by")
        if moves.shape != (len(MOVES), rows.shape[1]) or not (np.abs(moves) < _BEYOND).all() or not moves.any(1).all():
            raise ContractError("what is known of the brand is damaged, or of another version: learn the brand anew")
        self._axes = _Axes(_checked(rows), moves)
        self.places = self._axes.known
        """Where the brand's pictures lie, `[N,K]`."""
        self.picture_distances = self._axes.known_distances
        """Of each of the brand's pictures to its middle, in its own spreads, `[N]`."""

    def picture_moved(self, place: int) -> dict[str, float]:
        """By how many spreads one of the brand's pictures lies off along each axis of `MOVES`, the most first."""
        return _ordered(self._axes.known_offsets[place])

    def judge(self, rows: Rows, seed: int = 0) -> Drift:
        """Compare new pictures with the brand's.

        Args:
            rows: of the new pictures, `[M,d]`, M from 5 up; of more than half as many as the brand has, subsets of
                that many are compared, and the distance is their median.
            seed: of the draws that find the threshold.

        Raises:
            ContractError: there are fewer, rows are of another kind, or a number is not finite.
        """
        if rows.ndim != 2 or len(rows) < LEAST_NEW:
            raise ContractError(f"judging drift takes at least {LEAST_NEW} pictures, not {len(rows)}")
        places = self._axes.place(_checked(rows))
        count = min(len(places), len(self.places) // 2)
        numbers = np.random.default_rng(seed)
        distance = float(np.median([_distance(self.places, part) for part in _subsets(places, count, numbers)]))
        each = _lengths(self._axes.place(rows, limit=False))
        return Drift(
            distance=distance,
            threshold=self._threshold(count, numbers),
            farthest=np.argsort(-each).tolist(),
            picture_distances=[round(float(value), 3) for value in each],
            moved=self._axes.offsets(rows),
            pictures=count,
        )

    def _threshold(self, count: int, numbers: np.random.Generator) -> float:
        """The quantile that the brand's own pictures stay below when `count` of them are judged by the others."""
        found = []
        for _ in range(_DRAWS):
            order = numbers.permutation(len(self.places))
            found.append(_distance(self.places[order[count:]], self.places[order[:count]]))
        return float(np.quantile(found, 1 - FALSE_ALARMS))


class _Axes:
    """One axis for each way to drift, scaled so that the brand's pictures spread by 1 and their middle is 0.

    Fisher, "The Use of Multiple Measurements in Taxonomic Problems", Annals of Eugenics 1936. An axis fits the pictures
    that it was found with better than any others, so the brand's own pictures are placed by axes that are found without
    them, a tenth at a time.

    Attributes:
        known: places of the brand's pictures, `[N,K]`.
        known_distances: of them to the middle, where each counts in full, `[N]`.
        known_offsets: of them from the middle along each axis, in spreads, `[N,K]`.
    """

    def __init__(self, rows: Rows, moves: Rows) -> None:
        self._found = _discriminants(rows, moves)
        places, order = np.zeros((len(rows), len(moves))), np.random.default_rng(0).permutation(len(rows))
        for fold in range(_FOLDS):
            left_out = order[fold::_FOLDS]
            places[left_out] = _project(rows[left_out], _discriminants(np.delete(rows, left_out, 0), moves))
        self._middle = np.median(places, 0)
        covariance = np.cov(places.T)
        self._spread = np.sqrt(np.diag(covariance))
        self.known_offsets = (places - self._middle) / self._spread
        correlation = covariance / np.outer(self._spread, self._spread)
        correlation = (1 - _CORRELATION_SHRINKAGE) * correlation + _CORRELATION_SHRINKAGE * np.eye(len(moves))
        values, vectors = np.linalg.eigh(correlation)
        self._whiten = vectors / np.sqrt(values) / self._spread[:, None]
        whitened = (places - self._middle) @ self._whiten
        self._own = {_key(row): place for row, place in zip(rows, whitened, strict=True)}
        self.known, self.known_distances = self._limited(whitened), _lengths(whitened)

    def place(self, rows: Rows, limit: bool = True) -> Rows:
        """Where pictures lie: `[N,d] -> [N,K]`; with `limit` no picture counts for more than 1.5 spreads an axis.

        A picture of the brand's own lies where it was placed without it.
        """
        if rows.shape[1] != len(self._found[0]):
            raise ContractError("these pictures were looked at with another feature network than the brand's")
        placed = np.asarray((_project(rows, self._found) - self._middle) @ self._whiten, np.float32)
        for index, row in enumerate(rows):
            placed[index] = self._own.get(_key(row), placed[index])
        return self._limited(placed) if limit else placed

    def offsets(self, rows: Rows) -> dict[str, float]:
        """By how many spreads the middle of some pictures lies off along each axis, the most first."""
        return _ordered((np.median(_project(rows, self._found), 0) - self._middle) / self._spread)

    @staticmethod
    def _limited(places: NDArray[np.floating]) -> Rows:
        return np.asarray(np.clip(places, -_FARTHEST, _FARTHEST), np.float32)


def _ordered(offsets: NDArray[np.floating]) -> dict[str, float]:
    names = list(MOVES)
    return {names[place]: round(float(offsets[place]), 2) for place in np.argsort(-np.abs(offsets))}


_Discriminants = tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]  # mean [d], spread [d], [d,K]


def _discriminants(rows: Rows, moves: Rows) -> _Discriminants:
    mean, spread = rows.mean(0), rows.std(0) + 1e-4
    scaled = (rows - mean) / spread
    within = (1 - _SHRINKAGE) * np.cov(scaled.T) + _SHRINKAGE * np.eye(rows.shape[1])
    axes = np.linalg.solve(within, (moves / spread).T)
    return mean, spread, axes / np.linalg.norm(axes, axis=0)


def _project(rows: Rows, found: _Discriminants) -> NDArray[np.floating]:
    mean, spread, axes = found
    projected: NDArray[np.floating] = (rows - mean) / spread @ axes
    return projected


def _key(row: NDArray[np.float32]) -> bytes:
    """The same for the same picture, whatever the last digits."""
    return (np.round(row, 3) + np.float32(0)).tobytes()  # no -0


def _lengths(places: NDArray[np.floating]) -> NDArray[np.floating]:
    """Root mean square of each row."""
    return np.asarray(np.sqrt(np.square(places).mean(1)))


def _distance(known: Rows, places: Rows) -> float:
    """Fréchet distance, with most of the new pictures' spread taken for the brand's: few pictures tell it badly."""
    brand, new = (torch.from_numpy(each).double() for each in (known, places))
    usual = brand.T.cov()
    return normal_distance(brand.mean(0), usual, new.mean(0), new.T.cov().lerp(usual, _SPREAD_SHARED))


def _subsets(places: Rows, count: int, numbers: np.random.Generator) -> Sequence[Rows]:
    if len(places) <= count:
        return [places]
    return [places[numbers.choice(len(places), count, replace=False)] for _ in range(_SUBSETS)]


def _checked(rows: Rows) -> Rows:
    if not (np.abs(rows) < _BEYOND).all():
        raise ContractError("a picture's statistics are not finite")
    return rows
