"""Pixels in a row: the same picture from the same weights, in a graph that x86 runs faster."""

import io
from pathlib import Path

import onnx
import pytest
import torch

from edgestyle.exporters.pixel_rows import lay_pixels_in_a_row
from edgestyle.exporters.tidy_onnx import tidy
from edgestyle.exporters.to_onnx import export_onnx, trace_onnx
from edgestyle.models.colour import PIXEL_LAYERS
from edgestyle.models.renderer import example_inputs
from tests.conftest import TINY, TINY_COLOUR, make_colour_renderer, make_renderer

ABOUT = {"pack": "tiny"}


@pytest.mark.parametrize(("height", "width"), [(32, 48), (64, 64)])
def test_the_copy_draws_the_same_picture_with_the_same_names(height: int, width: int) -> None:
    renderer = make_colour_renderer()
    row = lay_pixels_in_a_row(renderer)
    image, _, strength = example_inputs(TINY_COLOUR, height, width)
    style = torch.rand(1, TINY_COLOUR.style_dimensions)
    assert torch.allclose(row(image, style, strength), renderer(image, style, strength), atol=1e-6)
    assert row.state_dict().keys() == renderer.state_dict().keys()
    assert isinstance(renderer.axes, torch.nn.Conv2d), "the network itself is left alone"


def test_a_network_without_such_layers_stays_as_it_is() -> None:
    painter = make_renderer(TINY)
    assert lay_pixels_in_a_row(painter).state_dict().keys() == painter.state_dict().keys()


@pytest.mark.parametrize("recipe", ["float32", "float16", "w8"])
def test_no_pixel_layer_has_two_dimensions_in_an_onnx_file(recipe: str, tmp_path: Path) -> None:
    export_onnx(make_colour_renderer(), tmp_path / "a.onnx", recipe, [64], ABOUT)
    weights = {weight.name: weight for weight in onnx.load(tmp_path / "a.onnx").graph.initializer}
    for layer in PIXEL_LAYERS:
        found = [weight for name, weight in weights.items() if name.removeprefix("renderer.") == f"{layer}.weight"]
        assert [len(weight.dims) for weight in found] == [3], layer


def test_a_tidied_graph_is_smaller_and_computes_the_same(tmp_path: Path) -> None:
    model = trace_onnx(make_colour_renderer())
    before = onnx.ModelProto.FromString(model.SerializeToString())
    tidy(model.graph)
    assert model.ByteSize() < 0.8 * before.ByteSize()
    onnx.checker.check_model(model, full_check=True)
    feeds = dict(zip(("image", "style", "strength"), example_inputs(TINY_COLOUR, 32, 40), strict=True))
    pictures = []
    for one in (before, model):
        file = io.BytesIO(one.SerializeToString())
        import onnxruntime

        session = onnxruntime.InferenceSession(file.getvalue())
        pictures.append(session.run(None, {name: value.numpy() for name, value in feeds.items()})[0])
    assert (pictures[0] == pictures[1]).all()
    assert {one.name for one in model.graph.initializer} == {one.name for one in before.graph.initializer}
