"""Distances of sets on clouds whose answers are known."""

from pathlib import Path

import pytest
import torch

from edgestyle.errors import ArtifactError, ContractError
from edgestyle.quality.picture_sets import (
    compare_sets,
    frechet_distance,
    load_set_network,
    precision_recall,
    set_features,
)


def cloud(count: int, at: float = 0.0, spread: float = 1.0, seed: int = 0) -> torch.Tensor:
    return at + spread * torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))


def test_a_set_is_no_distance_from_itself() -> None:
    measures = compare_sets(cloud(300), cloud(300))
    assert measures.frechet_distance == pytest.approx(0, abs=1e-6)
    assert (measures.precision, measures.recall, measures.pictures) == (1.0, 1.0, 300)


def test_frechet_distance_of_normal_clouds_is_the_formula() -> None:
    first, second = cloud(20_000), cloud(20_000, at=2.0, spread=3.0, seed=1)
    assert frechet_distance(first, second) == pytest.approx(4 * 2.0**2 + 4 * (3.0 - 1.0) ** 2, rel=0.03)


def test_far_clouds_share_nothing() -> None:
    assert precision_recall(cloud(200), cloud(200, at=50.0)) == (0.0, 0.0)


def test_half_the_kinds_drawn_well_is_precise_but_no_full_recall() -> None:
    real = torch.cat([cloud(300), cloud(300, at=40.0, seed=1)])
    precision, recall = precision_recall(real, cloud(600, seed=2))
    assert precision > 0.8
    assert recall == pytest.approx(0.5, abs=0.05)


def test_kinds_that_do_not_exist_cost_precision_alone() -> None:
    drawn = torch.cat([cloud(300, seed=2), cloud(300, at=40.0, seed=1)])
    precision, recall = precision_recall(cloud(600), drawn)
    assert precision == pytest.approx(0.5, abs=0.06)
    assert recall > 0.7


def test_features_of_pictures_tell_sets_apart() -> None:
    network = load_set_network()
    pictures = torch.rand(4, 3, 32, 32) * 0.1, torch.ones(4, 3, 32, 32)
    dark, light = (set_features(iter([part]), network) for part in pictures)
    assert dark.shape == (4, 112)
    assert frechet_distance(dark, light) > 1


def test_sets_that_are_too_small_or_no_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no 3 neighbours"):
        precision_recall(cloud(3), cloud(9))
    with pytest.raises(ContractError, match="N from 2 up"):
        frechet_distance(cloud(1), cloud(9))
    with pytest.raises(ArtifactError):
        load_set_network(tmp_path / "nothing.safetensors")
