"""A base on a tiny library with random networks: what is measured, how vectors move, how it goes on."""

import math
import random
import subprocess
import sys
from copy import deepcopy
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
from edgestyle.quality.features import load_features
from edgestyle.teachers.perceptual import LAYERS, gram
from edgestyle.training.base import Base, BaseConfig, BaseTraining, _Slot, mesh_loss, without_rim_gradient
from edgestyle.training.base_starting import STYLE_DIMENSIONS, see_beyond_edges, start_base, widen
from edgestyle.training.checkpoints import alone_in
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
        lite = load_features().maps(torch.from_numpy(to_floats(make_style("marble", 0))))
        for layer, matrix in library.lite_grams([place, place]).items():
            assert torch.allclose(matrix[1], gram(lite[layer])[0], rtol=0.02, atol=1e-3)
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
    for mine, other in ((training.base, again.base), (training.average, again.average)):
        for name, module in mine.modules.items():
            for key, value in module.state_dict().items():
                assert torch.equal(value, other.modules[name].state_dict()[key]), (name, key)
    moments = [run._optimizer.state_dict()["state"][0]["exp_avg"] for run in (training, again)]
    assert torch.equal(*moments)
    again.take_step()


def test_a_run_of_other_settings_is_not_gone_on_with(library: StyleLibrary, tmp_path: Path) -> None:
    BaseTraining(tiny_base(library), library, fast(vgg()), QUICK).save(tmp_path)
    other = BaseTraining(tiny_base(library), library, fast(vgg()), replace(QUICK, vector_rate=0.1))
    with pytest.raises(TrainingError, match="another vector_rate"):
        other.resume(tmp_path)


def test_a_library_of_another_plan_is_not_taken_for_this_one(
    library: StyleLibrary, photo_folder: Path, tmp_path: Path
) -> None:
    photos, encoder = find_photos(photo_folder)[0], make_texture_encoder()
    plan = LibraryPlan(made=1, paintings=0, filtered=0, photos=1)
    measure_library(tmp_path, plan, photos, [], vgg(), encoder)
    before = (tmp_path / "statistics.f32").stat().st_mtime_ns
    measure_library(tmp_path, plan, photos, [], vgg(), encoder)
    assert (tmp_path / "statistics.f32").stat().st_mtime_ns == before
    with pytest.raises(TrainingError, match="other styles or photos"):
        measure_library(tmp_path, replace(plan, seed=1), photos, [], vgg(), encoder)
    with pytest.raises(TrainingError, match="measured by other networks"):
        measure_library(tmp_path, plan, photos, [], vgg(), make_texture_encoder(seed=1))


def test_a_base_goes_on_from_a_base(library: StyleLibrary) -> None:
    first = tiny_base(library)
    taught = first.encoder.eval().requires_grad_(False)
    fresh = make_texture_encoder(STYLE_DIMENSIONS, 7)
    base = start_base(first.renderer, fresh, library, 1, taught)
    for name in ("renderer", "encoder"):
        for key, value in base.modules[name].state_dict().items():
            assert torch.equal(value, first.modules[name].state_dict()[key]), key
    assert all(p.requires_grad for p in base.renderer.parameters())
    assert base.encoder.hidden.weight.requires_grad
    assert not any(p.requires_grad for p in base.encoder.trunk.parameters())


def test_a_wider_margin_changes_the_edges_alone() -> None:
    renderer = make_renderer(replace(TINY, context=0))
    wider = see_beyond_edges(renderer)
    image, style, strength = torch.rand(1, 3, 128, 128), torch.randn(1, TINY.style_dimensions), torch.ones(1)
    before, after = renderer(image, style, strength), wider(image, style, strength)
    assert wider.config.margin == 24
    middle = (..., slice(48, 80), slice(48, 80))
    assert torch.allclose(before[middle], after[middle], atol=1e-5)
    assert not torch.allclose(before, after, atol=1e-5)


