"""The upscalers: the published graph's own picture, and what holds it to the small one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from edgestyle.contract import FACTORS, UPSCALER_MARGIN
from edgestyle.errors import ArtifactError
from edgestyle.exporters.parity import parity_photo, parity_photos
from edgestyle.exporters.upscalers import load_shipped
from edgestyle.models.published_upscaler import LEVELS, load_published
from edgestyle.models.upscaler import EsrganSlim, SteadyUpscaler, UpscalerConfig
from edgestyle.quality.network import count_parameters
from tests.layers_models import evaluate, make_graph, make_model, make_weights, write_model

GOLDEN = Path(__file__).parent / "esrgan_slim.npz"  # what `evaluate` makes of the published files


def as_tensor(pixels: Any) -> torch.Tensor:
    return torch.from_numpy(np.asarray(pixels, np.float32).transpose(2, 0, 1)[None] / np.float32(255))


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_network_draws_what_its_layers_say(factor: int, seed: int, tmp_path: Path) -> None:
    folder = make_model(tmp_path, factor, seed)
    picture = np.random.default_rng(seed).random((16, 13, 3))
    expected = evaluate(folder, picture * LEVELS) / LEVELS
    drawn = load_published(folder)(torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32)))
    assert drawn.shape == (1, 3, 16 * factor, 13 * factor)
    assert expected.std() > 0.05
    assert np.abs(drawn[0].permute(1, 2, 0).numpy() - expected).max() < 1e-4


def test_the_comparison_notices_a_wrong_bias(tmp_path: Path) -> None:
    graph = make_graph(2)
    weights = make_weights(graph)
    network = load_published(write_model(tmp_path / "a", graph, weights))
    weights["F_1_1/bias"][0] += 10
    folder = write_model(tmp_path / "b", graph, weights)
    picture = np.random.default_rng(0).random((16, 16, 3))
    expected = evaluate(folder, picture * LEVELS) / LEVELS
    drawn = network(torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32)))
    assert np.abs(drawn[0].permute(1, 2, 0).numpy() - expected).max() > 1e-4


@pytest.mark.parametrize("factor", FACTORS)
def test_what_ships_is_the_published_network(factor: int) -> None:
    with np.load(GOLDEN) as golden:
        image, expected = as_tensor(golden["image"]), golden[f"x{factor}"]
    drawn = load_shipped(factor).network(image)[0].permute(1, 2, 0).numpy()
    assert drawn.shape == expected.shape
    assert np.abs(drawn - expected).max() < 1e-3  # of weights in float16
    assert count_parameters(load_shipped(factor)) < 260_000


def rename(graph: list[dict[str, Any]], name: str, **options: Any) -> None:
    next(one for one in graph if one["name"] == name)["config"].update(options)


OTHERS: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "another activation": lambda graph: rename(graph, "F_1_1_Relu", activation="tanh"),
    "a stride": lambda graph: rename(graph, "F_0", strides=[2, 2]),
    "no padding": lambda graph: rename(graph, "UPN1", padding="valid"),
    "another axis": lambda graph: rename(graph, "LRLs_Concat", axis=1),
    "bilinear": lambda graph: rename(graph, "UPsample", interpolation="bilinear"),
    "three times": lambda graph: rename(graph, "UPsample", size=[3, 3]),
    "unequal sides": lambda graph: rename(graph, "UPsample", size=[2, 4]),
    "a layer more": lambda graph: graph.append({**graph[-1], "name": "more"}),
    "another kind": lambda graph: graph[-2].update(class_name="Lambda"),
    "another source": lambda graph: graph[-1].update(inbound_nodes=[[["UPN3", 0, 0, {}]]]),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_graphs_are_refused(kind: str, tmp_path: Path) -> None:
    graph = make_graph(2)
    weights = make_weights(graph)
    OTHERS[kind](graph)
    with pytest.raises(ArtifactError, match="holds another network than ESRGAN-slim"):
        load_published(write_model(tmp_path, graph, weights))


@pytest.mark.parametrize(
    ("name", "shape"),
    [("F_0/kernel", (3, 3, 6, 5)), ("SR/kernel", (5, 5, 12, 3)), ("UPN1/bias", (4,)), ("LFF_1/kernel", (8, 6))],
)
def test_weights_of_other_shapes_are_refused(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    graph = make_graph(2)
    weights = {**make_weights(graph), name: np.ones(shape)}
    with pytest.raises(ArtifactError, match=r"are not ESRGAN-slim's|holds no weights|has a kernel of 5x5"):
        load_published(write_model(tmp_path, graph, weights))


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    graph = make_graph(2)
    weights = make_weights(graph)
    del weights["GFF_2/kernel"]
    with pytest.raises(ArtifactError, match="no weights of layer 'GFF_2'"):
        load_published(write_model(tmp_path, graph, weights))


@pytest.mark.parametrize("factor", FACTORS)
def test_fixed_kernels_are_pillow_s_cubic_interpolation(factor: int) -> None:
    network = SteadyUpscaler(EsrganSlim(UpscalerConfig(factor, 1, 1, 1, 1)))
    small, large = (np.random.default_rng(0).random((side, side), np.float32) for side in (24, 24 * factor))
    shrunk = np.asarray(Image.fromarray(large).resize((24, 24), Image.Resampling.BICUBIC))
    enlarged = np.asarray(Image.fromarray(small).resize(large.shape, Image.Resampling.BICUBIC))
    three = [torch.from_numpy(one)[None, None].repeat(1, 3, 1, 1) for one in (small, large)]
    again = torch.conv2d(three[1], network.shrink, None, factor, 3 * factor // 2, 1, 3)
    up = torch.pixel_shuffle(torch.conv2d(three[0], network.enlarge, None, 1, 2), factor)
    inner = slice(3, -3)
    assert np.abs(again[0, 1, inner, inner].numpy() - shrunk[inner, inner]).max() < 1e-5
    inner = slice(3 * factor, -3 * factor)
    assert np.abs(up[0, 2, inner, inner].numpy() - enlarged[inner, inner]).max() < 1e-5


@pytest.mark.parametrize("factor", FACTORS)
def test_the_picture_shrunk_again_is_closer_to_the_one_that_went_in(factor: int) -> None:
    network, inner = load_shipped(factor), slice(UPSCALER_MARGIN, -UPSCALER_MARGIN)
    apart = []
    for draw in (network.network, network):
        errors = []
        for name in parity_photos()[:3]:
            image = torch.from_numpy(parity_photo(name, 64, 64))
            drawn = draw(image).clamp(0, 1)
            again = torch.conv2d(drawn, network.shrink, None, factor, 3 * factor // 2, 1, 3)
            errors.append(float((again - image)[..., inner, inner].square().mean()))
        apart.append(np.mean(errors))
    assert apart[1] < apart[0] / 2


def test_no_two_pixels_of_four_are_always_equal() -> None:
    image = torch.from_numpy(parity_photo("chelsea", 48, 48))
    network = load_shipped(4)

    def middle_step(drawn: torch.Tensor) -> float:
        steps = (drawn[..., 1:] - drawn[..., :-1]).abs()
        return float(steps[..., 1::4].mean() / steps.mean())

    assert middle_step(network.network(image)) < 1e-5
    assert middle_step(network(image)) > 0.5


@pytest.mark.parametrize("factor", FACTORS)
def test_nothing_beyond_the_margin_changes_a_place(factor: int) -> None:
    torch.manual_seed(0)
    network = SteadyUpscaler(EsrganSlim(UpscalerConfig(factor, 4, 2, 4, 4))).eval().requires_grad_(False)
    image = torch.rand(1, 3, 1, 80).repeat(1, 1, 40, 1)

    def change(distance: int) -> float:
        other = image.clone()
        other[..., 40 + distance] = 1 - other[..., 40 + distance]
        return float((network(other) - network(image))[..., 40 * factor : 41 * factor].abs().max())

    assert change(UPSCALER_MARGIN) == 0
    assert change(-UPSCALER_MARGIN) == 0
    assert change(3) > 0


def test_other_factors_are_refused() -> None:
    with pytest.raises(ValueError, match="2 or 4"):
        UpscalerConfig(3)
