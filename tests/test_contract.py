import pytest

from edgestyle.contract import check_size, check_strength, renderer_spec
from edgestyle.errors import ContractError


@pytest.mark.parametrize("value", [-0.01, 1.5, float("nan"), float("inf")])
def test_a_strength_outside_0_to_1_is_refused(value: float) -> None:
    with pytest.raises(ContractError, match="strength"):
        check_strength(value)


@pytest.mark.parametrize("size", [(0, 32), (32, 36), (-32, 32), (24, 64)])
def test_sides_must_be_multiples_from_32_up(size: tuple[int, int]) -> None:
    with pytest.raises(ContractError, match="multiples of 8 from 32"):
        check_size(*size)


@pytest.mark.parametrize(("layout", "shape"), [("NCHW", (1, 3, None, None)), ("NHWC", (1, None, None, 3))])
def test_the_spec_names_every_tensor_in_the_formats_layout(layout: str, shape: tuple[int | None, ...]) -> None:
    spec = renderer_spec(layout, 32)
    assert [tensor.name for tensor in (*spec.inputs, *spec.outputs)] == ["image", "style", "strength", "stylized"]
    assert spec.inputs[0].shape == spec.outputs[0].shape == shape
    assert spec.inputs[2].to_json()["range"] == [0.0, 1.0]
