"""Packs whose weights lie between those of two."""

import shutil
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.averaging import average
from edgestyle.packs.loading import load_pack, save_pack_json
from edgestyle.packs.networks import load_renderer, save_network
from edgestyle.packs.pack import Pack, Style


def test_weights_and_vectors_lie_between_those_of_two_packs(tiny_pack: Pack, tmp_path: Path) -> None:
    copied = load_pack(shutil.copytree(tiny_pack.folder, tmp_path / "second"))
    other = load_renderer(copied)
    with torch.no_grad():
        other.head.weight += 1
    save_network(other, copied.file(copied.components["renderer"].weights))
    moved = {name: Style(name, tuple(2 + value for value in style.vector)) for name, style in copied.styles.items()}
    save_pack_json(replace(copied, styles=moved))
    renderer, styles = average(tiny_pack, load_pack(copied.folder), 0.25)
    start = load_renderer(tiny_pack)
    assert torch.allclose(renderer.head.weight, start.head.weight + 0.25)
    assert torch.equal(renderer.stem.weight, start.stem.weight)
    for style in styles:
        before = torch.tensor(tiny_pack.styles[style.name].vector)
        assert torch.allclose(torch.tensor(style.vector), before + 0.5)
