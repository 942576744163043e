"""The look of a reference picture, whatever the picture."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from edgestyle.contract import REFERENCE_SIDE
from edgestyle.errors import ContractError, PackError
from edgestyle.exporters.parity import parity_photo, parity_photos
from edgestyle.images import Picture, Pixels
from edgestyle.models.palette import MEASURES
from edgestyle.packs import choosing, stylizing
from edgestyle.packs.loading import load_pack, save_pack_json
from edgestyle.packs.networks import load_encoder, load_painter, load_renderer
from edgestyle.packs.pack import Pack, Style
from edgestyle.packs.stylizing import largest_size, reference_input
from tests.conftest import make_photo

PHOTO = make_photo(90, 120)
REFERENCES: dict[str, Pixels] = {
    "black": np.zeros((40, 60, 3), np.uint8),
    "white": np.full((40, 60, 3), 255, np.uint8),
    "grey": np.full((40, 60, 3), 128, np.uint8),
    "one colour": np.tile(np.array([200, 30, 90], np.uint8), (40, 60, 1)),
    "one pixel": np.full((1, 1, 3), 77, np.uint8),
    "huge": np.tile(make_photo(300, 400, 2), (20, 20, 1)),
    "a line": make_photo(1, 3000, 3),
    "the photo itself": PHOTO,
}
every_reference = pytest.mark.parametrize("kind", REFERENCES)


@pytest.fixture
def copy(tiny_lumen: Pack, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(tiny_lumen.folder, folder)
    return folder


@pytest.fixture
def shipped(tiny_lumen: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the pack with an encoder were the only one that is shipped beside the usual default."""
    monkeypatch.setattr(choosing, "shipped_packs", lambda: ["atelier", str(tiny_lumen.folder)])


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads((folder / "pack.json").read_text())
    change(data)
    (folder / "pack.json").write_text(json.dumps(data))


@every_reference
def test_any_reference_becomes_a_style_that_draws(kind: str, tiny_lumen: Pack) -> None:
    style = tiny_lumen.encode(REFERENCES[kind])
    assert len(style.vector) == 12
    assert np.isfinite(style.vector).all()
    drawn = tiny_lumen.stylize(PHOTO, style, 1.0)
    assert drawn.shape == PHOTO.shape
    assert not np.array_equal(drawn, PHOTO)
    assert np.array_equal(tiny_lumen.stylize(PHOTO, style, 0.0), PHOTO)


def test_the_encoder_runs_as_it_does_in_torch(tiny_lumen: Pack) -> None:
    reference = torch.from_numpy(reference_input(Picture(PHOTO)))
    expected = load_encoder(tiny_lumen)(reference)[0]
    assert np.allclose(tiny_lumen.encode(PHOTO).vector, expected.tolist(), atol=1e-5)


def test_a_reference_gets_the_defaults_of_the_pack(tiny_lumen: Pack) -> None:
    style, first = tiny_lumen.encode(PHOTO), tiny_lumen.style()
    assert (style.default_strength, style.detail) == (first.default_strength, first.detail)


def test_different_references_look_different(tiny_lumen: Pack) -> None:
    vectors = [tiny_lumen.encode(REFERENCES[kind]).vector for kind in ("black", "white", "one colour")]
    assert min(np.abs(np.subtract(a, b)).max() for a in vectors for b in vectors if a is not b) > 0.01


def test_all_of_a_reference_counts_whatever_its_shape(tiny_lumen: Pack) -> None:
    wide = np.zeros((20, 200, 3), np.uint8)
    with_an_end = wide.copy()
    with_an_end[:, 150:] = 255
    assert tiny_lumen.encode(wide) != tiny_lumen.encode(with_an_end)
    averaged = reference_input(Picture(with_an_end))
    assert averaged.shape == (1, 3, REFERENCE_SIDE, REFERENCE_SIDE)
    assert averaged.mean() == pytest.approx(0.25, abs=0.01)


def test_what_is_transparent_counts_as_white(tiny_lumen: Pack) -> None:
    clear = Image.new("RGBA", (30, 20), (255, 0, 0, 0))
    assert tiny_lumen.encode(clear) == tiny_lumen.encode(REFERENCES["white"])
    half = Picture(np.zeros((8, 8, 3), np.uint8), np.full((8, 8), 128, np.uint8))
    assert reference_input(half).mean() == pytest.approx(0.5, abs=0.01)


def test_a_photo_with_alpha_keeps_it(tiny_lumen: Pack) -> None:
    photo = Image.new("RGBA", (20, 10), (200, 100, 50, 7))
    drawn = tiny_lumen.stylize(photo, tiny_lumen.encode(PHOTO), 1.0)
    assert drawn.mode == "RGBA"
    assert drawn.getchannel("A").getextrema() == (7, 7)


def test_an_array_that_is_no_picture_is_refused(tiny_lumen: Pack) -> None:
    with pytest.raises(ContractError, match="picture array"):
        tiny_lumen.encode(np.zeros((4, 4), np.uint8))


@pytest.mark.usefixtures("shipped")
def test_a_pack_without_an_encoder_says_which_packs_have_one() -> None:
    for use in (load_pack("atelier").encode, lambda _: load_encoder(load_pack("atelier"))):
        with pytest.raises(PackError, match=r"'atelier' has no encoder.*tiny-lumen can \(--pack tiny-lumen\)"):
            use(PHOTO)


