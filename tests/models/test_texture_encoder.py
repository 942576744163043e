"""The encoder of marks: what it measures, and what it may not depend on."""

import pytest
import torch

from edgestyle.models.efficientnet_lite import EfficientNetLite0
from edgestyle.models.texture_encoder import DEPTH, LAYERS, STATISTICS, TextureEncoder, TextureEncoderConfig
from tests.conftest import make_texture_encoder


def test_a_reference_becomes_a_vector() -> None:
    encoder = make_texture_encoder()
    pictures = torch.rand(3, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    vectors = encoder(pictures)
    assert vectors.shape == (3, encoder.config.style_dimensions)
    assert torch.equal(vectors, encoder.from_statistics(encoder.statistics(pictures)))
    assert torch.allclose(vectors[1:2], encoder(pictures[1:2]), atol=1e-5)


def test_statistics_are_means_and_deviations_of_colours_and_maps() -> None:
    encoder = make_texture_encoder()
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    measured = encoder.statistics(picture)
    assert measured.shape == (1, STATISTICS)
    assert torch.allclose(measured[0, :3], picture.mean((0, 2, 3)), atol=1e-6)
    assert torch.allclose(measured[0, 3:6], picture.var((0, 2, 3), correction=0).add(1e-4).sqrt(), atol=1e-5)
    trunk = EfficientNetLite0(DEPTH)
    trunk.load_state_dict(encoder.trunk.state_dict())
    last = trunk(picture, LAYERS)[LAYERS[-1]]
    width = last.shape[1]
    assert torch.allclose(measured[0, -2 * width : -width], last.mean((0, 2, 3)), atol=1e-5)


def test_a_picture_of_one_colour_has_finite_statistics() -> None:
    encoder = make_texture_encoder()
    assert torch.isfinite(encoder(torch.full((1, 3, 256, 256), 0.5))).all()


def test_what_is_usual_is_taken_off_first() -> None:
    encoder = make_texture_encoder()
    picture = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    encoder.usual.copy_(encoder.statistics(picture)[0])
    bias_alone = encoder.style(torch.relu(encoder.hidden.bias))
    assert torch.allclose(encoder(picture)[0], bias_alone, atol=1e-4)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="widths from 1"):
        TextureEncoder(TextureEncoderConfig(hidden=0))
