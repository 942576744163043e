"""Int8 arithmetic pretended in floats, so that a network can be trained to bear it.

PyTorch's PT2E quantization inserts it into the exported graph of a renderer (torchao, `prepare_qat_pt2e`); rounding and
clipping happen in the forward pass, and the gradient goes straight through what was not clipped (Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, section 3).
"""

from typing import Any

import torch
from torch import Tensor
from torch.export import Dim, export
from torch.fx import GraphModule, Node

from edgestyle.contract import SIZE_MULTIPLE, SMALLEST_SIDE
from edgestyle.models.renderer import Renderer, example_inputs
from edgestyle.quiet import quiet

with quiet():  # it announces kernels for other machines that it cannot load
    from torchao.quantization.pt2e import (
        FakeQuantize,
        MovingAverageMinMaxObserver,
        MovingAveragePerChannelMinMaxObserver,
    )
    from torchao.quantization.pt2e.quantize_pt2e import prepare_qat_pt2e
    from torchao.quantization.pt2e.quantizer import QuantizationAnnotation, QuantizationSpec, Quantizer
    from torchao.quantization.pt2e.quantizer.quantizer import Q_ANNOTATION_KEY

_OPERATORS = torch.ops.aten
_CLIPPED = 1e-4  # of an activation's values at either end, as the exporters' calibration does
_DRAWN = 2**15  # values of an activation that are looked at
_STEP = 0.005  # of a range's width
_MOST_BEYOND = 100.0  # times the share of values that should lie beyond


class Int8Convolutions(Quantizer):  # type: ignore[misc]  # the library has no types
    """What the recipe w8a8 does, told to PT2E.

    Inputs and outputs of convolutions (with their ReLU) int8 with a zero point, one scale a tensor; weights of
    convolutions and fully-connected layers int8, symmetric, a scale per output channel; everything else float.
    """

    def annotate(self, model: GraphModule) -> GraphModule:
        """Mark what is to be rounded."""
        for node in model.graph.nodes:
            if node.target == _OPERATORS.conv2d.default:
                last = _relu_of(node) or node
                _mark(node, {node.args[0]: _ACTIVATION, node.args[1]: _WEIGHT}, _ACTIVATION if last is node else None)
                if last is not node:
                    _mark(last, {}, _ACTIVATION)
            elif node.target == _OPERATORS.linear.default:
                _mark(node, {node.args[1]: _WEIGHT}, None)
        return model

    def validate(self, model: GraphModule) -> None:
        """Nothing that could go wrong: both exporters quantize the same."""


class CommonRange(MovingAverageMinMaxObserver):  # type: ignore[misc]  # likewise
    """Where all but the outer 0.01% of an activation's values at either end lie, over many batches, and 0.

    The exporters' calibration finds the same in a histogram over all its samples. Here either end moves a step outwards
    or inwards with every batch, as more or fewer values than 0.01% lie beyond it (Robbins and Monro, "A Stochastic
    Approximation Method", 1951). A mean of each batch's own ends would cut off the styles that reach farthest.
    """

    def forward(self, x_orig: Tensor) -> Tensor:
        """Look at every n-th value of `x_orig`, of any shape, which is given back as it is."""
        values = x_orig.detach().flatten()
        values = values[:: max(1, len(values) // _DRAWN) | 1]  # odd, or it would see the same columns in every row
        low, high = self.min_val, self.max_val
        if not torch.isfinite(low):
            innermost = 1 + round(_CLIPPED * len(values))
            low.copy_(values.topk(innermost, largest=False).values[-1].clamp(max=0))
            high.copy_(values.topk(innermost).values[-1].clamp(min=0))
            return x_orig
        step = _STEP * (high - low)
        beyond = torch.stack([(values < low).float().mean(), (values > high).float().mean()]) / _CLIPPED
        downwards, upwards = step * (beyond.clamp(max=_MOST_BEYOND) - 1)
        low.copy_((low - downwards).clamp(max=0))
        high.copy_((high + upwards).clamp(min=0))
        return x_orig


def fake_quantize(renderer: Renderer) -> GraphModule:
    """A graph that computes as `renderer` does, with the int8 arithmetic of the recipe w8a8 pretended in it.

    It takes what the renderer takes, and has its parameters, under the same names. In front of a batch it keeps
    measuring the ranges of activations.
    """
    batch, height, width = Dim("batch"), Dim("height", min=_LEAST), Dim("width", min=_LEAST)
    sizes = {0: batch, 2: SIZE_MULTIPLE * height, 3: SIZE_MULTIPLE * width}
    image, style, strength = example_inputs(renderer.config, 64, 72)  # of sizes that no layer mistakes for constants
    example = (image.expand(2, -1, -1, -1), style.expand(2, -1), strength.expand(2))
    with quiet():
        graph = export(renderer, example, dynamic_shapes=(sizes, {0: batch}, {0: batch})).module()
        prepared: GraphModule = prepare_qat_pt2e(graph, Int8Convolutions())
    return prepared


_LEAST = SMALLEST_SIDE // SIZE_MULTIPLE
_ACTIVATION = QuantizationSpec(
    torch.int8, FakeQuantize.with_args(observer=CommonRange), -128, 127, torch.per_tensor_affine
)
_WEIGHT = QuantizationSpec(
    torch.int8,
    FakeQuantize.with_args(observer=MovingAveragePerChannelMinMaxObserver, averaging_constant=1.0),
    -127, 127, torch.per_channel_symmetric, 0,
)  # fmt: skip


def _relu_of(node: Node) -> Node | None:
    """The ReLU that a convolution's output goes into and nowhere else."""
    users = list(node.users)
    return users[0] if len(users) == 1 and users[0].target == _OPERATORS.relu.default else None


def _mark(node: Node, inputs: dict[Any, QuantizationSpec], output: QuantizationSpec | None) -> None:
    node.meta[Q_ANNOTATION_KEY] = QuantizationAnnotation(inputs, output, _annotated=True)
