"""The suite `generator`: every file makes a row, the teacher runs in the same runtimes, the table is made of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks import generator, rows, suite_tables, tables
from edgestyle.errors import ArtifactError
from edgestyle.exporters.avatars import load_networks
from edgestyle.models.stylegan import Generator, GeneratorConfig
from edgestyle.packs.avatars import AvatarPack
from edgestyle.runtime.generator import open_generator
from tests.conftest import make_generator

CONFIG = GeneratorConfig(size=32, style_dimensions=12, widths=(8, 8, 8, 8), mapping_hidden=8)


@pytest.fixture(scope="module")
def teacher() -> Generator:
    torch.manual_seed(0)
    return Generator(CONFIG).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def measured(tiny_faces: AvatarPack, teacher: Generator, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(generator, "recipes_of", lambda name: list(generator.IN_TURNS.get(name, ("float32",))))
        return list(generator.measure_all(tiny_faces, teacher, tmp_path_factory.mktemp("files"), 2))


def test_every_part_makes_rows(measured: list[dict[str, Any]]) -> None:
    parts = [row["part"] for row in measured]
    assert {part: parts.count(part) for part in parts} == {"network": 2, "file": 3 * 4 + 2, "turns": 2}
    small, large = (row for row in measured if row["part"] == "network")
    assert small["parameters"] == sum(p.numel() for p in make_generator().parameters())
    assert 0 < small["mmac"] < large["mmac"]
    drawn = [row for row in measured if "seeds" in row]
    assert len(drawn) == 4
    assert all(row["seeds_psnr_db"] > 25 for row in drawn)
    for row in measured:
        if row["part"] == "turns":
            assert row["latency_ms"].keys() == {generator.TEACHER, *generator.IN_TURNS[row["format"]]}
            assert all(one["ratio"] > 0 for one in row["teacher_times"].values())


def test_multiply_accumulates_are_half_the_operations() -> None:
    assert generator.count_mmac(torch.nn.Linear(1000, 500), torch.zeros(1, 1000)) == 0.5


@pytest.mark.parametrize("suffix", ["onnx", "tflite"])
def test_the_teacher_draws_the_same_in_every_runtime(suffix: str, teacher: Generator, tmp_path: Path) -> None:
    runner = open_generator(generator.export_teacher(teacher, tmp_path / f"teacher.{suffix}"))
    style = np.random.default_rng(0).standard_normal((1, 12), np.float32)
    expected = teacher.draw(torch.from_numpy(style), torch.tensor([0.7])).numpy()
    assert np.allclose(runner.draw(style, 0.7), expected, atol=1e-4)


def test_a_teacher_of_another_size_is_refused(tiny_faces: AvatarPack) -> None:
    with pytest.raises(ArtifactError, match="64 pixels of 12 numbers, the pack 32 of 12"):
        generator.check_teacher(
            load_networks(tiny_faces), Generator(GeneratorConfig(style_dimensions=12, widths=(4,) * 5))
        )


def test_the_table_has_every_generators_file(
    measured: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "RESULTS", tmp_path)
    monkeypatch.setattr(suite_tables, "RESULTS", tmp_path)
    assert tables.TABLES["generator"]() == "Not measured yet.\n"
    rows.write_rows("generator", measured, ("edgestyle",))
    lines = tables.TABLES["generator"]().splitlines()[2:]
    assert [line.split(" | ")[0].strip("| ") for line in lines].count("StyleGAN2") == 2
    assert len(lines) == 6
    timed = [line for line in lines if " ms (" in line]
    assert len(timed) == 5
    assert sum(" to " in line.split(" | ")[-1] for line in timed) == 3