def test_a_mesh_counts_where_the_photo_has_none() -> None:
    photo = torch.full((1, 3, 16, 16), 0.5)
    rows, columns = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    mesh = photo + 0.1 * (1 - 2 * ((rows + columns) % 2))
    assert mesh_loss(mesh, photo) == pytest.approx(0.1)
    assert mesh_loss(mesh, mesh) == 0
    assert mesh_loss(photo + 0.01 * columns, photo) == pytest.approx(0, abs=1e-6)


def test_a_damaged_library_says_so(library: StyleLibrary, photo_folder: Path, tmp_path: Path) -> None:
    photos, encoder = find_photos(photo_folder)[0], make_texture_encoder()
    plan = LibraryPlan(made=1, paintings=1, filtered=0, photos=1)
    painting = tmp_path / "paintings" / "starry night \udcff.png"
    write_picture(Picture(make_photo(90, 120)), painting)
    folder = tmp_path / "library"
    with pytest.raises(TrainingError, match="no library"):
        StyleLibrary(folder)
    measure_library(folder, plan, photos, [painting], vgg(), encoder)
    found = StyleLibrary(folder)
    assert found.names[-1] == "starry night \udcff/0"
    assert found.plan["from_paintings"] == [painting.name]
    (folder / "grams.bf16").write_bytes((folder / "grams.bf16").read_bytes()[:-1])
    with pytest.raises(TrainingError, match=r"grams\.bf16 is damaged"):
        StyleLibrary(folder)


def test_filters_and_other_colours_make_styles_too(photo_folder: Path) -> None:
    jobs = plan_styles(LibraryPlan(made=1, paintings=0, filtered=2, photos=1), find_photos(photo_folder)[0], [])
    oils = [make() for name, make in jobs if name.startswith("oil/")]
    assert [picture.shape for picture in oils] == [(384, 384, 3)] * 2
    assert not np.array_equal(*oils)


def test_the_inner_loops_steps_are_adams() -> None:
    slot, numbers = _Slot(), torch.Generator().manual_seed(0)
    slot.begin(0, 6, 5)
    vector = torch.zeros(5, requires_grad=True)
    adam = torch.optim.Adam([vector], lr=0.05, betas=(0.9, 0.99))
    for _ in range(6):
        gradient = torch.randn(5, generator=numbers)
        slot.move(gradient, 0.05)
        vector.grad = gradient.clone()
        adam.step()
    assert torch.allclose(slot.moved, vector.detach(), atol=1e-6)
    assert slot.left == 0


