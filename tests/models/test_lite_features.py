from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from edgestyle.errors import ArtifactError
from edgestyle.models import weights
from edgestyle.models.efficientnet_lite import BLOCKS, EfficientNetLite0, fold_weights
from edgestyle.models.lite_features import SOURCES, LiteFeatures, load_lite_features
from edgestyle.quality import features
from edgestyle.quality.features import SHIPPED, check_sha256, load_features, load_shipped

PHOTO = torch.rand(1, 3, 96, 64, generator=torch.Generator().manual_seed(0))


def test_the_shipped_network_is_small_and_its_maps_are_shaped_as_vggs() -> None:
    assert SHIPPED.stat().st_size <= 2_000_000
    maps = load_features().maps(PHOTO)
    assert list(maps) == list(SOURCES)
    assert [tuple(m.shape[2:]) for m in maps.values()] == [(96, 64), (48, 32), (24, 16), (12, 8)]
    assert [m.shape[1] for m in maps.values()] == [width for _, width in SOURCES.values()]
    assert load_shipped().pooled(PHOTO).shape == (1, 112)


def test_odd_sizes_work() -> None:
    assert load_features().maps(PHOTO[..., :77, :51])["relu1_2"].shape[2:] == (77, 51)


def test_a_layer_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match="relu9_9"):
        load_shipped()(PHOTO, ["relu9_9"])
    with pytest.raises(ValueError, match="block11"):
        load_shipped().trunk(PHOTO, ["block11"])


def damage(tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    name = "trunk.convolutions.stem.weight"
    if kind == "missing":
        del tensors[name]
    elif kind == "shape":
        tensors[name] = tensors[name][:4].contiguous()
    elif kind == "not finite":
        tensors[name][0, 0, 0, 0] = float("nan")
    elif kind == "stranger":
        tensors["more.weight"] = torch.zeros(1)
    return tensors


@pytest.mark.parametrize("kind", ["missing", "shape", "not finite", "stranger"])
def test_weights_of_other_shapes_or_not_finite_are_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    save_file(damage(load_file(SHIPPED), kind), path)
    with pytest.raises(ArtifactError, match=r"not finite" if kind == "not finite" else r"does not fit"):
        load_lite_features(path)


def test_files_that_are_cut_short_missing_or_huge_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = tmp_path / "short.safetensors"
    short.write_bytes(SHIPPED.read_bytes()[:5000])
    for path in (short, tmp_path / "none.safetensors"):
        with pytest.raises(ArtifactError, match="cannot read"):
            load_lite_features(path)
    monkeypatch.setattr(weights, "MAX_BYTES", 1000)
    with pytest.raises(ArtifactError, match="larger"):
        load_lite_features(SHIPPED)


def test_a_changed_shipped_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "changed.safetensors"
    changed.write_bytes(SHIPPED.read_bytes()[:-1] + b"\0")
    with pytest.raises(ArtifactError, match="was changed"):
        check_sha256(changed, features.SHIPPED_SHA256)
    with pytest.raises(ArtifactError, match="cannot read"):
        check_sha256(tmp_path / "none", features.SHIPPED_SHA256)


def published(network: EfficientNetLite0) -> dict[str, Tensor]:
    """Weights as published, with batch norms that do something, for a network whose convolutions stay as they are."""
    parts = {"expand": ("_expand_conv", "_bn0"), "depthwise": ("_depthwise_conv", "_bn1"),
             "project": ("_project_conv", "_bn2")}  # fmt: skip
    places = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
    places |= {f"{k}{i}": (f"_blocks.{i}.{c}", f"_blocks.{i}.{n}") for k, (c, n) in parts.items() for i in range(16)}
    tensors = {}
    for name, layer in network.convolutions.items():
        assert isinstance(layer, torch.nn.Conv2d)
        conv, norm = places[name]
        tensors[f"{conv}.weight"] = layer.weight.data / 2
        ones = torch.ones(layer.out_channels)
        tensors |= {f"{norm}.weight": 6 * ones, f"{norm}.running_var": (9 - 1e-3) * ones}
        tensors |= {f"{norm}.bias": layer.bias.data + 2, f"{norm}.running_mean": ones.clone()}
    return tensors


def test_batch_norms_are_folded_into_the_convolutions(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = EfficientNetLite0()
    save_file(published(network), tmp_path / "published.safetensors")
    folded = fold_weights(tmp_path / "published.safetensors")
    for name, value in network.state_dict().items():
        assert torch.allclose(folded[name], value, atol=1e-5), name
    save_file({"conv.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ArtifactError, match="does not hold EfficientNet-Lite0"):
        fold_weights(tmp_path / "other.safetensors")


def test_the_whole_network_has_its_published_shape() -> None:
    network = EfficientNetLite0()
    assert len(BLOCKS) == 16
    sizes = {name: value.numel() for name, value in network.named_parameters()}
    norms = 2 * sum(size for name, size in sizes.items() if name.endswith("bias"))  # scales and offsets
    weights_of_all = sum(size for name, size in sizes.items() if name.endswith("weight"))
    assert weights_of_all + norms + 1281 * 1000 == 4_652_008  # the last are the classifier's
    assert network(PHOTO, ["head"])["head"].shape == (1, 1280, 3, 2)
    assert LiteFeatures().trunk.last_layer == "block10"
