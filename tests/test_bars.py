"""The promises about quality, size and speed hold in the committed results (`make bench` measures them anew)."""

from typing import Any

import pytest

from benchmarks.rows import read_rows

QUALITY = {row["style"]: row for row in read_rows("quality")}
# style -> photo to teacher at most, network to teacher at least, gain at least, all in dB
FIDELITY = {"cartoon": (20.5, 26.5, 6.0), "oil": (26.0, 30.0, 5.0)}


@pytest.mark.parametrize("style", FIDELITY)
def test_the_teacher_is_strong_and_the_network_close_to_it(style: str) -> None:
    row, (strong, close, gain) = QUALITY[style], FIDELITY[style]
    assert row["teacher_to_photo_psnr_db"] <= strong
    assert row["psnr_db"] >= close
    assert row["psnr_db"] - row["teacher_to_photo_psnr_db"] >= gain
    assert row["ssim"] > row["ssim_untouched"]
    assert row["feature_distance"] < row["feature_distance_untouched"]


@pytest.mark.parametrize("style", FIDELITY)
def test_strength_is_a_path_and_no_crossfade(style: str) -> None:
    row = QUALITY[style]
    assert row["distance_grows"]
    assert 0.35 <= row["half_share"] <= 0.65
    assert row["half_psnr_db"] >= row["crossfade_psnr_db"] + 1


@pytest.mark.parametrize("row", read_rows("exports"), ids=lambda row: row["file"])
def test_exports_are_exact_at_strength_0_and_float16_is_small(row: dict[str, Any]) -> None:
    assert row["parity"]["identity_difference"] == 0
    if row["recipe"] == "float16":
        assert row["size_bytes"] <= 2 * row["parameters"] + 90_000
        assert row["parity"]["min_psnr_db"] >= 50
    else:
        assert row["parity"]["max_difference"] <= 1e-4


@pytest.mark.parametrize(
    ("runtime", "network", "times"),
    [("onnxruntime", "Johnson 2016", 40), ("onnxruntime", "multistyle26", 7), ("litert", "Johnson 2016", 30)],
)
def test_atelier_is_faster_by(runtime: str, network: str, times: float) -> None:
    rows = [r for r in read_rows("speed") if (r["runtime"], r["network"]) == (runtime, network)]
    assert [r["times_atelier_float32"] >= times for r in rows] == [True]


def test_nobody_waits_for_the_command_line() -> None:
    median_ms = {row["what"]: row["latency_ms"]["p50"] for row in read_rows("startup")}
    assert median_ms["edgestyle --help"] < 500
    assert median_ms["import edgestyle"] < 300
