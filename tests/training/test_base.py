"""A base on a tiny library with random networks: what is measured, how vectors move, how it goes on."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from edgestyle.errors import TrainingError
from edgestyle.images import Picture, to_floats, write_picture
from edgestyle.models.renderer import Renderer
from edgestyle.models.texture_encoder import TextureEncoder, TextureEncoderConfig
from edgestyle.models.vgg import VGG16Features
from edgestyle.teachers.perceptual import LAYERS, gram
from edgestyle.training.base import Base, BaseConfig, BaseTraining
from edgestyle.training.base_starting import STYLE_DIMENSIONS, start_base, widen
from edgestyle.training.made_styles import make_style
from edgestyle.training.photos import find_photos
from edgestyle.training.style_library import (
    CROP,
    HELD_OUT,
    SURROUNDED,
    LibraryPlan,
    StyleLibrary,
    fast,
    measure_library,
    plan_styles,
    see,
)
from tests.conftest import TINY, make_photo, make_renderer, make_texture_encoder

PLAN = LibraryPlan(made=1, paintings=2, filtered=0, photos=3)
QUICK = BaseConfig(steps=8, batch_size=2, colour_steps=2, inner_steps=(3,))


def vgg() -> VGG16Features:
    torch.manual_seed(0)
    return VGG16Features().eval().requires_grad_(False)


@pytest.fixture(scope="module")
def library(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> StyleLibrary:
    folder = tmp_path_factory.mktemp("library")
    painting = tmp_path_factory.mktemp("paintings") / "dusk.png"
    write_picture(Picture(make_photo(120, 150, 9)), painting)
    measure_library(folder, PLAN, find_photos(photo_folder)[0], [painting], vgg(), make_texture_encoder())
    return StyleLibrary(folder)


def tiny_base(library: StyleLibrary, seed: int = 0) -> Base:
    encoder = make_texture_encoder(STYLE_DIMENSIONS, seed)
    encoder.hidden.requires_grad_(True)
    encoder.style.requires_grad_(True)
    return start_base(make_renderer(TINY), encoder, library, seed)


def test_a_library_holds_what_was_measured(library: StyleLibrary, photo_folder: Path) -> None:
    names = [name for name, _ in plan_styles(PLAN, [], [Path("dusk.png")])]
    assert library.names == names
    assert not any(name.startswith(HELD_OUT) for name in names)
    assert library.photos.shape == (3, SURROUNDED, SURROUNDED, 3)
    features, place = fast(vgg()), names.index("marble/0")
    with torch.no_grad():
        maps = see(features, torch.from_numpy(to_floats(make_style("marble", 0))))
        for layer, matrix in library.grams([place, place]).items():
            assert torch.allclose(matrix[1], gram(maps[layer])[0], rtol=0.02, atol=1e-3)
        edge = (SURROUNDED - CROP) // 2
        inside = to_floats(library.photos[1])[:, :, edge:-edge, edge:-edge]
        shown = see(features, torch.from_numpy(np.ascontiguousarray(inside)))
        for layer, maps_of_photo in library.photo_maps([1]).items():
            assert torch.equal(maps_of_photo, shown[layer])
        assert library.photo_grams([1]).keys() == set(LAYERS)


def test_a_painting_is_seen_whole_first_and_then_in_parts(library: StyleLibrary) -> None:
    whole, part = (library.thumbnails[library.names.index(f"dusk/{number}")] for number in (0, 1))
    assert (whole - part).abs().mean() > 0.02


def test_a_wider_network_draws_what_the_one_it_starts_from_drew() -> None:
    source = make_renderer(TINY)
    target = Renderer(replace(TINY, style_dimensions=20, modulation_hidden=24)).eval()
    widen(source, target)
    image, style, strength = torch.rand(2, 3, 40, 48), torch.randn(2, TINY.style_dimensions), torch.rand(2)
    longer = torch.cat([style, torch.zeros(2, 20 - style.shape[1])], 1)
    assert torch.allclose(target(image, longer, strength), source(image, style, strength), atol=1e-5)


def test_vectors_of_the_inner_loop_move_for_as_long_as_they_are_fitted(library: StyleLibrary) -> None:
    training = BaseTraining(tiny_base(library), library, fast(vgg()), QUICK)
    fitted, fresh = training._slots
    seen = []
    for _ in range(4):
        training.take_step()
        seen.append((fitted.style, fitted.left, float(fitted.moved.abs().max())))
        assert float(fresh.moved.abs().max()) == 0
    assert [left for _, left, _ in seen] == [2, 1, 0, 2]
    assert seen[0][0] == seen[2][0]
    assert all(moved > 0.01 for _, _, moved in seen)
    assert seen[3][2] < seen[2][2]


@pytest.mark.parametrize("mode", ["meta", "plain"])
def test_each_way_moves_the_network_and_what_gives_it_vectors(mode: str, library: StyleLibrary) -> None:
    base = tiny_base(library)
    before = {name: [p.clone() for p in module.parameters()] for name, module in base.modules.items()}
    config = BaseConfig(**{**vars(QUICK), "mode": mode, "steps": 4})
    training = BaseTraining(base, library, fast(vgg()), config)
    for _ in range(4):
        training.take_step()
    assert all(math.isfinite(training.losses[name]) for name in ("content", "temporal"))
    moved = {
        name: any(not torch.equal(a, b) for a, b in zip(before[name], module.parameters(), strict=True))
        for name, module in base.modules.items()
    }
    assert moved == {"renderer": True, "encoder": mode == "meta", "table": mode == "plain"}
    same = zip(base.encoder.trunk.parameters(), tiny_base(library).encoder.trunk.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in same)


def test_a_run_goes_on_where_it_was_saved(library: StyleLibrary, tmp_path: Path) -> None:
    training = BaseTraining(tiny_base(library), library, fast(vgg()), QUICK)
    for _ in range(3):
        training.take_step()
    training.save(tmp_path)
    again = BaseTraining(tiny_base(library, seed=5), library, fast(vgg()), QUICK)
    again.resume(tmp_path)
    assert again.step == 3
    for module, other in zip(training.base.modules.values(), again.base.modules.values(), strict=True):
        for name, value in module.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name
    again.take_step()


def test_a_checkpoint_of_other_sizes_is_refused(library: StyleLibrary, tmp_path: Path) -> None:
    BaseTraining(tiny_base(library), library, fast(vgg()), QUICK).save(tmp_path)
    other = tiny_base(library)
    other.table = nn.Embedding(3, STYLE_DIMENSIONS, sparse=True)
    with pytest.raises(TrainingError, match="another network"):
        BaseTraining(other, library, fast(vgg()), QUICK).resume(tmp_path)


def test_a_loss_that_is_no_number_stops_before_a_weight_changes(library: StyleLibrary) -> None:
    base = tiny_base(library)
    with torch.no_grad():
        base.encoder.style.bias.fill_(torch.nan)
    weights = [p.clone() for p in base.renderer.parameters()]
    with pytest.raises(TrainingError, match="at step 0"):
        BaseTraining(base, library, fast(vgg()), QUICK).take_step()
    assert all(torch.equal(a, b) for a, b in zip(weights, base.renderer.parameters(), strict=True))


def test_nonsense_is_refused(library: StyleLibrary) -> None:
    with pytest.raises(TrainingError, match="from 1 up"):
        BaseConfig(steps=0)
    encoder = TextureEncoder(TextureEncoderConfig(STYLE_DIMENSIONS))
    with pytest.raises(TrainingError, match="cannot start from a larger network"):
        start_base(Renderer(replace(TINY, style_dimensions=STYLE_DIMENSIONS + 1)), encoder, library)
