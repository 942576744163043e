import json
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edgestyle.arrays import Floats
from edgestyle.contract import FACTORS, UPSCALER_MARGIN
from edgestyle.errors import ArtifactError, ContractError, PictureError
from edgestyle.images import Picture, read_picture, to_floats, to_pixels
from edgestyle.runtime.onnx import OnnxUpscaler
from edgestyle.runtime.upscaler import check_enlarged
from edgestyle.upscaling import Upscaler, upscale
from edgestyle.upscaling.enlarging import check_enlarged_size
from edgestyle.upscaling.shipped import NETWORKS, shipped_network
from edgestyle.upscaling.tiling import enlarge_in_tiles, lay_tiles
from tests.conftest import make_photo

PHOTO = read_picture(Path(__file__).parents[2] / "examples" / "chelsea.jpg").pixels[100:196, 200:310]


def open_network(factor: int) -> OnnxUpscaler:
    return OnnxUpscaler(shipped_network(factor), factor, 1)


@pytest.mark.parametrize("factor", FACTORS)
def test_tiles_are_the_whole_picture_within_a_level(factor: int) -> None:
    network = open_network(factor)
    whole = enlarge_in_tiles(network.enlarge, PHOTO, factor, UPSCALER_MARGIN, 512)
    tiled = enlarge_in_tiles(network.enlarge, PHOTO, factor, UPSCALER_MARGIN, 40)
    assert whole.shape == (96 * factor, 110 * factor, 3)
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    padded = np.pad(PHOTO, ((40, 40), (40, 40), (0, 0)), mode="edge")
    once = to_pixels(network.enlarge(to_floats(padded)))[40 * factor : -40 * factor, 40 * factor : -40 * factor]
    assert np.abs(once.astype(int) - tiled).max() <= 1


@pytest.mark.parametrize("factor", FACTORS)
def test_with_too_small_a_margin_seams_would_show(factor: int) -> None:
    network = open_network(factor)
    whole = enlarge_in_tiles(network.enlarge, PHOTO, factor, UPSCALER_MARGIN, 512)
    tiled = enlarge_in_tiles(network.enlarge, PHOTO, factor, 2, 40)
    assert np.abs(whole.astype(int) - tiled).max() > 1


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 300), (256, 256), (257, 511), (1000, 90)])
def test_tiles_cover_every_pixel_and_have_one_size(height: int, width: int) -> None:
    places, (tall, wide) = lay_tiles(height, width, 256)
    seen = np.zeros((height, width), int)
    for top, left in places:
        assert top >= 0
        assert left >= 0
        seen[top : top + tall, left : left + wide] += 1
    assert seen.min() == 1
    assert max(tall, wide) <= 256
    assert (seen > 1).mean() < 0.05


def test_repeating_pixels_in_tiles_is_repeating_pixels() -> None:
    def repeat(image: Floats) -> Floats:
        return image.repeat(2, 2).repeat(2, 3)

    calls: list[tuple[int, int]] = []
    photo = make_photo(50, 37)
    drawn = enlarge_in_tiles(repeat, photo, 2, 3, 20, lambda done, total: calls.append((done, total)))
    assert np.array_equal(drawn, photo.repeat(2, 0).repeat(2, 1))
    assert calls == [(number, 6) for number in range(1, 7)]


def test_memory_beside_the_result_does_not_grow_with_the_picture() -> None:
    def peak(side: int) -> int:
        photo = np.zeros((side, side, 3), np.uint8)
        tracemalloc.start()
        result = enlarge_in_tiles(lambda image: image.repeat(2, 2).repeat(2, 3), photo, 2, UPSCALER_MARGIN, 128)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest - result.nbytes

    assert peak(1280) < 1.1 * peak(256)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (17, 2)])
def test_small_pictures_are_enlarged_too(shape: tuple[int, int], factor: int) -> None:
    drawn = upscale(np.full((*shape, 3), 90, np.uint8), factor, threads=1)
    assert drawn.shape == (factor * shape[0], factor * shape[1], 3)
    assert np.abs(drawn.astype(int) - 90).max() <= 1