@pytest.mark.usefixtures("shipped")
def test_the_shipped_pack_with_an_encoder_is_chosen() -> None:
    assert choosing.choose_encoding_pack(None).name == "tiny-lumen"
    with pytest.raises(PackError, match="has no encoder"):
        choosing.choose_encoding_pack("atelier")


@pytest.mark.parametrize(("count", "message"), [(0, "no shipped pack"), (2, "several packs.*--pack")])
def test_where_no_pack_or_several_could_be_meant_one_must_be_named(
    count: int, message: str, tiny_lumen: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "shipped_packs", lambda: count * [str(tiny_lumen.folder)])
    with pytest.raises(PackError, match=message):
        choosing.choose_encoding_pack(None)


def test_a_style_of_another_pack_is_refused(tiny_lumen: Pack) -> None:
    with pytest.raises(PackError, match=r"none of pack 'tiny-lumen'"):
        tiny_lumen.stylize(PHOTO, Style("other", (0.0,) * 5))


def test_an_encoder_that_gives_nan_is_refused(copy: Path) -> None:
    model = onnx.load(copy / "encoder.onnx")
    bias = next(w for w in model.graph.initializer if w.name.endswith("style.bias"))
    bias.raw_data = np.full(bias.dims[0], np.nan, np.float32).tobytes()
    onnx.save(model, copy / "encoder.onnx")
    with pytest.raises(PackError, match="damaged encoder"):
        load_pack(copy).encode(PHOTO)


def test_a_file_that_is_no_encoder_is_refused(copy: Path) -> None:
    shutil.copy(copy / "renderer.onnx", copy / "encoder.onnx")
    with pytest.raises(Exception, match="does not keep the contract"):
        load_pack(copy).encode(PHOTO)


def test_an_encoder_of_other_vectors_than_the_renderer_takes_is_refused(copy: Path) -> None:
    edit(copy, lambda data: data["components"]["encoder"]["config"].update(style_dimensions=13))
    with pytest.raises(PackError, match="vectors of 12 numbers"):
        load_pack(copy)


def test_an_encoder_that_pack_json_calls_a_renderer_is_refused(copy: Path) -> None:
    edit(copy, lambda data: data["components"]["encoder"].update(model="colour"))
    with pytest.raises(PackError, match="wants encoder 'colour'; known: encoder"):
        load_encoder(load_pack(copy))


def test_damaged_weights_of_an_encoder_are_refused(copy: Path) -> None:
    tensors = load_file(copy / "encoder.safetensors")
    tensors["style.bias"][0] = torch.nan
    save_file(tensors, copy / "encoder.safetensors")
    with pytest.raises(PackError, match=r"style\.bias.*not finite"):
        load_encoder(load_pack(copy))
    (copy / "encoder.safetensors").unlink()
    with pytest.raises(PackError, match=r"lacks its file encoder\.safetensors"):
        load_encoder(load_pack(copy))


def test_styles_are_not_distilled_into_a_pack_that_recolours(tiny_lumen: Pack) -> None:
    with pytest.raises(PackError, match="recolours photos"):
        load_painter(tiny_lumen)


def test_full_size_is_written_and_read(copy: Path) -> None:
    pack = load_pack(copy)
    assert pack.working_size is None
    save_pack_json(pack)
    assert json.loads((copy / "pack.json").read_text())["working_size"] == "full"
    assert load_pack(copy) == pack
    edit(copy, lambda data: data.update(working_size="huge"))
    with pytest.raises(PackError, match="'full' or a whole number"):
        load_pack(copy)


def test_a_pack_at_full_size_draws_every_pixel_and_large_photos_within_a_limit(
    tiny_lumen: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(96, 160)
    direct = tiny_lumen.stylize(photo, "warm", 1.0, "full")
    assert np.array_equal(tiny_lumen.stylize(photo, "warm", 1.0), direct)
    monkeypatch.setattr(stylizing, "MOST_PIXELS", 96 * 160 // 4)
    assert largest_size(photo) == 80
    limited = tiny_lumen.stylize(photo, "warm", 1.0)
    assert limited.shape == photo.shape
    assert not np.array_equal(limited, direct)
    assert np.abs(limited.astype(int) - direct).mean() < 12, "its detail is added back"
    assert np.array_equal(tiny_lumen.stylize(photo, "warm", 0.0), photo)


def test_a_reference_needs_no_torch(tiny_lumen: Pack) -> None:
    code = (
        "import sys, numpy, edgestyle\n"
        "pack, photo = edgestyle.load_pack(sys.argv[1]), numpy.zeros((9, 9, 3), 'uint8')\n"
        "pack.stylize(photo, pack.encode(photo)); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tiny_lumen.folder)], check=True)


def test_the_shipped_renderer_tells_places_apart_and_its_encoder_more_than_palettes() -> None:
    pack = load_pack("lumen")
    renderer, encoder = load_renderer(pack), load_encoder(pack)
    references = [torch.from_numpy(parity_photo(name, REFERENCE_SIDE, REFERENCE_SIDE)) for name in parity_photos()]
    with torch.no_grad():
        vectors = torch.cat([encoder(one) for one in references])
        place = renderer.see(references[0], vectors[1:2], torch.ones(1, 1)).place
    assert (vectors[:, MEASURES:].std(0) > 0.01).float().mean() > 0.8  # training can let features die
    assert place.std((2, 3)).min() > 0.01
