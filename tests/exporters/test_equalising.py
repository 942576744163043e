"""Channels of one reach: the same pictures, and integers that hold them."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.exporters.equalising import Reach, equalise
from edgestyle.exporters.generator_calibration import GeneratorCalibration
from edgestyle.exporters.generator_graphs import FoldedGenerator
from edgestyle.exporters.generators_onnx import export_generator
from edgestyle.exporters.layers import layers_of, recipe_tables
from edgestyle.models.mobile_stylegan import MobileGenerator, MobileLayer
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.generator import open_generator
from tests.conftest import make_generator, make_mapping

STYLES = torch.randn(4, 12, generator=torch.Generator().manual_seed(1))


def with_far_channels(factor: float) -> MobileGenerator:
    """A generator that draws the usual pictures, one channel of each of whose layers reaches far."""
    generator = make_generator()
    for layer in generator.modules():
        if isinstance(layer, MobileLayer):
            layer.pointwise.weight[0] *= factor
            layer.pointwise.bias[0] *= factor
            layer.depthwise.weight[0] /= factor
            layer.scale.weight[1] *= factor
            layer.scale.bias[1] *= factor
            layer.pointwise.weight[:, 1] /= factor
    return generator


def calibration(generator: MobileGenerator) -> GeneratorCalibration:
    return GeneratorCalibration(make_mapping(), generator, faces=16)


def test_pictures_stay_the_same() -> None:
    generator = with_far_channels(100)
    folded = FoldedGenerator(generator)
    equal = equalise(folded, calibration(generator).inputs())
    strength = torch.tensor([0.0, 0.3, 0.7, 1.0])
    assert torch.allclose(equal(STYLES, strength), generator(STYLES, strength), atol=1e-5)
    assert not all(torch.equal(a, b) for a, b in zip(equal.parameters(), folded.parameters(), strict=True))
    assert torch.allclose(folded(STYLES, strength), generator(STYLES, strength), atol=1e-5), "the other is untouched"


def unevenness(network: FoldedGenerator, samples: GeneratorCalibration) -> float:
    """The widest channel's reach by the median one's, the largest over what int8 ones see or pointwise ones give.

    What depthwise ones give is added up, so that one factor serves them all.
    """
    reaches: dict[str, Reach] = {}

    def watch(name: str, x: torch.Tensor) -> None:
        reaches.setdefault(name, Reach(torch.zeros(x.shape[1]), torch.zeros(x.shape[1]))).widen(x)

    integer = [one.name for one in layers_of(network) if one.kind == "convolution" and not one.floating | one.exact]
    for name in integer:
        network.get_submodule(name).register_forward_hook(
            lambda _, inputs, output, name=name: (
                [watch(f"{name}.in", inputs[0]), name.endswith("pointwise") and watch(name, output)][:0] or None
            )
        )
    for sample in samples.inputs():
        network(*(torch.from_numpy(sample[name]) for name in ("style", "strength")))
    return max(float(one.farthest().max() / one.farthest().median()) for one in reaches.values())


def test_channels_reach_about_as_far_as_each_other() -> None:
    generator = with_far_channels(5)
    folded, samples = FoldedGenerator(generator), calibration(generator)
    equal = equalise(folded, samples.inputs())
    before, after = unevenness(folded, samples), unevenness(equal, samples)
    assert before > 5
    assert after < 2


def test_a_channel_that_reaches_far_costs_integers_nothing(tmp_path: Path) -> None:
    found = []
    for factor in (1, 8):
        generator, path = with_far_channels(factor), tmp_path / f"{factor}.onnx"
        export_generator(generator, path, "w8a8", {}, calibration(generator))
        runner = open_generator(path)
        styles = GeneratorCalibration(make_mapping(), generator, faces=4, seed=9).styles()
        drawn = torch.cat([torch.from_numpy(runner.draw(style[None], 1.0)) for style in styles])
        found.append(psnr_db(drawn, generator(torch.from_numpy(styles), torch.ones(4))))
    assert found[0] > 30
    assert found[1] == pytest.approx(found[0], abs=1.5)


def test_layers_below_a_quarter_of_the_picture_compute_in_floats() -> None:
    network = FoldedGenerator(MobileGenerator())
    table = recipe_tables(layers_of(network), "tflite")["w8a8"]
    integer = [name for name, precision in table.items() if precision == "w8a8"]
    layers = ("blocks.3.refine.0", "blocks.4.enlarge", "blocks.4.refine.0", "blocks.4.refine.1")
    assert integer == [".".join(pair) for pair in itertools.product(layers, ("pointwise", "depthwise"))]
    assert table["to_bands"] == "float32"
    assert table["blocks.3.enlarge.depthwise"] == table["blocks.0.refine.0.scale"] == "w8"


def test_a_reach_holds_what_it_saw() -> None:
    reach = Reach(torch.zeros(2), torch.zeros(2))
    for value in (-3.0, 2.0):
        reach.widen(torch.tensor(np.array([[[[value]], [[0.5]]]], np.float32)))
    assert (reach.low.tolist(), reach.high.tolist()) == ([-3.0, 0.0], [2.0, 0.5])
    assert reach.farthest().tolist() == [3.0, 0.5]
