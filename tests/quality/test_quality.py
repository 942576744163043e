import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from edgestyle.errors import ArtifactError
from edgestyle.images import to_floats
from edgestyle.models.vgg import _TORCHVISION_PLACES, VGG16Features, load_vgg16
from edgestyle.quality.fidelity import feature_distance, psnr_db, rms_difference, ssim
from edgestyle.quality.sheets import contact_sheet
from edgestyle.quality.strength import strength_response
from tests.conftest import make_photo

PHOTO = torch.from_numpy(to_floats(make_photo(48, 64)))


def test_psnr_of_a_known_error() -> None:
    assert psnr_db(PHOTO, PHOTO) == math.inf
    assert psnr_db(torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.1)) == pytest.approx(20, abs=1e-4)
    assert rms_difference(torch.zeros(1, 3, 4, 4), torch.full((1, 3, 4, 4), 0.1)) == pytest.approx(0.1)


def test_ssim_is_1_for_equal_pictures_and_falls_with_noise() -> None:
    noise = torch.randn(PHOTO.shape, generator=torch.Generator().manual_seed(0))
    scores = [ssim(PHOTO, PHOTO + s * noise) for s in (0.0, 0.05, 0.2)]
    assert scores[0] == pytest.approx(1)
    assert scores[0] > scores[1] > scores[2]


def test_ssim_of_constants_follows_the_formula() -> None:
    a, b = torch.full((1, 3, 16, 16), 0.2), torch.full((1, 3, 16, 16), 0.6)
    assert ssim(a, b) == pytest.approx((2 * 0.2 * 0.6 + 1e-4) / (0.04 + 0.36 + 1e-4), abs=1e-4)


def test_the_feature_distance_is_0_for_equal_pictures_and_grows(tmp_path: object) -> None:
    torch.manual_seed(0)
    features = VGG16Features().eval()
    other = torch.from_numpy(to_floats(make_photo(48, 64, seed=5)))
    assert feature_distance(PHOTO, PHOTO, features) == pytest.approx(0, abs=1e-5)
    mixed = feature_distance(PHOTO, 0.7 * PHOTO + 0.3 * other, features)
    assert 0 < mixed < feature_distance(PHOTO, other, features)


@pytest.mark.parametrize("layout", ["caffe", "torchvision"])
def test_vgg_weights_go_where_their_names_say(tmp_path: Path, layout: str) -> None:
    source = VGG16Features()
    tensors = {}
    for place, (name, layer) in zip(_TORCHVISION_PLACES, source.named_convolutions(), strict=True):
        key = f"block{name[0]}_conv{name[2]}" if layout == "caffe" else f"features.{place}"
        weight = layer.weight.data.flip(1) if key == "block1_conv1" else layer.weight.data
        tensors[f"{key}.weight"], tensors[f"{key}.bias"] = weight.contiguous(), layer.bias.data
    save_file(tensors, tmp_path / "vgg.safetensors")
    loaded = load_vgg16(tmp_path / "vgg.safetensors")
    source.mean, source.scale = loaded.mean, loaded.scale
    assert all(torch.equal(source(PHOTO)[name], loaded(PHOTO)[name]) for name in source(PHOTO))
    assert [m.shape[1] for m in loaded(PHOTO).values()] == [64, 128, 256, 512]
    centre = {"caffe": 0.45843, "torchvision": 0.456}[layout]  # ImageNet's mean green
    assert loaded.mean[0, 1].item() == pytest.approx(centre, abs=0.001)


def test_vgg_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_file({"conv.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ArtifactError, match="no VGG16 layer"):
        load_vgg16(tmp_path / "other.safetensors")


def test_the_strength_response_of_a_crossfade_is_linear_and_no_better_than_one() -> None:
    def teacher(image: torch.Tensor, strength: float) -> torch.Tensor:
        return image * (1 - strength**2)

    def crossfade(image: torch.Tensor, strength: float) -> torch.Tensor:
        return image + strength * (teacher(image, 1.0) - image)

    response = strength_response(crossfade, teacher, [PHOTO])
    assert response.grows
    assert response.half_share == pytest.approx(0.5, abs=1e-5)
    assert response.half_psnr_db == pytest.approx(response.crossfade_psnr_db, abs=1e-3)
    assert strength_response(teacher, teacher, [PHOTO]).half_psnr_db == math.inf


def test_a_response_that_turns_back_is_noticed() -> None:
    def turning(image: torch.Tensor, strength: float) -> torch.Tensor:
        return image * (1 - min(strength, 0.9 - strength / 2))

    assert not strength_response(turning, turning, [PHOTO]).grows


def test_a_contact_sheet_holds_its_pictures() -> None:
    red, blue = (np.full((40, 60, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))
    sheet = contact_sheet([[red, blue], [blue, red]], ["one", "two"], ["first", "second"], 80)
    assert (sheet == (255, 0, 0)).all(2).sum() == (sheet == (0, 0, 255)).all(2).sum() == 2 * 80 * 120
