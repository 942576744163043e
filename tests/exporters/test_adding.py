"""A learned style is added to exported files and packs; what was there stays as it was."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from edgestyle.errors import ArtifactError, ExportError, PackError, ParityError
from edgestyle.exporters.adding import add_to_file, add_to_pack, find_exported, find_fitting, make_pack
from edgestyle.exporters.bundle import check_file, export_pack
from edgestyle.exporters.parity import Reference
from edgestyle.packs.corrections import correcting
from edgestyle.packs.loading import load_pack
from edgestyle.packs.mixing import mixed_input
from edgestyle.packs.networks import load_renderer, weights_hash
from edgestyle.packs.pack import Pack, Style
from edgestyle.packs.style_files import StyleFile
from edgestyle.runtime.runner import open_runner
from edgestyle.sidecar import file_sha256, read_sidecar, sidecar_path
from tests.conftest import make_photo

VECTOR = (0.4, -0.3, 0.8, 0.1)


@pytest.fixture
def file(tiny_pack: Pack) -> StyleFile:
    style = Style("acme", VECTOR, 0.7, "Acme", "CC0-1.0", "nobody")
    return StyleFile(style, tiny_pack.name, weights_hash(tiny_pack), {"steps": 3})


@pytest.fixture
def corrected(tiny_pack: Pack, file: StyleFile) -> StyleFile:
    with correcting(load_renderer(tiny_pack), 2, 0) as correction:
        torch.nn.init.normal_(correction.up, std=0.5, generator=torch.Generator().manual_seed(0))
        return replace(file, correction=correction.to_json())


@pytest.fixture
def exported(tiny_pack: Pack, tmp_path: Path) -> Path:
    return export_pack(tiny_pack, tmp_path / "phone", ["onnx"], ["w8"], [32])[0].path


@pytest.fixture
def own(tiny_pack: Pack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_pack.folder, tmp_path / "own"))


def test_a_file_draws_the_new_style_and_only_its_sidecar_changes(
    exported: Path, file: StyleFile, tiny_pack: Pack, tmp_path: Path
) -> None:
    before, sha256 = read_sidecar(exported), file_sha256(exported)
    report = add_to_file(exported, file, tiny_pack, tmp_path / "failures")
    assert report is not None
    assert report.min_psnr_db > 30
    after = read_sidecar(exported)
    assert file_sha256(exported) == sha256
    assert after["styles"].pop("acme") == {"vector": list(VECTOR), "default_strength": 0.7}
    assert after["licences"]["styles"].pop("acme") == {"licence": "CC0-1.0", "credit": "nobody"}
    assert after == before
    add_to_file(exported, file, tiny_pack, tmp_path / "failures", replaces=True)
    drawn = open_runner(exported).run(
        np.full((1, 3, 32, 32), 0.5, np.float32), mixed_input(read_sidecar(exported)["styles"], "acme"), 1.0
    )
    assert np.isfinite(drawn).all()
    check_file(exported, tiny_pack, Reference(load_renderer(tiny_pack)), tmp_path / "failures")


def test_a_name_that_is_taken_needs_a_word(
    exported: Path, own: Path, file: StyleFile, tiny_pack: Pack, tmp_path: Path
) -> None:
    taken = replace(file, style=replace(file.style, name="first"))
    with pytest.raises(PackError, match="give --replace"):
        add_to_file(exported, taken, tiny_pack, tmp_path)
    with pytest.raises(PackError, match="give --replace"):
        add_to_pack(own, taken)
    assert add_to_pack(own, taken, replaces=True).style("first").vector == VECTOR


def test_a_file_of_other_weights_is_refused(exported: Path, file: StyleFile, tiny_pack: Pack, tmp_path: Path) -> None:
    data = json.loads(sidecar_path(exported).read_text())
    sidecar_path(exported).write_text(json.dumps({**data, "network_sha256": "0" * 64}))
    with pytest.raises(ArtifactError, match="other weights"):
        add_to_file(exported, file, tiny_pack, tmp_path)
    with pytest.raises(PackError, match="means nothing to any other network"):
        add_to_file(exported, replace(file, network_sha256="1" * 64), tiny_pack, tmp_path)


def test_a_file_that_does_not_draw_the_style_as_promised_stays_as_it_was(
    exported: Path, file: StyleFile, tiny_pack: Pack, tmp_path: Path
) -> None:
    wild = replace(file, style=replace(file.style, vector=(4e4, -4e4, 4e4, 4e4)))
    before = sidecar_path(exported).read_bytes()
    with pytest.raises(ParityError):
        add_to_file(exported, wild, tiny_pack, tmp_path / "failures")
    assert sidecar_path(exported).read_bytes() == before


def test_a_pack_of_ones_own_gets_the_style_and_keeps_its_others(own: Path, file: StyleFile, tiny_pack: Pack) -> None:
    weights = file_sha256(own / "renderer.safetensors")
    grown = add_to_pack(own, file)
    assert list(grown.styles) == ["first", "second", "acme"]
    assert {name: grown.styles[name] for name in tiny_pack.styles} == tiny_pack.styles
    assert file_sha256(own / "renderer.safetensors") == weights
    assert grown.file("previews/acme.jpg").stat().st_size > 1000
    assert grown.training["learned"]["acme"] == {"steps": 3}
    photo = make_photo(64, 64)
    assert np.array_equal(grown.stylize(photo, "first"), tiny_pack.stylize(photo, "first"))


def test_shipped_packs_stay_as_they_are() -> None:
    shipped = load_pack("atelier")
    file = StyleFile(replace(shipped.style(), name="acme"), "atelier", weights_hash(shipped))
    with pytest.raises(PackError, match="comes with edgestyle"):
        add_to_pack(shipped.folder, file)
    with pytest.raises(ExportError, match="choose another folder"):
        make_pack(shipped.folder, file, shipped)


def test_a_new_pack_holds_the_style_beside_the_others(tiny_pack: Pack, file: StyleFile, tmp_path: Path) -> None:
    made = make_pack(tmp_path / "new", file, tiny_pack)
    assert list(made.styles) == ["first", "second", "acme"]
    assert weights_hash(made) == weights_hash(tiny_pack)


def test_a_correction_needs_a_pack_of_its_own_which_draws_as_it_was_learned(
    exported: Path, own: Path, corrected: StyleFile, tiny_pack: Pack, tmp_path: Path
) -> None:
    for add in (lambda: add_to_file(exported, corrected, tiny_pack, tmp_path), lambda: add_to_pack(own, corrected)):
        with pytest.raises(PackError, match="--make-pack"):
            add()
    made = make_pack(tmp_path / "new", corrected, tiny_pack)
    assert list(made.styles) == ["acme"]
    photo = make_photo(64, 64)
    assert not np.array_equal(made.stylize(photo, "acme", 1.0), tiny_pack.stylize(photo, replace(corrected.style), 1.0))


def test_of_a_folder_the_files_of_the_network_are_taken(
    exported: Path, file: StyleFile, tiny_pack: Pack, tiny_lumen: Pack, tmp_path: Path
) -> None:
    export_pack(tiny_lumen, exported.parent, ["onnx"], ["float32"], [32])
    assert len(find_exported(exported.parent)) == 3
    assert find_fitting(exported.parent, file, tiny_pack) == [exported]
    foreign = next(path for path in find_exported(exported.parent) if "encoder" in path.name)
    with pytest.raises(ArtifactError, match="other weights"):
        add_to_file(foreign, file, tiny_pack, tmp_path)
    exported.unlink()
    with pytest.raises(ArtifactError, match="is of the network"):
        find_fitting(exported.parent, file, tiny_pack)


def test_a_file_that_takes_no_style_vector_gets_none(exported: Path, file: StyleFile, tiny_pack: Pack) -> None:
    data = json.loads(sidecar_path(exported).read_text())
    sidecar_path(exported).write_text(json.dumps({**data, "component": "generator"}))
    with pytest.raises(ArtifactError):
        add_to_file(exported, file, tiny_pack, exported.parent)


def test_a_pack_that_is_there_is_not_made_anew_without_a_word(tiny_pack: Pack, file: StyleFile, tmp_path: Path) -> None:
    make_pack(tmp_path / "new", file, tiny_pack)
    other = replace(file, style=replace(file.style, name="other"))
    with pytest.raises(PackError, match="is a pack already"):
        make_pack(tmp_path / "new", other, tiny_pack)
    assert "acme" in load_pack(tmp_path / "new").styles
    assert "acme" not in make_pack(tmp_path / "new", other, tiny_pack, replaces=True).styles
    taken = replace(file, style=replace(file.style, name="first"))
    with pytest.raises(PackError, match="has a style 'first' already"):
        make_pack(tmp_path / "more", taken, tiny_pack)


def test_exported_files_are_found_by_name_sidecar_and_folder(exported: Path, tmp_path: Path) -> None:
    assert (
        find_exported(exported) == find_exported(sidecar_path(exported)) == find_exported(exported.parent) == [exported]
    )
    with pytest.raises(ArtifactError, match="neither an exported file"):
        find_exported(tmp_path / "nothing")
