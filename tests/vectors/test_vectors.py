"""The vectors are what edgestyle does today, and what others say too: FFmpeg, and the files that are read."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgestyle.bench.targets.android_answer import read_answer
from edgestyle.errors import ArtifactError, ContractError, MixError, PackError
from edgestyle.packs.mixing import mixed_input, parse_mix
from edgestyle.packs.seeds import draw_latent, parse_seed
from edgestyle.packs.stylizing import stylize_pixels
from edgestyle.sidecar import file_sha256, file_size_bytes, read_sidecar
from tests.vectors.make import make_topics
from tests.vectors.writing import FOLDER, format_topic, write

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
MOST_BYTES = 100_000


def read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return data


@pytest.fixture(scope="module")
def topics() -> dict[str, dict[str, Any]]:
    return make_topics()


def assert_alike(found: Any, expected: Any, where: str) -> None:
    """Equal, but for the last digits of floats: logarithms and cosines differ between processors."""
    if isinstance(expected, float) and isinstance(found, float):
        assert math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-7), where
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            assert_alike(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for index, value in enumerate(expected):
            assert_alike(found[index], value, f"{where}[{index}]")
    else:
        assert type(found) is type(expected), where
        assert found == expected, where


def test_there_is_a_file_for_every_topic_and_no_other(topics: dict[str, dict[str, Any]]) -> None:
    assert sorted(topics) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_vectors_are_what_edgestyle_does(name: str, topics: dict[str, dict[str, Any]]) -> None:
    assert_alike(json.loads(format_topic(topics[name])), read(name), name)


def test_a_number_that_changed_is_noticed() -> None:
    with pytest.raises(AssertionError, match="sizes"):
        assert_alike({"sizes": [1.0, 2.0]}, {"sizes": [1.0, 2.001]}, "sizes")


@pytest.mark.parametrize("name", NAMES)
def test_files_say_what_they_are_and_are_small(name: str) -> None:
    assert len(read(name)["what"]) > 60
    assert (FOLDER / f"{name}.json").stat().st_size < MOST_BYTES


def test_writing_leaves_whole_files_only(tmp_path: Path, topics: dict[str, dict[str, Any]]) -> None:
    write({"sizes": topics["sizes"]}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["sizes.json"]
    assert (tmp_path / "sizes.json").read_bytes() == (FOLDER / "sizes.json").read_bytes()


FULL_RANGE = [case for case in read("yuv")["pixels"] if case["range"] == "full"]
VIDEO_RANGE = [case for case in read("yuv")["pixels"] if case["range"] == "video"]


@pytest.mark.parametrize("case", [case for case in FULL_RANGE if case["matrix"] == "bt601"], ids=str)
def test_full_range_bt601_agrees_with_pillow(case: dict[str, Any]) -> None:
    pillow = Image.new("YCbCr", (1, 1), tuple(case["yuv"])).convert("RGB").getpixel((0, 0))
    assert np.abs(np.subtract(pillow, case["rgb"])).max() <= 1


@pytest.mark.parametrize("case", VIDEO_RANGE, ids=str)
def test_video_range_agrees_with_ffmpeg(case: dict[str, Any]) -> None:
    av = pytest.importorskip("av")
    from av.video.reformatter import ColorRange, VideoReformatter

    frame = av.VideoFrame(16, 16, "yuv420p")
    for plane, value in zip(frame.planes, case["yuv"], strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    converted = VideoReformatter().reformat(
        frame, format="rgb24", src_colorspace={"bt709": 1, "bt601": 5}[case["matrix"]], src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )  # fmt: skip
    assert np.abs(converted.to_ndarray()[8, 8].astype(int) - case["rgb"]).max() <= 2


def test_pictures_of_cameras_have_the_colours_of_their_pixels() -> None:
    known = read("yuv")
    for case in known["pictures"]:
        length, rows = len(case["rgb"]) // 3, case["height"]
        assert length == case["width"] * rows
        assert len(case["y"]) == (rows - 1) * case["y_row_stride"] + case["width"]
        if case["uv_pixel_stride"] == 2:
            assert case["u"][1:] == case["v"][:-1]


@pytest.mark.parametrize("case", read("sidecars")["good"], ids=lambda case: case["name"])
def test_good_sidecars_are_read(case: dict[str, Any], tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_text(read("sidecars")["model"], encoding="utf-8")
    (tmp_path / "model.onnx.json").write_text(case["text"], encoding="utf-8")
    assert read_sidecar(model)["pack"] == "toy"


@pytest.mark.parametrize("case", read("sidecars")["bad"], ids=lambda case: case["name"])
def test_bad_sidecars_are_refused(case: dict[str, Any], tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_text(read("sidecars")["model"], encoding="utf-8")
    (tmp_path / "model.onnx.json").write_text(case["text"] * case.get("times", 1), encoding="utf-8")
    if not case["edgestyle_refuses"]:
        assert read_sidecar(model)
        return
    with pytest.raises(ArtifactError):
        read_sidecar(model)


@pytest.mark.parametrize("case", read("folders")["cases"], ids=lambda case: "+".join(case["files"]))
def test_folders_have_their_hash(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in case["files"].items():
        path = tmp_path / "model.mlpackage" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert file_sha256(tmp_path / "model.mlpackage") == case["sha256"]
    assert file_size_bytes(tmp_path / "model.mlpackage") == case["size_bytes"]


@pytest.mark.parametrize("case", read("mixing")["bad"], ids=lambda case: case["mix"] or "nothing")
def test_bad_mixes_are_refused(case: dict[str, Any]) -> None:
    styles = {name: {"vector": vector} for name, vector in read("mixing")["styles"].items()}
    with pytest.raises(PackError) as caught:
        mixed_input(styles, case["mix"])
    assert isinstance(caught.value, MixError) == (case["error"] != "unknown_style")


@pytest.mark.parametrize("case", read("mixing")["good"], ids=lambda case: case["mix"])
def test_mixes_sum_to_one(case: dict[str, Any]) -> None:
    assert sum(case["weights"].values()) == pytest.approx(1)
    assert case["weights"] == pytest.approx(parse_mix(case["mix"]))


@pytest.mark.parametrize("text", read("seeds")["bad"])
def test_bad_seeds_are_refused(text: str) -> None:
    with pytest.raises(ContractError):
        parse_seed(text)


def test_seeds_are_those_of_the_package() -> None:
    package = json.loads((FOLDER.parents[1] / "edgestyle/packs/seed_vectors.json").read_text(encoding="utf-8"))
    shared = {case["seed"]: case["latent"] for case in read("seeds")["latents"]}
    both = [case for case in package["latents"] if case["seed"] in shared]
    assert len(both) == 4
    for case in both:
        assert shared[case["seed"]] == pytest.approx(case["latent"][: len(shared[case["seed"]])], abs=1e-6)
    assert read("seeds")["pcg32"][0]["draws"][:6] == package["pcg32"]["draws"]
    for text, seed in read("seeds")["texts"].items():
        assert draw_latent(parse_seed(text), 1) == draw_latent(int(seed), 1)


def test_the_answer_of_an_app_is_read_by_the_harness() -> None:
    answer = read("measuring")["answer"]
    row = read_answer(json.dumps(answer))
    assert row["status"] == "measured"
    assert row["samples_ms"] == answer["samples_ms"]
    assert row["warm_up"] == answer["warm_up"]


def test_the_detail_layer_gives_a_photo_back() -> None:
    case = read("detail")["untouched"]
    photo = np.array(case["photo"], np.uint8).reshape(2, 4, 3).repeat(40, 0).repeat(40, 1)
    assert (stylize_pixels(lambda image: image, photo, 64, 1.0) == photo).all()