@pytest.mark.parametrize("factor", FACTORS)
def test_a_photo_shrunk_by_averaging_comes_back_closer_than_by_lanczos(factor: int) -> None:
    height, width = (side // factor * factor for side in PHOTO.shape[:2])
    photo = PHOTO[:height, :width]
    small = Image.fromarray(photo).resize((width // factor, height // factor), Image.Resampling.BICUBIC)
    ours = np.asarray(upscale(small, factor, threads=1))
    lanczos = np.asarray(small.resize((width, height), Image.Resampling.LANCZOS))
    errors = [np.square(one.astype(float) - photo).mean() for one in (ours, lanczos)]
    assert errors[0] < errors[1]


def test_a_pillow_image_stays_one_with_its_alpha() -> None:
    image = Image.fromarray(PHOTO)
    image.putalpha(Image.new("L", image.size, 128))
    drawn = upscale(image, 2, threads=1)
    assert (drawn.mode, drawn.size) == ("RGBA", (220, 192))
    assert np.unique(np.asarray(drawn)[..., 3]).tolist() == [128]
    assert upscale(Image.fromarray(PHOTO), 2, threads=1).mode == "RGB"


def test_a_picture_turned_by_exif_is_enlarged_upright() -> None:
    image = Image.new("RGB", (30, 20))
    image.getexif()[0x0112] = 6
    assert upscale(image, 2, threads=1).size == (40, 60)


@pytest.mark.parametrize("factor", [0, 1, 3, 8, -2])
def test_other_factors_are_refused(factor: int) -> None:
    with pytest.raises(ContractError, match=rf"2 or 4 times, not {factor}"):
        upscale(PHOTO, factor)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ContractError, match="uint8"):
        upscale(np.zeros((4, 4, 4), np.uint8), 2)


def test_a_result_that_is_too_large_is_refused_before_any_work() -> None:
    check_enlarged_size(3336, 3334, 4)
    with pytest.raises(PictureError, match=r"4000x3000, 4 times as wide and high, has 192 megapixels; .*11\.1 before"):
        check_enlarged_size(3000, 4000, 4)
    large = np.broadcast_to(np.uint8(0), (30_000, 30_000, 3))  # takes no memory until it is touched
    with pytest.raises(PictureError, match="the limit is 178"):
        Upscaler(2, 1).enlarge(Picture(large))


def copy_networks(folder: Path) -> Path:
    return Path(shutil.copytree(NETWORKS, folder / "networks"))


def test_a_changed_or_missing_network_is_noticed(tmp_path: Path) -> None:
    folder = copy_networks(tmp_path)
    assert shipped_network(2, folder) == folder / "x2.onnx"
    (folder / "x2.onnx").write_bytes((folder / "x2.onnx").read_bytes()[:-1] + b"\1")
    with pytest.raises(ArtifactError, match="was changed"):
        shipped_network(2, folder)
    (folder / "x2.onnx").unlink()
    with pytest.raises(ArtifactError, match="cannot read the upscalers"):
        shipped_network(2, folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"networks": {"2": {"file": "x2.onnx"}}}'])
def test_a_damaged_list_of_networks_is_noticed(text: str, tmp_path: Path) -> None:
    folder = copy_networks(tmp_path)
    (folder / "upscalers.json").write_text(text)
    with pytest.raises(ArtifactError, match="cannot read the upscalers"):
        shipped_network(2, folder)


def test_a_list_of_networks_leads_out_of_no_folder(tmp_path: Path) -> None:
    folder = copy_networks(tmp_path)
    described = json.loads((folder / "upscalers.json").read_text())
    described["networks"]["2"]["file"] = "../x2.onnx"
    (folder / "upscalers.json").write_text(json.dumps(described))
    assert shipped_network(2, folder).parent == folder


def test_a_network_of_another_factor_or_with_wild_numbers_is_said() -> None:
    image = np.zeros((1, 3, 8, 8), np.float32)
    with pytest.raises(ArtifactError, match="gives"):
        OnnxUpscaler(shipped_network(2), 4, 1).enlarge(image)
    with pytest.raises(ArtifactError, match="not finite"):
        check_enlarged(np.full((1, 3, 16, 16), np.nan), image, 2)
