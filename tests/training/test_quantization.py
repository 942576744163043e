"""Training that bears int8: the arithmetic is what is exported, and what the float network draws stays untouched."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from edgestyle.errors import TrainingError
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.training import distill as training
from edgestyle.training.checkpoints import read_state
from edgestyle.training.distill import DistillConfig
from edgestyle.training.fake_quantization import CommonRange, fake_quantize
from edgestyle.training.photos import find_photos, hold_out
from edgestyle.training.quantization import QuantizationConfig
from edgestyle.training.self_teaching import QuantizedStudent, open_self_taught_lesson, quantized_student
from edgestyle.training.starting import model_of
from edgestyle.training.students import Student
from tests.conftest import TINY, make_renderer


@pytest.fixture(scope="module")
def photos(photo_folder: Path) -> list[Path]:
    return list(find_photos(photo_folder)[0])


@pytest.fixture(scope="module")
def config(tiny_pack: Pack) -> DistillConfig:
    return DistillConfig(
        quantization=QuantizationConfig("w8a8", tuple(tiny_pack.styles)), start=weights_hash(tiny_pack),
        model=model_of(tiny_pack), steps=6, batch_size=2, crop_size=40, learning_rate=1e-4, temporal_weight=0.0,
    )  # fmt: skip


def distill(config: DistillConfig, pack: Pack, photos: list[Path], folder: Path, **options: Any) -> Student:
    lesson = open_self_taught_lesson(config, pack, photos)
    return training.distill(config, lesson, photos, folder, start=quantized_student(pack), workers=0, **options)


def weights(student: Student) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in student.renderer.state_dict().items()}


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


def inputs(batch: int = 3, height: int = 64, width: int = 96) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    image = torch.rand(batch, 3, height, width, generator=generator)
    return image, torch.randn(batch, 4, generator=generator), torch.linspace(0.5, 1, batch)


def test_without_its_rounding_the_graph_is_the_network_at_any_size() -> None:
    renderer = make_renderer(TINY)
    graph = fake_quantize(renderer)
    assert dict(graph.named_parameters()).keys() == dict(renderer.named_parameters()).keys()
    for module in graph.modules():
        if hasattr(module, "disable_fake_quant"):
            module.disable_fake_quant()
    for batch, height, width in ((3, 64, 96), (1, 40, 32)):
        image = inputs(batch, height, width)
        assert torch.equal(graph(*image), renderer(*image))


def test_every_convolution_has_int8_weights_by_channel_and_int8_inputs_and_outputs() -> None:
    graph = fake_quantize(make_renderer(TINY))
    graph(*inputs())
    pretended = {name for name, module in graph.named_modules() if hasattr(module, "fake_quant_enabled")}
    convolutions = [node for node in graph.graph.nodes if node.target == torch.ops.aten.conv2d.default]
    assert len(convolutions) == 20
    for node in convolutions:
        after = [user for user in node.users if user.target == torch.ops.aten.relu.default] or [node]
        assert {str(node.args[0].target), str(node.args[1].target)} <= pretended
        assert [str(user.target) in pretended for user in after[0].users] == [True]
        weight = graph.get_submodule(str(node.args[1].target))
        assert (weight.ch_axis, weight.quant_min, weight.quant_max) == (0, -127, 127)
        assert len(weight.scale) == graph.get_parameter(str(node.args[1].args[0].target)).shape[0]
        assert not weight.zero_point.any()


def test_a_range_leaves_the_outermost_values_out() -> None:
    values = torch.linspace(-1, 1, 100_000)
    values[49_000], values[49_007] = 1000.0, -1000.0
    found = CommonRange(dtype=torch.int8, quant_min=-128, quant_max=127)
    assert torch.equal(found(values), values)
    assert -1.0 <= found.min_val < -0.99
    assert 0.99 < found.max_val <= 1.0
    for _ in range(200):
        found(2 * values)
    assert 1.9 < found.max_val < 2.5, "it follows what reaches farther"
    for _ in range(300):
        found(values)
    assert 0.95 < found.max_val < 1.3, "and what reaches less far"


def test_a_range_never_leaves_zero_out() -> None:
    found = CommonRange(dtype=torch.int8)
    for _ in range(3):
        found(torch.linspace(1, 2, 50_000))
    assert found.min_val == 0
    assert found.max_val > 1.9


def test_a_range_holds_what_one_style_in_eight_reaches() -> None:
    found, most = CommonRange(dtype=torch.int8), torch.linspace(0, 1, 40_000)
    for step in range(400):
        found(4 * most if step % 8 == 0 else most)
    assert found.max_val > 3.5


def test_a_range_sees_all_columns_of_a_picture() -> None:
    picture = torch.zeros(1, 16, 512, 512)
    picture[..., 100:300] = 1.0
    found = CommonRange(dtype=torch.int8)
    found(picture)
    assert found.max_val == 1


def test_only_the_weights_of_the_network_are_trained(
    config: DistillConfig, tiny_pack: Pack, photos: list[Path], tmp_path: Path
) -> None:
    before = load_renderer(tiny_pack).state_dict()
    start = quantized_student(tiny_pack)
    lesson = open_self_taught_lesson(config, tiny_pack, photos)
    student = training.distill(config, lesson, photos, tmp_path, start=start, workers=0)
    assert isinstance(student, QuantizedStudent)
    assert same(before, weights(start))
    assert same(before, load_renderer(tiny_pack).state_dict())
    assert torch.equal(student.styles, start.styles)
    changed = [name for name, value in weights(student).items() if not torch.equal(value, before[name])]
    assert {"stem.weight", "up.bias", "head.weight", "modulation.predict.weight"} <= set(changed)


def test_training_brings_int8_nearer_to_the_float_network(
    config: DistillConfig, tiny_pack: Pack, photos: list[Path], tmp_path: Path
) -> None:
    def losses(learning_rate: float) -> list[float]:
        seen: list[float] = []
        longer = replace(config, steps=60, batch_size=4, learning_rate=learning_rate)
        folder = tmp_path / f"{learning_rate}"
        distill(longer, tiny_pack, photos, folder, on_step=lambda p: seen.append(p.losses["lesson"]))
        return seen[-16:]

    assert sum(losses(1e-4)) < 0.95 * sum(losses(1e-12)), "the same batches, with and without learning"


def test_an_interrupted_run_goes_on_exactly(
    config: DistillConfig, tiny_pack: Pack, photos: list[Path], tmp_path: Path
) -> None:
    whole = distill(config, tiny_pack, photos, tmp_path / "whole", checkpoint_every=2)
    steps: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        distill(
            config, tiny_pack, photos, tmp_path / "cut", checkpoint_every=2,
            on_step=lambda p: steps.append(p.step), should_stop=lambda: steps[-1] == 3,
        )  # fmt: skip
    again = distill(
        config, tiny_pack, photos, tmp_path / "cut", checkpoint_every=2, on_step=lambda p: steps.append(p.step)
    )
    assert steps == [1, 2, 3, 3, 4, 5, 6]
    assert same(weights(whole), weights(again))
    assert read_state(tmp_path / "cut") == read_state(tmp_path / "whole")


def test_a_lesson_is_the_float_networks_own_picture(config: DistillConfig, tiny_pack: Pack, photos: list[Path]) -> None:
    lesson = open_self_taught_lesson(config, tiny_pack, photos)
    batch = lesson.batches[3]
    vectors = torch.tensor([style.vector for style in tiny_pack.styles.values()])
    drawn = load_renderer(tiny_pack)(batch.image, vectors[batch.style], batch.strength)
    assert torch.allclose(batch.target, drawn, atol=1e-6)
    assert lesson.loss(batch.target, batch, 3) < 1e-5
    assert lesson.loss(batch.target + 0.1, batch, 3) == pytest.approx(0.2, abs=1e-4)


@pytest.mark.parametrize(("settings", "message"), [
    ({"start": ""}, "starts from a pack"),
    ({"teachers": ("oil",)}, "no other style"),
    ({"precision": "bf16"}, "float32"),
])  # fmt: skip
def test_what_cannot_be_trained_together_is_refused(
    settings: dict[str, Any], message: str, config: DistillConfig
) -> None:
    with pytest.raises(TrainingError, match=message):
        replace(config, **settings)


def test_a_recipe_that_cannot_be_trained_for_is_refused() -> None:
    with pytest.raises(TrainingError, match="'w8'; known: w8a8"):
        QuantizationConfig("w8", ("oil",))


def test_photos_are_held_out_evenly_and_never_all_of_them() -> None:
    def paths(count: int) -> list[Path]:
        return [Path(f"{index:03}.jpg") for index in range(count)]

    assert [path.name for path in hold_out(paths(2))] == ["000.jpg"]
    assert len(hold_out(paths(20))) == 5
    assert [path.name for path in hold_out(paths(80))] == [f"{index:03}.jpg" for index in range(0, 80, 10)]
    with pytest.raises(TrainingError, match="--held-out"):
        hold_out(paths(1))
