"""Make a pack whose weights lie between those of two packs, the second of which was trained on from the first.

python -m benchmarks.averaging museum runs/museum -o packs/museum --share 0.5

Between a network and what it became with another loss lie networks that have some of both (Wortsman et al., "Robust
Fine-Tuning of Zero-Shot Models", CVPR 2022, section 3).
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from edgestyle.exporters.packing import build_pack
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.networks import load_painter, weights_hash
from edgestyle.packs.pack import Pack, Style


def main() -> None:
    """Average and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", help="a shipped pack's name, or a pack's folder")
    parser.add_argument("second", help="the same, trained on from the first")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the new pack")
    parser.add_argument("--share", type=float, default=0.5, help="of the second: 0 is the first, 1 the second")
    options = parser.parse_args()
    first, second = load_pack(options.first), load_pack(options.second)
    averaged = {
        "with_weights_sha256": weights_hash(first),
        "share": options.share,
        "of_weights_sha256": weights_hash(second),
    }
    about = {
        "title": second.title,
        "description": second.description,
        "licence": second.licence,
        "working_size": second.working_size,
        "training": {**second.training, "averaged": averaged},
    }
    renderer, styles = average(first, second, options.share)
    print(build_pack(options.output, second.name, renderer, styles, about).folder)


def average(first: Pack, second: Pack, share: float) -> tuple[Renderer, list[Style]]:
    """The network and the styles a `share` of the way from `first` to `second`, packs of the same size and styles."""
    start, end = load_painter(first), load_painter(second)
    other = end.state_dict()
    start.load_state_dict({name: torch.lerp(value, other[name], share) for name, value in start.state_dict().items()})
    styles = []
    for name, style in second.styles.items():
        vectors = torch.tensor([first.styles[name].vector, style.vector])
        styles.append(replace(style, vector=tuple(torch.lerp(vectors[0], vectors[1], share).tolist())))
    return start, styles


if __name__ == "__main__":
    main()
