"""Faces are drawn by Node.js, with what they show beside them; the packages are stand-ins but for one test."""

import json
import os
import shutil
from pathlib import Path

import pytest

from edgestyle.errors import TrainingError
from edgestyle.images import read_picture
from edgestyle.training.avatar_drawing import ATTRIBUTES_FILE, CREDITS_FILE, draw_avatars
from edgestyle.training.avatar_styles import AVATAR_STYLES

ROOT = Path(__file__).parents[2]
PIXEL = (  # a PNG of one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)
STAND_INS = {
    "@dicebear/core": """export const createAvatar = (style, options) => ({
        toString: () => options.seed,
        toJson: () => ({ extra: { primaryBackgroundColor: "#ffffff", hair: "h" + options.seed, eyes: "e" } }),
    });""",
    "@dicebear/collection": """const meta = { title: "Stand-in", creator: "Nobody", source: "here", homepage: "there",
        license: { name: "CC0 1.0", url: "cc0" } };
        export const lorelei = { meta }, micah = { meta };""",
    "@resvg/resvg-js": f"""export class Resvg {{
        constructor(svg) {{ if (svg === "13") throw new RangeError("unlucky"); }}
        render() {{ return {{ asPng: () => Buffer.from("{PIXEL}", "base64") }}; }}
    }}""",
}

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "npm"
    for name, code in STAND_INS.items():
        package = folder / "node_modules" / name
        package.mkdir(parents=True)
        (package / "package.json").write_text(json.dumps({"version": "1.2.3", "type": "module", "main": "index.js"}))
        (package / "index.js").write_text(code)
    return folder


def shown(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / ATTRIBUTES_FILE).read_text().splitlines()]


@needs_node
def test_faces_come_with_what_they_show_and_whose_they_are(packages: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    assert draw_avatars(tmp_path / "faces", 3, size=16, packages=packages, on_picture=seen.append) == 3
    assert seen == [0, 1, 2, 3]
    lines = shown(tmp_path / "faces")
    assert [line["file"] for line in lines] == ["00000.png", "00001.png", "00002.png"]
    assert lines[2]["attributes"] == dict.fromkeys(AVATAR_STYLES["lorelei"].attributes, "none") | {
        "hair": "h2", "eyes": "e", "background": "#ffffff",
    }  # fmt: skip
    assert read_picture(tmp_path / "faces" / "00002.png").pixels.shape == (1, 1, 3)
    credit = (tmp_path / "faces" / CREDITS_FILE).read_text()
    assert all(word in credit for word in ("Nobody", "CC0 1.0", "@dicebear/core 1.2.3"))


@needs_node
def test_what_an_interrupted_call_left_is_gone_on_from(packages: Path, tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    draw_avatars(folder, 4, packages=packages)
    record = folder / ATTRIBUTES_FILE
    record.write_text(record.read_text()[:-9])  # the last line was cut short
    (folder / "00001.png").unlink()
    assert draw_avatars(folder, 5, packages=packages) == 3
    assert sorted(str(line["file"]) for line in shown(folder)) == [f"0000{number}.png" for number in range(5)]
    assert draw_avatars(folder, 5, packages=packages) == 0


@needs_node
def test_kinds_of_pictures_are_not_mixed(packages: Path, tmp_path: Path) -> None:
    draw_avatars(tmp_path / "faces", 1, packages=packages)
    with pytest.raises(TrainingError, match="another style"):
        draw_avatars(tmp_path / "faces", 2, style="micah", packages=packages)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").touch()
    with pytest.raises(TrainingError, match="not empty"):
        draw_avatars(tmp_path / "mine", 1, packages=packages)


@needs_node
def test_what_is_missing_is_said_with_what_to_type(packages: Path, tmp_path: Path) -> None:
    shutil.rmtree(packages / "node_modules" / "@resvg")
    with pytest.raises(TrainingError, match=r"needs the npm package @resvg/resvg-js: npm install .*@resvg/resvg-js@"):
        draw_avatars(tmp_path / "faces", 1, packages=packages)


@needs_node
def test_an_error_in_the_packages_is_one_line(packages: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="RangeError: unlucky"):
        draw_avatars(tmp_path / "faces", 20, packages=packages)
    assert len(shown(tmp_path / "faces")) == 13  # what was drawn before is kept


def test_without_node_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    with pytest.raises(TrainingError, match=r"Node\.js"):
        draw_avatars(tmp_path / "faces", 1)


@pytest.mark.parametrize("wrong", [{"style": "photo"}, {"count": 0}, {"size": 4}, {"packages": Path("/nowhere")}])
def test_impossible_requests_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        draw_avatars(tmp_path / "faces", **({"count": 1} | wrong))


@pytest.mark.slow
@needs_node
@pytest.mark.parametrize("style", AVATAR_STYLES)
def test_real_packages_draw_every_style(style: str, tmp_path: Path) -> None:
    if not (ROOT / ".node" / "node_modules" / "@dicebear").is_dir():
        pytest.skip("no packages: make avatars")
    draw_avatars(tmp_path / "faces", 12, style=style, packages=ROOT / ".node")
    assert read_picture(tmp_path / "faces" / "00011.png").pixels.shape == (128, 128, 3)
    attributes = [line["attributes"] for line in shown(tmp_path / "faces")]
    for name in AVATAR_STYLES[style].attributes:
        if name not in ("glasses", "beard", "facialHair", "accessories"):  # rare ones may be absent from twelve
            assert len({str(one[name]) for one in attributes}) > 1, name  # type: ignore[index]
