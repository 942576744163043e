"""Style files: what is written is read, and what is damaged, foreign or too large is refused in one line."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from edgestyle.errors import PackError
from edgestyle.packs.corrections import correcting, fold
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack
from edgestyle.packs.style_files import StyleFile, check_fits, read_style, save_style


@pytest.fixture
def file(tiny_pack: Pack) -> StyleFile:
    style = replace(tiny_pack.style("second"), name="acme", preview="", title="Acme", credit="nobody")
    return StyleFile(style, tiny_pack.name, weights_hash(tiny_pack), {"steps": 3}, [{"vector": [1.0] * 4}])


def test_what_is_written_is_read(file: StyleFile, tiny_pack: Pack, tmp_path: Path) -> None:
    save_style(file, tmp_path / "acme.style.json")
    assert read_style(tmp_path / "acme.style.json") == file
    check_fits(file, tiny_pack)


def test_a_style_of_another_network_is_refused_by_its_hash(file: StyleFile, tiny_pack: Pack) -> None:
    with pytest.raises(PackError, match="a vector means nothing to any other network"):
        check_fits(replace(file, network_sha256="0" * 64), tiny_pack)


def change(data: dict[str, Any], *keys: str, value: object) -> None:
    for key in keys[:-1]:
        data = data[key]
    data[keys[-1]] = value


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("style", "vector"), [0.1, float("nan"), 0.2, 0.3], "finite"),
        (("style", "vector"), [], "1 to 1024"),
        (("style", "vector"), [0.0] * 5000, "1 to 1024"),
        (("style", "vector"), "0, 1", "1 to 1024"),
        (("style", "vector"), [0.1, "0.2", 0.3, 0.4], "finite numbers of 32 bits"),
        (("style", "vector"), [0.1, 1e39, 0.3, 0.4], "finite numbers of 32 bits"),
        (("learned",), {"loss": float("inf")}, "no finite number"),
        (("learned",), {"loss": [[[[[[[[[[[[[]]]]]]]]]]]]]}, "12 deep"),
        (("pack",), "../evil", "is not a name"),
        (("pack",), "//host/share", "is not a name"),
        (("style", "default_strength"), 7, "strength"),
        (("style", "title"), "\x1b[2J", "no plain text"),
        (("name",), "../../evil", "is not a name"),
        (("network_sha256",), 5, "no plain text"),
        (("versions",), [{"vector": [1.0]}], "4 finite numbers"),
        (("versions",), [{}] * 101, "more than 100"),
        (("kind",), "recipe", "is not a style file"),
        (("format",), 2, "is not a style file"),
        (("correction",), "rank 4", "damaged"),
    ],
)
def test_a_damaged_style_is_refused(
    file: StyleFile, tmp_path: Path, keys: tuple[str, ...], value: object, message: str
) -> None:
    path = tmp_path / "acme.style.json"
    save_style(file, path)
    data = json.loads(path.read_text())
    change(data, *keys, value=value)
    path.write_text(json.dumps(data))
    with pytest.raises(PackError, match=message) as caught:
        read_style(path)
    assert str(caught.value).isprintable() or "\\x1b" in str(caught.value)


def test_a_number_beyond_all_is_refused(file: StyleFile, tmp_path: Path) -> None:
    path = tmp_path / "acme.style.json"
    save_style(file, path)
    path.write_text(path.read_text().replace('"steps": 3', '"steps": 1e999'))
    with pytest.raises(PackError, match="1e999 is no finite number"):
        read_style(path)


def test_a_style_with_too_much_of_a_past_forgets_the_oldest_and_can_be_read(file: StyleFile, tmp_path: Path) -> None:
    versions = [{"vector": [float(i)] * 4, "learned": {"names": ["x" * 100] * 400}} for i in range(60)]
    save_style(replace(file, versions=versions), tmp_path / "acme.style.json")
    kept = read_style(tmp_path / "acme.style.json").versions
    assert 10 < len(kept) < 60
    assert kept == versions[-len(kept) :]


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"kind": "edgestyle style", "format": 1}'])
def test_what_is_no_style_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.style.json"
    path.write_text(text)
    with pytest.raises(PackError):
        read_style(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.style.json"
    with path.open("wb") as huge:
        huge.truncate(3 * 2**30)
    with pytest.raises(PackError, match="larger than"):
        read_style(path)


def test_a_correction_folds_into_the_same_picture(tiny_pack: Pack) -> None:
    renderer = load_renderer(tiny_pack)
    inputs = torch.full((1, 3, 32, 32), 0.5), torch.tensor([tiny_pack.style("second").vector]), torch.ones(1)
    plain = renderer(*inputs)
    with correcting(renderer, 2, 0) as corrected:
        assert torch.equal(renderer(*inputs), plain), "a new correction changes nothing"
        torch.nn.init.normal_(corrected.up, generator=torch.Generator().manual_seed(0))
        expected, saved = renderer(*inputs), corrected.to_json()
    assert torch.equal(renderer(*inputs), plain), "the renderer is as it was"
    folded = fold(renderer, json.loads(json.dumps(saved)), "acme")
    assert not torch.allclose(expected, plain, atol=1e-3)
    torch.testing.assert_close(folded(*inputs), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("layer", "head"), ("rank", 0), ("rank", 10**9), ("down", None), ("down", [[1.0]]),
        ("up", [[float("nan")] * 2]), ("up", [["x", "y"]]), ("up", [[[1.0], [2.0]]]), ("up", [[None, None]]),
    ],
)  # fmt: skip
def test_a_damaged_correction_is_refused(tiny_pack: Pack, key: str, value: object) -> None:
    renderer = load_renderer(tiny_pack)
    with correcting(renderer, 2, 0) as corrected:
        saved = corrected.to_json()
    if key == "up" and isinstance(value, list):
        value = value * len(saved["up"])
    with pytest.raises(PackError, match="correction of style 'acme'"):
        fold(renderer, {**saved, key: value}, "acme")


def test_a_correction_beyond_all_numbers_is_refused(tiny_pack: Pack) -> None:
    renderer = load_renderer(tiny_pack)
    with correcting(renderer, 2, 0) as corrected:
        torch.nn.init.constant_(corrected.up, 3e38)
        torch.nn.init.constant_(corrected.down, 3e38)
        saved = corrected.to_json()
    with pytest.raises(PackError, match="correction of style 'acme' makes weights that are not finite"):
        fold(renderer, saved, "acme")


def test_a_correction_is_learned_further_from_where_it_was(tiny_pack: Pack) -> None:
    renderer = load_renderer(tiny_pack)
    with correcting(renderer, 3, 0) as first:
        torch.nn.init.normal_(first.up)
        saved = first.to_json()
    with correcting(renderer, 2, 1) as second:
        second.start_from(saved, "acme")
        assert second.to_json() == saved
