"""Learning paintings, with a stand-in for Magenta's networks: it mixes a photo with a painting's mean colour."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save_file

from edgestyle.errors import ArtifactError, TrainingError
from edgestyle.images import Picture, write_picture
from edgestyle.models.vgg import VGG16Features
from edgestyle.teachers.magenta import ArbitraryStylizer
from edgestyle.teachers.perceptual import LAYERS, content_distance, grams, style_distance, texture_loss
from edgestyle.training.batches import Share
from edgestyle.training.distill import DistillConfig
from edgestyle.training.paintings import PaintingBatches, PaintingConfig, PaintingLesson, contrast_loss
from edgestyle.training.photos import find_photos
from edgestyle.training.teacher_pictures import TeacherPictures
from tests.conftest import make_photo

VECTOR = "mobilenet_conv/Conv/BiasAdd"


def save_graph(path: Path, nodes: list[onnx.NodeProto], inputs: dict[str, list[int]], output: str) -> None:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()]
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "stand-in", values, [result])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture(scope="module")
def stylizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("magenta")
    mean = helper.make_node("ReduceMean", ["style_image"], [VECTOR], axes=[1, 2], keepdims=1)
    save_graph(folder / "arbitrary_predict.onnx", [mean], {"style_image": [1, 256, 256, 3]}, VECTOR)
    mix = helper.make_node("Mean", ["content_image", VECTOR], ["drawn"])
    inputs = {"content_image": [1, 384, 384, 3], VECTOR: [1, 1, 1, 3]}
    save_graph(folder / "arbitrary_transform.onnx", [mix], inputs, "drawn")
    return folder


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    tensors = {}
    for name, layer in VGG16Features().named_convolutions():
        key = f"block{name[0]}_conv{name[2]}"
        tensors[f"{key}.weight"], tensors[f"{key}.bias"] = layer.weight.data, layer.bias.data
    path = tmp_path_factory.mktemp("features") / "vgg16.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture
def paintings(tmp_path: Path) -> dict[str, Path]:
    files = {}
    for seed, name in enumerate(("dusk", "dawn")):
        files[name] = tmp_path / f"{name}.png"
        colour = np.array([[[200, 90, 30]], [[20, 60, 190]]], np.uint8)[seed]
        write_picture(Picture((make_photo(80, 100, seed) // 4 + colour // 2).astype(np.uint8)), files[name])
    return files


def draw(
    folder: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path, count: int = 2
) -> TeacherPictures:
    networks = ArbitraryStylizer(stylizer)
    pictures = TeacherPictures(folder, find_photos(photo_folder)[0], networks, paintings, count, seed=0)
    assert list(pictures.draw_each(networks)) == list(range(count))
    return pictures


def test_the_teacher_paints_more_at_full_strength(
    tmp_path: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path
) -> None:
    pictures = draw(tmp_path / "teacher", photo_folder, paintings, stylizer)
    photo, half, full = (pictures.read(0, *rest).astype(float) for rest in ((), ("dusk", 0.5), ("dusk", 1.0)))
    assert photo.shape == (384, 384, 3)
    assert 0 < np.abs(half - photo).mean() < np.abs(full - photo).mean()
    sizes = [path.stat().st_size for path in pictures.folder.glob("*.png")]
    assert sum(sizes) <= pictures.largest_bytes


def test_drawing_goes_on_where_it_was_killed_and_refuses_other_paintings(
    tmp_path: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path
) -> None:
    pictures = draw(tmp_path / "teacher", photo_folder, paintings, stylizer)
    files = sorted(pictures.folder.glob("*.png"))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    files[2].unlink()
    draw(tmp_path / "teacher", photo_folder, paintings, stylizer)
    assert files[2].read_bytes() == before[files[2]][0]
    assert all(path.stat().st_mtime_ns == before[path][1] for path in files if path != files[2])
    with pytest.raises(TrainingError, match="other photos, paintings or networks"):
        draw(tmp_path / "teacher", photo_folder, {"dusk": paintings["dawn"]}, stylizer)


def test_networks_that_are_missing_or_damaged_are_refused(tmp_path: Path, stylizer: Path) -> None:
    with pytest.raises(ArtifactError, match=r"lacks arbitrary_predict\.onnx"):
        ArbitraryStylizer(tmp_path)
    for name in ("arbitrary_predict.onnx", "arbitrary_transform.onnx"):
        (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(ArtifactError, match="is not Magenta's network"):
        ArbitraryStylizer(tmp_path)
    (tmp_path / "arbitrary_predict.onnx").write_bytes((stylizer / "arbitrary_transform.onnx").read_bytes())
    with pytest.raises(ArtifactError, match="its inputs are not style_image"):
        ArbitraryStylizer(tmp_path)


def test_targets_lie_between_photo_and_painting_by_strength(
    tmp_path: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path
) -> None:
    pictures = draw(tmp_path / "teacher", photo_folder, paintings, stylizer)
    batches = PaintingBatches(pictures, 4, 64, seed=0)
    seen = [batches[step] for step in range(40)]
    assert torch.equal(seen[3].target, batches[3].target)
    strengths = torch.cat([batch.strength for batch in seen])
    assert (strengths == 1).float().mean().item() == pytest.approx(0.6, abs=0.1)
    assert strengths.min() < 0.3
    distance = torch.cat([(b.target - b.image).abs().mean((1, 2, 3)) for b in seen])
    assert distance[strengths < 0.3].mean() < distance[strengths == 0.5].mean() < distance[strengths == 1].mean()
    for rank in range(2):
        part = batches.part(3, Share(rank, 2))
        assert torch.equal(part.target, seen[3].target[rank::2])
        assert torch.equal(part.style, seen[3].style[rank::2])


def test_a_crop_that_does_not_fit_is_refused_before_anything_is_drawn() -> None:
    config = PaintingConfig(("dusk",), ("",))
    with pytest.raises(TrainingError, match="up to 384"):
        DistillConfig(paintings=config, crop_size=512)


def test_the_lesson_likes_the_teachers_picture_best(
    tmp_path: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path
) -> None:
    pictures = draw(tmp_path / "teacher", photo_folder, paintings, stylizer)
    config = PaintingConfig(("dusk", "dawn"), ("", ""), frames=2, colour_steps=1, painting_share=0.0)
    torch.manual_seed(0)
    lesson = PaintingLesson(config, pictures, VGG16Features(), PaintingBatches(pictures, 2, 72, seed=0))
    batch = lesson.batches[0]
    assert lesson.loss(batch.target, batch, step=0) == 0
    assert lesson.loss(batch.target, batch, step=5).item() == pytest.approx(0, abs=1e-6)
    flat = batch.target.mean((2, 3), keepdim=True).expand_as(batch.target)
    colour, texture = (lesson.loss(flat, batch, step) - lesson.loss(batch.target, batch, step) for step in (0, 5))
    assert texture > colour > 0


def test_a_pale_picture_costs_contrast() -> None:
    picture = torch.rand(2, 3, 16, 16)
    assert contrast_loss(picture, picture) == 0
    pale = picture.mean((1, 2, 3), keepdim=True).lerp(picture, 0.5)
    assert contrast_loss(pale, picture).item() == pytest.approx(0.5, abs=1e-4)


def test_the_texture_loss_and_its_gradient_are_those_of_its_parts() -> None:
    torch.manual_seed(0)
    mine = {name: torch.randn(2, 4, 6, 5, requires_grad=True) for name in LAYERS}
    other = {name: torch.randn(2, 4, 6, 5) for name in LAYERS}
    loss = texture_loss(mine, other, 0.3, {LAYERS[0]: 0.2})
    first = {LAYERS[0]: other[LAYERS[0]]}
    parts = 0.3 * style_distance(mine, grams(other)).mean() + 0.2 * content_distance(mine, first).mean()
    assert loss.item() == pytest.approx(parts.item(), rel=1e-5)
    by_hand = torch.autograd.grad(3 * loss, list(mine.values()))
    for a, b in zip(by_hand, torch.autograd.grad(3 * parts, list(mine.values())), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_a_painting_can_pull_the_target() -> None:
    torch.manual_seed(0)
    teacher, painting = ({"relu1_2": torch.rand(1, 4, 6, 5)} for _ in range(2))
    for share, likes in ((0.0, teacher), (1.0, painting)):
        losses = [
            texture_loss(maps, teacher, 1.0, {}, grams(painting), torch.tensor([share])) for maps in (teacher, painting)
        ]
        assert losses[0 if likes is teacher else 1] == min(losses)
        assert min(losses) == pytest.approx(0, abs=1e-6)


def test_the_command_makes_a_pack_of_paintings(
    tmp_path: Path, photo_folder: Path, paintings: dict[str, Path], stylizer: Path, features: Path
) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text(json.dumps({"dusk": {"title": "Dusk", "credit": "after nobody", "default_strength": 0.9}}))
    command = [
        sys.executable, "-m", "edgestyle", "distill", "hall", str(photo_folder), "-o", str(tmp_path / "pack"),
        "--run", str(tmp_path / "run"), "--stylizer", str(stylizer), "--features", str(features), "--frames", "1",
        "--steps", "2", "--batch-size", "2", "--crop-size", "96", "--network", "small", "--notes", str(notes),
        *(f"--painting={style}={path}" for style, path in paintings.items()),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "at most 2 MB" in done.stderr
    pack = json.loads((tmp_path / "pack" / "pack.json").read_text())
    assert pack["styles"]["dusk"]["title"] == "Dusk"
    assert pack["styles"]["dawn"]["credit"] == "distilled from a painting"
    assert "--painting dusk=dusk.png" in pack["training"]["command"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--painting", "dusk"], "STYLE=FILE"),
        (["--painting", "dusk=a.png"], "--stylizer"),
        (["--painting", "Dusk!=a.png", "--stylizer", "x"], "not a name"),
        (["--painting", "dusk=missing.png", "--stylizer", "x"], "missing.png"),
        (["--painting", "dusk=a.png", "--painting", "dusk=b.png", "--stylizer", "x"], "given twice"),
        (["--teacher", "oil", "--network", "huge"], "known: small, large"),
        (["--teacher", "oil", "--notes", "missing.json"], "cannot read notes"),
        ([], "known: cartoon"),
        (["--teacher", "oil", "--notes", "strength.json"], "from 0 to 1"),
        (["--teacher", "oil", "--notes", "lines.json"], "text on one line"),
    ],
)
def test_mistakes_are_one_line(photo_folder: Path, tmp_path: Path, options: list[str], message: str) -> None:
    (tmp_path / "strength.json").write_text('{"oil": {"default_strength": "0.9"}}')
    (tmp_path / "lines.json").write_text('{"oil": {"credit": "two\\nlines"}}')
    command = [
        sys.executable,
        "-m",
        "edgestyle",
        "distill",
        "x",
        str(photo_folder),
        "-o",
        str(tmp_path / "x"),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
