"""Make the feature network that comes with edgestyle: cut EfficientNet-Lite0, fit its linear maps to VGG16's features.

python -m benchmarks.lite_features PHOTOS --lite efficientnet_lite0.safetensors --features vgg16.safetensors
    --magenta FOLDER -o edgestyle/quality/features/lite_features.safetensors

PHOTOS are any photos; the test photos among them are left out, and no painting is used. Takes five minutes.
"""

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor
from torch.nn import Conv2d

from benchmarks.magenta import Magenta
from benchmarks.quality import TEST_PHOTOS
from benchmarks.variants import PLAIN, shrink
from edgestyle.images import whole_file
from edgestyle.models.efficientnet_lite import EfficientNetLite0, fold_weights
from edgestyle.models.lite_features import SOURCES, LiteFeatures
from edgestyle.models.vgg import load_vgg16
from edgestyle.quality.pictures import read_square
from edgestyle.teachers.cartoon import cartoon
from edgestyle.teachers.oil import oil

RIDGE = 1e-4
LARGEST = 64.0  # weight of a linear map, so that float16 holds the small ones well; distances are relative
SPREADS = (1.5, 3.0)  # of random painting vectors, in standard deviations of the photos' own


def main() -> None:
    """Fit and write the weights; print their sha256."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--lite", type=Path, required=True)
    parser.add_argument("--features", type=Path, help="VGG16 weights; fetched if not given")
    parser.add_argument("--magenta", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    network = LiteFeatures().requires_grad_(False)
    cut = network.trunk.state_dict().keys()
    network.trunk.load_state_dict({name: value for name, value in fold_weights(options.lite).items() if name in cut})
    paths = sorted(path for path in options.photos.iterdir() if path.name not in TEST_PHOTOS)
    photos = [read_square(path) for path in paths]
    with torch.no_grad():
        fit_projections(network, options.features, pictures(photos, Magenta(options.magenta)))
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    with whole_file(options.output) as temporary:
        temporary.write_bytes(save(tensors))
    print(options.output.stat().st_size, hashlib.sha256(options.output.read_bytes()).hexdigest())


def pictures(photos: list[Tensor], magenta: Magenta) -> Iterator[Tensor]:
    """Each photo as it is, painted with another photo's and with random vectors, plainly changed; half are filtered."""
    random = np.random.default_rng(0)
    vectors = np.concatenate([magenta.vector(shrink(photo)) for photo in photos])
    mean, spread = vectors.mean(0, keepdims=True), vectors.std(0, keepdims=True)
    changes = list(PLAIN.values())
    for index, photo in enumerate(photos):
        yield photo
        yield magenta.stylize(photo, vectors[random.integers(len(vectors))][None])
        for times in SPREADS:
            vector = mean + times * spread * random.standard_normal(mean.shape)
            yield magenta.stylize(photo, vector.astype(np.float32))
        yield changes[index % len(changes)](photo)
        yield changes[random.integers(len(changes))](photo[:, random.permutation(3).tolist()])
        if index % 2 == 0:
            yield (cartoon, oil)[index // 2 % 2](photo, 1.0)


def fit_projections(network: LiteFeatures, features: Path | None, samples: Iterator[Tensor]) -> None:
    """Reduced-rank ridge regression from the trunk's maps to VGG16's, every picture counting alike in every layer."""
    teacher = load_vgg16(features).bfloat16()
    moments: dict[str, tuple[Tensor, Tensor]] = {}
    for count, sample in enumerate(samples, 1):
        picture = (255 * sample).round() / 255
        targets = teacher(picture, list(SOURCES))
        for layer, source in network.sources(picture, list(SOURCES)).items():
            x = torch.cat([source, torch.ones_like(source[:, :1])], 1).flatten(2)[0]  # [D+1,pixels]
            y = targets[layer].float().flatten(2)[0]  # [C,pixels]
            weight = 1 / y.square().sum()
            xx, xy = (weight * x @ x.T).double(), (weight * x @ y.T).double()
            old = moments.get(layer, (torch.zeros_like(xx), torch.zeros_like(xy)))
            moments[layer] = (old[0] + xx, old[1] + xy)
        if count % 20 == 0:
            print(count, "pictures", flush=True)
    for layer, (xx, xy) in moments.items():
        _set(network.projections[layer], xx, xy)


def _set(projection: torch.nn.Module, xx: Tensor, xy: Tensor) -> None:
    """Solve for the weights and keep the strongest principal components of what they predict, at a size for float16."""
    assert isinstance(projection, Conv2d)
    weights = torch.linalg.solve(xx + RIDGE * xx.diagonal().mean() * torch.eye(len(xx)).double(), xy)
    _, axes = torch.linalg.eigh(weights.T @ xx @ weights)  # rising
    weights = weights @ axes[:, -projection.out_channels :].flip(1)
    weights = (LARGEST * weights / weights.abs().max()).float()
    projection.weight.copy_(weights[:-1].T[..., None, None])
    assert projection.bias is not None
    projection.bias.copy_(weights[-1])


def full_network(path: Path) -> EfficientNetLite0:
    """All of EfficientNet-Lite0, to see how well its first blocks stand in for it."""
    network = EfficientNetLite0()
    network.load_state_dict(fold_weights(path))
    return network.eval().requires_grad_(False)


if __name__ == "__main__":
    main()
