"""Whether the feature network that comes with edgestyle ranks pictures as VGG16 does.

python -m benchmarks.agreement PHOTOS PAINTINGS --features vgg16.safetensors --lite efficientnet_lite0.safetensors
    --magenta FOLDER

The test photos, changed in many ways, against their originals and six paintings; none of them was seen when the
network was made. Plain cuts of EfficientNet-Lite0, without the fitted linear maps, are measured beside it.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from scipy.stats import kendalltau, spearmanr
from torch import Tensor

from benchmarks.lite_features import full_network
from benchmarks.magenta import Magenta
from benchmarks.museum import PAINTINGS
from benchmarks.quality import TEST_PHOTOS
from benchmarks.rows import write_rows
from benchmarks.variants import make_variants
from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.quality.features import Features, load_features, load_shipped
from edgestyle.quality.fidelity import unit_distance
from edgestyle.quality.pictures import read_painting, read_square
from edgestyle.quality.style import recognisability
from edgestyle.teachers import perceptual

VGG = "VGG16"
WHOLE = "EfficientNet-Lite0"
SHIPPED = "shipped"
CUTS = {
    "block outputs": ("block0", "block2", "block4", "block7", "block10"),
    "expanded maps": ("stem", "expand1", "expand3", "expand5", "expand8"),
    "best plain layers": ("block0", "block2", "expand1", "expand11"),
}
Key = tuple[str, str, str]  # network, measure, group (painting or photo)
Painted = dict[str, dict[str, Tensor]]  # Gram matrices by painting and layer


def main() -> None:
    """Measure and write `results/agreement.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="folder that holds the test photos")
    parser.add_argument("paintings", type=Path, help="folder that holds the paintings")
    parser.add_argument("--features", required=True, help="VGG16 weights, or 'torchvision'")
    parser.add_argument("--lite", type=Path, required=True, help="EfficientNet-Lite0's published weights")
    parser.add_argument("--magenta", type=Path, help="folder of Magenta's two ONNX files")
    parser.add_argument("--pack", default="atelier")
    options = parser.parse_args()
    full = full_network(options.lite)
    networks = {VGG: load_features(options.features), SHIPPED: load_features()}
    networks |= {name: Features(name, full, layers, layers) for name, layers in CUTS.items()}
    photos = {name: read_square(options.photos / name) for name in TEST_PHOTOS}
    paintings = {style: read_painting(options.paintings / file) for style, file in PAINTINGS.items()}
    variants = make_variants(options.pack, Magenta(options.magenta) if options.magenta else None, paintings)
    values: dict[Key, list[float]] = defaultdict(list)
    with torch.no_grad():
        painted = {kind: {s: _grams(network, p) for s, p in paintings.items()} for kind, network in networks.items()}
        for name, photo in track(photos.items(), "comparing"):
            pictures = [change(photo) for change in variants.values()]
            for key, value in _measure_all(name, photo, pictures, networks, painted):
                values[key].append(value)
            for key, value in _recognise_all(name, photo, pictures, full):
                values[key].append(value)
    rows = summarise(values, len(photos) * len(variants))
    print(write_rows("agreement", rows, ("edgestyle", "torch", "scipy")))


def summarise(values: Mapping[Key, list[float]], pictures: int) -> list[dict[str, Any]]:
    """Rank correlations with the reference network, over all pairs, and within a group averaged over groups."""
    rows = []
    for network, measure in dict.fromkeys((network, measure) for network, measure, _ in values):
        reference = WHOLE if measure == "recognisability" else VGG
        if network == reference:
            continue
        groups = [group for one, kind, group in values if (one, kind) == (network, measure)]
        own = [np.asarray(values[network, measure, group]) for group in groups]
        other = [np.asarray(values[reference, measure, group]) for group in groups]
        pairs = list(zip(own, other, strict=True))
        rows.append({
            "network": network, "measure": measure, "reference": reference, "pictures": pictures,
            "pairs": sum(map(len, own)),
            "spearman": _spearman(np.concatenate(own), np.concatenate(other)),
            "kendall": float(kendalltau(np.concatenate(own), np.concatenate(other)).statistic),
            "spearman_within": float(np.mean([_spearman(a, b) for a, b in pairs])),
            "kendall_within": float(np.mean([kendalltau(a, b).statistic for a, b in pairs])),
        })  # fmt: skip
    return rows


def _measure_all(
    name: str, photo: Tensor, pictures: list[Tensor], networks: dict[str, Features], painted: dict[str, Painted]
) -> Iterator[tuple[Key, float]]:
    """Style distances to every painting, content and feature distance to the photo, by every network."""
    for kind, network in networks.items():
        layers = tuple(dict.fromkeys(network.layers + network.perceptual_layers))
        own = network.network(photo, layers)
        for picture in pictures:
            maps = network.network(picture, layers)
            for style, reference in painted[kind].items():
                yield (kind, "style distance", style), float(perceptual.style_distance(maps, reference))
            shown = {layer: own[layer] for layer in network.layers}
            yield (kind, "content distance", name), float(perceptual.content_distance(maps, shown))
            seen = [{layer: some[layer] for layer in network.perceptual_layers} for some in (maps, own)]
            yield (kind, "feature distance", name), unit_distance(*seen)


def _recognise_all(
    name: str, photo: Tensor, pictures: list[Tensor], full: EfficientNetLite0
) -> Iterator[tuple[Key, float]]:
    """Cosine of pooled features, by the whole network and by its first blocks as they are shipped."""
    own = full(photo, ["head"])["head"].mean((2, 3))
    for picture in pictures:
        pooled = full(picture, ["head"])["head"].mean((2, 3))
        yield (WHOLE, "recognisability", name), float(torch.cosine_similarity(own, pooled))
        yield (SHIPPED, "recognisability", name), float(recognisability(picture, photo, load_shipped()))


def _grams(network: Features, painting: Tensor) -> dict[str, Tensor]:
    return perceptual.grams(network.maps(painting))


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(spearmanr(first, second).statistic)


if __name__ == "__main__":
    main()