@pytest.mark.parametrize(("batch_size", "fitted"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_at_least_half_of_a_batch_is_fitted(batch_size: int, fitted: int, library: StyleLibrary) -> None:
    training = BaseTraining(tiny_base(library), library, fast(vgg()), replace(QUICK, batch_size=batch_size))
    training._choose_styles(random.Random(0))
    assert [bool(slot.left) for slot in training._slots] == [True] * fitted + [False] * (batch_size - fitted)


def test_a_crops_edges_are_pulled_towards_the_larger_picture(library: StyleLibrary) -> None:
    base = tiny_base(library)
    with torch.no_grad():
        base.renderer.head.weight.mul_(20)
    quiet = replace(QUICK, colour_steps=4, steps=6, temporal_weight=0.0)
    losses = []
    for weight in (0.0, 50.0):
        training = BaseTraining(deepcopy(base), library, fast(vgg()), replace(quiet, edge_weight=weight))
        styles = training._choose_styles(random.Random(0))
        vectors, _ = training._vectors(styles)
        loss = training._loss(vectors, styles, [0, 1], torch.ones(2))
        losses.append(float(loss.detach()))
    assert losses[1] > losses[0]


def test_what_judges_a_crop_tells_its_rim_nothing() -> None:
    pictures = torch.rand(2, 3, 64, 48, requires_grad=True)
    seen = without_rim_gradient(pictures)
    assert torch.equal(seen, pictures)
    seen.square().sum().backward()
    told = (pictures.grad != 0).float()
    assert told[:, :, 16:-16, 16:-16].mean() == 1
    assert told.sum() == told[:, :, 16:-16, 16:-16].sum()


def test_two_networks_see_the_pictures_in_turns(library: StyleLibrary) -> None:
    training = BaseTraining(tiny_base(library), library, fast(vgg()), replace(QUICK, colour_steps=0))
    seen = []
    training._lite = replace(training._lite, network=lambda image, layers: seen.append(training.step) or lite(image))
    lite = load_features().network
    for _ in range(4):
        training.take_step()
        assert training.losses["lite content" if (training.step - 1) % 2 else "content"] > 0
    assert set(seen) == {1, 3}


def test_what_roundings_change_costs_by_its_weight(library: StyleLibrary) -> None:
    base, losses = tiny_base(library), []
    for weight in (1.0, 1001.0):
        training = BaseTraining(deepcopy(base), library, fast(vgg()), replace(QUICK, rounding_weight=weight))
        vectors, _ = training._vectors(training._choose_styles(random.Random(0)))
        loss = training._loss(vectors, training._choose_styles(random.Random(0)), [0, 1], torch.ones(2))
        (gradient,) = torch.autograd.grad(loss, [training.base.renderer.head.weight])
        losses.append((float(loss.detach()), training.losses["roundings"], gradient))
    (light, _, plain), (heavy, roundings, moved) = losses
    assert roundings > 0
    assert heavy - light == pytest.approx(1000 * roundings, rel=1e-3)
    assert not torch.allclose(plain, moved)
    with torch.no_grad():
        for parameter in training.base.renderer.head.parameters():
            parameter.zero_()  # the photo alone, which is not rounded
    training._loss(vectors, training._choose_styles(random.Random(0)), [0, 1], torch.ones(2))
    assert training.losses["roundings"] == 0


def test_a_checkpoint_of_other_sizes_is_refused(library: StyleLibrary, tmp_path: Path) -> None:
    BaseTraining(tiny_base(library), library, fast(vgg()), QUICK).save(tmp_path)
    other = tiny_base(library)
    other.table = nn.Embedding(3, STYLE_DIMENSIONS, sparse=True)
    with pytest.raises(TrainingError, match="another network"):
        BaseTraining(other, library, fast(vgg()), QUICK).resume(tmp_path)


def test_two_trainings_do_not_share_a_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path / "run"):
        code = "import sys; from pathlib import Path; from edgestyle.training.checkpoints import alone_in\n"
        code += "with alone_in(Path(sys.argv[1])): pass"
        other = subprocess.run([sys.executable, "-c", code, tmp_path / "run"], capture_output=True, text=True)
    assert other.returncode == 1
    assert "another training runs in" in other.stderr
    with alone_in(tmp_path / "run"):  # free again
        pass


def test_a_loss_that_is_no_number_stops_before_a_weight_changes(library: StyleLibrary) -> None:
    base = tiny_base(library)
    with torch.no_grad():
        base.encoder.style.bias.fill_(torch.nan)
    weights = [p.clone() for p in base.renderer.parameters()]
    with pytest.raises(TrainingError, match="at step 0"):
        BaseTraining(base, library, fast(vgg()), QUICK).take_step()
    assert all(torch.equal(a, b) for a, b in zip(weights, base.renderer.parameters(), strict=True))


def test_nonsense_is_refused(library: StyleLibrary) -> None:
    for wrong in (
        {"steps": 0}, {"learning_rate": 0.0}, {"inner_steps": (-1,)}, {"temporal_start": 7.0}, {"colour_steps": 6000},
        {"rounding_weight": -1.0},
    ):  # fmt: skip
        with pytest.raises(TrainingError):
            BaseConfig(**wrong)
    with pytest.raises(TrainingError):
        LibraryPlan(made=0)
    encoder = TextureEncoder(TextureEncoderConfig(STYLE_DIMENSIONS))
    with pytest.raises(TrainingError, match="cannot start from a larger network"):
        start_base(Renderer(replace(TINY, style_dimensions=STYLE_DIMENSIONS + 1)), encoder, library)
