"""How close a set of drawn pictures is to a set of real ones: the Fréchet distance, precision and recall.

All compare features `[N,C]`, which `set_features` takes from pictures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edgestyle.errors import ContractError
from edgestyle.models.efficientnet_lite import EfficientNetLite0, fold_weights
from edgestyle.quality.features import load_shipped

_SIDE = 128  # pixels, at which pictures are looked at
_BATCH = 50


@dataclass(frozen=True)
class SetMeasures:
    """One set of pictures against another.

    Attributes:
        frechet_distance: 0 for sets of the same mean and spread; comparable only between the same features and sizes.
        precision: share of drawn pictures that look like real ones.
        recall: share of real pictures that look like drawn ones.
        pictures: in the smaller set.
    """

    frechet_distance: float
    precision: float
    recall: float
    pictures: int


def load_set_network(path: Path | None = None) -> EfficientNetLite0:
    """EfficientNet-Lite0 to compare sets with: its first blocks, which come with edgestyle, or all of it from a file.

    Raises:
        ArtifactError: the file is missing, damaged or of another network.
    """
    if path is None:
        return load_shipped().trunk
    network = EfficientNetLite0()
    network.load_state_dict(fold_weights(path))
    return network.eval().requires_grad_(False)


@torch.no_grad()
def set_features(images: Iterator[Tensor], network: EfficientNetLite0) -> Tensor:
    """Globally averaged deepest features of batches `[n,3,S,S]` in [0,1], looked at at 128 pixels: `[N,C]`."""
    features = []
    for image in images:
        for part in image.split(_BATCH):
            large = F.interpolate(part, size=(_SIDE, _SIDE), mode="bicubic", antialias=True).clamp(0, 1)
            features.append(network(large, [network.last_layer])[network.last_layer].mean((2, 3)))
    return torch.cat(features)


def compare_sets(real: Tensor, drawn: Tensor, neighbours: int = 3) -> SetMeasures:
    """All measures of two sets of features `[N,C]`, `[M,C]`."""
    precision, recall = precision_recall(real, drawn, neighbours)
    return SetMeasures(frechet_distance(real, drawn), precision, recall, min(len(real), len(drawn)))


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """Distance of two normal distributions with the sets' means and covariances.

    Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NeurIPS 2017, equation 6. With Inception's features
    it is called FID; these are not Inception's.
    """
    a, b = _checked(first).double(), _checked(second).double()
    return normal_distance(a.mean(0), a.T.cov(), b.mean(0), b.T.cov())


def normal_distance(first_mean: Tensor, first_spread: Tensor, second_mean: Tensor, second_spread: Tensor) -> float:
    """Fréchet distance, squared, of two normal distributions with means `[C]` and covariances `[C,C]`, float64.

    Dowson and Landau, "The Fréchet Distance between Multivariate Normal Distributions", J. Multivariate Analysis 1982.
    """
    root = _root(first_spread)
    mixed = _root(root @ second_spread @ root)
    distance = (first_mean - second_mean).square().sum() + (first_spread + second_spread - 2 * mixed).trace()
    return max(0.0, float(distance))


def precision_recall(real: Tensor, drawn: Tensor, neighbours: int = 3) -> tuple[float, float]:
    """Share of drawn ones within the real ones' manifold, and of real ones within the drawn ones'.

    Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models", NeurIPS 2019: a
    manifold is the union of balls around a set's members that reach to their k-th neighbour within the set.

    Raises:
        ContractError: a set has too few members.
    """
    return _share_within(_checked(drawn), real, neighbours), _share_within(_checked(real), drawn, neighbours)


def _share_within(points: Tensor, manifold: Tensor, neighbours: int) -> float:
    if len(manifold) <= neighbours:
        raise ContractError(f"{len(manifold)} pictures have no {neighbours} neighbours each")
    radius = torch.cat(
        [torch.cdist(part, manifold).kthvalue(neighbours + 1, 1).values for part in manifold.split(500)]
    )  # the nearest of all is the member itself
    within = [(torch.cdist(part, manifold) <= radius).any(1) for part in points.split(500)]
    return float(torch.cat(within).float().mean())


def _root(matrix: Tensor) -> Tensor:
    """Square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = vectors * values.clamp(min=0).sqrt() @ vectors.T
    return root


def _checked(features: Tensor) -> Tensor:
    if features.ndim != 2 or len(features) < 2:
        raise ContractError(f"a set of features is [N,C] with N from 2 up, not {list(features.shape)}")
    return features
