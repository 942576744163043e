"""The Core ML evaluator does not guess."""

from pathlib import Path
from types import SimpleNamespace as Fake
from typing import Any

import pytest
import torch

from edgestyle.errors import ArtifactError
from edgestyle.runtime.mil import evaluate, load_program


def test_an_operator_it_does_not_know_raises() -> None:
    x = Fake(name="x")
    op = Fake(op_type="erf", inputs={"x": x}, outputs=[Fake(name="y", dtype=None)])
    with pytest.raises(ArtifactError, match="'erf'"):
        evaluate(Fake(operations=[op], outputs=op.outputs), {"x": torch.zeros(1)})


@pytest.mark.parametrize(
    ("op_type", "names", "expected"),
    [("sqrt", "x", [2.0, 3.0]), ("real_div", "xy", [2.0, 4.5]), ("sub", "xy", [2.0, 7.0])],
)
def test_palettes_are_computed(op_type: str, names: str, expected: list[float]) -> None:
    inputs = {name: Fake(name=name) for name in names}
    op = Fake(op_type=op_type, inputs=inputs, outputs=[Fake(name="z", dtype=None)])
    values = {"x": torch.tensor([4.0, 9.0]), "y": torch.tensor([2.0, 2.0])}
    assert evaluate(Fake(operations=[op], outputs=op.outputs), values)["z"].tolist() == expected


@pytest.mark.parametrize(
    ("op_type", "constants", "expected"),
    [
        ("leaky_relu", {"alpha": 0.25}, [-1.0, 9.0]),
        ("rsqrt", {"epsilon": 13.0}, [1 / 3, 22**-0.5]),
        ("softmax", {"axis": 0}, [1 / (1 + 2.718281828**13), 1 / (1 + 2.718281828**-13)]),
    ],
)
def test_mappings_are_computed(op_type: str, constants: dict[str, Any], expected: list[float]) -> None:
    inputs = {"x": Fake(name="x"), **{name: Fake(name=name, val=value) for name, value in constants.items()}}
    op = Fake(op_type=op_type, inputs=inputs, outputs=[Fake(name="y", dtype=None)])
    x = torch.tensor([-4.0, 9.0])
    found = evaluate(Fake(operations=[op], outputs=op.outputs), {"x": x})["y"]
    assert torch.allclose(found, torch.tensor(expected), atol=1e-6)


def test_zeros_are_put_around_where_a_program_says_so_and_six_is_the_most() -> None:
    constants = {"pad": [0, 0, 0, 0, 0, 1, 2, 0], "mode": "constant", "constant_val": 0.0}
    inputs = {"x": Fake(name="x"), **{name: Fake(name=name, val=value) for name, value in constants.items()}}
    pad = Fake(op_type="pad", inputs=inputs, outputs=[Fake(name="y", dtype=None)])
    relu = Fake(op_type="relu6", inputs={"x": Fake(name="y")}, outputs=[Fake(name="z", dtype=None)])
    found = evaluate(Fake(operations=[pad, relu], outputs=relu.outputs), {"x": torch.tensor([[[[-1.0, 9.0]]]])})["z"]
    assert found.tolist() == [[[[0.0, 0.0, 0.0, 6.0], [0.0, 0.0, 0.0, 0.0]]]]


def test_float16_values_are_rounded_to_float16() -> None:
    from coremltools.converters.mil.mil import types

    x = Fake(name="x")
    for dtype, exact in ((types.fp16, False), (types.fp32, True)):
        y = Fake(name="y", dtype=dtype)
        op = Fake(op_type="add", inputs={"x": x, "y": x}, outputs=[y])
        value = torch.tensor([0.1])
        result = evaluate(Fake(operations=[op], outputs=[y]), {"x": value})["y"]
        assert torch.equal(result, value + value) is exact
        assert torch.allclose(result, value + value, atol=1e-3)


def test_an_unknown_padding_raises() -> None:
    x, w = Fake(name="x"), Fake(name="w")
    constants = {
        "strides": [1, 1], "pad_type": "same", "pad": [0] * 4, "dilations": [1, 1], "groups": 1,
    }  # fmt: skip
    inputs = {"x": x, "weight": w, **{k: Fake(name=k, val=v) for k, v in constants.items()}}
    op = Fake(op_type="conv", inputs=inputs, outputs=[Fake(name="y", dtype=None)])
    with pytest.raises(ArtifactError, match="'same'"):
        evaluate(
            Fake(operations=[op], outputs=op.outputs), {"x": torch.zeros(1, 1, 4, 4), "w": torch.zeros(1, 1, 3, 3)}
        )


@pytest.mark.parametrize(
    ("op_type", "constants"),
    [
        ("pad", {"pad": [0] * 4 + [1] * 4, "mode": "replicate"}),
        ("pad", {"pad": [0, 0, 1, 1, 1, 1, 1, 1], "mode": "reflect"}),
        ("slice_by_index", {"begin": [0] * 4, "end": [4] * 4, "stride": [1, 1, 2, 1]}),
        ("upsample_bilinear", {"scale_factor_height": 2.0, "scale_factor_width": 2.0, "align_corners": True}),
        ("avg_pool", {"kernel_sizes": [2, 2], "strides": [2, 2], "pad_type": "same"}),
        ("avg_pool", {"kernel_sizes": [2, 2], "strides": [2, 2], "pad_type": "custom", "pad": [1, 1, 1, 1]}),
    ],
)
def test_pads_slices_and_resizes_it_does_not_know_raise(op_type: str, constants: dict[str, Any]) -> None:
    inputs = {"x": Fake(name="x"), **{k: Fake(name=k, val=v) for k, v in constants.items()}}
    op = Fake(op_type=op_type, inputs=inputs, outputs=[Fake(name="y", dtype=None)])
    with pytest.raises(ArtifactError, match="does not know"):
        evaluate(Fake(operations=[op], outputs=op.outputs), {"x": torch.zeros(1, 1, 4, 4)})


def test_bilinear_resizing_takes_the_middles_of_pixels_and_the_scales_that_coremltools_writes() -> None:
    constants = {"scale_factor_height": 0.50001, "scale_factor_width": 2.0, "align_corners": False}
    inputs = {"x": Fake(name="x"), **{k: Fake(name=k, val=v) for k, v in constants.items()}}
    op = Fake(op_type="upsample_bilinear", inputs=inputs, outputs=[Fake(name="y", dtype=None)])
    x = torch.rand(1, 2, 8, 6)
    expected = torch.nn.functional.interpolate(x, (4, 12), mode="bilinear", align_corners=False)
    assert torch.allclose(evaluate(Fake(operations=[op], outputs=op.outputs), {"x": x})["y"], expected, atol=1e-6)


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mlpackage").mkdir()
    with pytest.raises(ArtifactError, match="not a readable Core ML program"):
        load_program(tmp_path / "a.mlpackage")
