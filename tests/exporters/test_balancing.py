"""Weights of one reach in a style's first layer: the same pictures, and 8 bits that hold them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from edgestyle.exporters.balancing import InputScaledLinear, balance
from edgestyle.exporters.bundle import export_pack
from edgestyle.exporters.calibration import Calibration, bundled_calibration
from edgestyle.exporters.to_onnx import export_onnx
from edgestyle.exporters.to_tflite import export_tflite, export_tflite_bytes
from edgestyle.models import AnyRenderer
from edgestyle.models.colour import ColourRenderer
from edgestyle.models.renderer import Renderer
from edgestyle.packs.loading import load_pack
from edgestyle.packs.pack import Style
from edgestyle.quality.fidelity import psnr_db
from edgestyle.runtime.runner import open_runner
from tests.conftest import TINY

IMAGE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
STYLE = torch.randn(1, TINY.style_dimensions, generator=torch.Generator().manual_seed(1)) * 5
HALF = torch.tensor([0.5])


def renderer(strength_weights: float) -> Renderer:
    """A network whose first layer reaches far where the strength comes in."""
    torch.manual_seed(0)
    network = Renderer(TINY).eval()
    with torch.no_grad():
        network.head.weight.normal_(0, 0.01)
        network.modulation.predict.weight *= 10  # so that what the layer says matters
        network.modulation.mix.weight[:, -1] *= strength_weights
    return network


def test_an_uneven_network_draws_the_same_with_even_weights() -> None:
    network = renderer(20)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    balanced = balance(network)
    assert isinstance(balanced, Renderer)
    mix = balanced.modulation.mix
    assert isinstance(mix, InputScaledLinear)
    assert torch.equal(mix.factors, torch.exp2(mix.factors.log2().round())), "powers of two"
    reach = mix.weight.abs().amax(0)
    assert reach.max() <= 2.01 * reach.median()
    with torch.no_grad():
        assert torch.equal(balanced(IMAGE, STYLE, HALF), network(IMAGE, STYLE, HALF)), "float32 rounds nothing"
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_inputs_that_nothing_uses_change_nothing() -> None:
    network = renderer(20)
    with torch.no_grad():
        network.modulation.mix.weight[:, : TINY.style_dimensions * 2 // 3] = 0
        balanced = balance(network)
        assert balanced is not network
        assert torch.equal(balanced(IMAGE, STYLE, HALF), network(IMAGE, STYLE, HALF))
        network.modulation.mix.weight.zero_()
    assert balance(network) is network


def test_an_even_network_and_other_kinds_stay_as_they_are() -> None:
    for network in (renderer(1), ColourRenderer()):
        assert balance(network) is network


@pytest.mark.parametrize(("export", "suffix"), [(export_onnx, ".onnx"), (export_tflite, ".tflite")])
def test_w8_files_of_an_uneven_network_come_closer(
    export: Callable[..., None], suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, path = renderer(40), tmp_path / f"drawn{suffix}"
    with torch.no_grad():
        wanted = network(IMAGE, STYLE, HALF)
    assert ((wanted > 0) & (wanted < 1)).float().mean() > 0.7, "clipping would hide differences"

    def closeness_db() -> float:
        export(network, path, "w8", [64], {"licence": "CC0-1.0"})
        return psnr_db(torch.from_numpy(open_runner(path).run(IMAGE.numpy(), STYLE.numpy(), 0.5)), wanted)

    balanced_db = closeness_db()
    monkeypatch.setattr(f"{export.__module__}.balance", lambda network: network)
    assert balanced_db > closeness_db() + 3


@pytest.mark.parametrize("export", [export_onnx, export_tflite, export_tflite_bytes])
@pytest.mark.parametrize(("recipe", "times"), [("float16", 0), ("w8", 1), ("w8a8", 1)])
def test_recipes_of_8_bits_balance(
    export: Callable[..., None], recipe: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    balanced: list[AnyRenderer] = []

    def watched(network: AnyRenderer) -> AnyRenderer:
        balanced.append(network)
        return balance(network)

    monkeypatch.setattr(f"{export.__module__}.balance", watched)
    calibration = bundled_calibration([Style("long", tuple(STYLE[0].tolist()))])
    few = Calibration(calibration.photos[:2], calibration.styles)
    export(renderer(20), tmp_path / "drawn", recipe, [64], {"licence": "CC0-1.0"}, few)
    assert len(balanced) == times


@pytest.mark.slow
def test_the_pack_that_is_taught_passes_its_gate_in_w8(tmp_path: Path) -> None:
    files = export_pack(load_pack("easel"), tmp_path, ["onnx"], ["w8"], [256])
    (renderer_file,) = (file for file in files if file.component == "renderer")
    assert renderer_file.path.is_file()
