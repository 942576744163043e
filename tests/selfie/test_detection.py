import numpy as np
import pytest

from edgestyle.runtime.foreign import ForeignNetwork
from edgestyle.selfie.detection import Detector, decode, make_anchors, merge, overlaps, window_starts
from edgestyle.selfie.faces import NETWORKS
from edgestyle.selfie.recipe import RECIPE


def test_there_are_896_anchors_in_the_published_order() -> None:
    anchors = make_anchors()
    assert anchors.shape == (896, 2)
    assert anchors[:2].tolist() == [[0.5 / 16, 0.5 / 16]] * 2
    assert anchors[2].tolist() == [1.5 / 16, 0.5 / 16], "rows first"
    assert anchors[512:518].tolist() == [[0.5 / 8, 0.5 / 8]] * 6
    assert anchors[-1].tolist() == [7.5 / 8, 7.5 / 8]


def test_a_candidate_is_decoded_relative_to_its_anchor() -> None:
    regressors, logits = np.zeros((896, 16), np.float32), np.full(896, -50, np.float32)
    logits[3] = 2.0
    regressors[3, :6] = (12.8, -6.4, 25.6, 51.2, 6.4, 0)
    (found,) = decode(regressors, logits, make_anchors())
    x, y = 1.5 / 16, 0.5 / 16
    assert found[:4] == pytest.approx([x + 0.1 - 0.1, y - 0.05 - 0.2, x + 0.1 + 0.1, y - 0.05 + 0.2], abs=1e-6)
    assert found[4:6] == pytest.approx([x + 0.05, y])
    assert found[-1] == pytest.approx(1 / (1 + np.exp(-2)))


def candidate(left: float, score: float) -> np.ndarray:
    return np.array([left, 0, left + 10, 10, *np.zeros(12), score], np.float32)


def test_overlapping_candidates_are_averaged_by_their_scores() -> None:
    merged = merge(np.stack([candidate(50, 0.6), candidate(0, 0.9), candidate(2, 0.6)]), 0.3)
    assert merged[:, 0] == pytest.approx([2 * 0.6 / 1.5, 50])
    assert merged[:, -1] == pytest.approx([0.9, 0.6])
    assert merge(np.zeros((0, 17), np.float32)).shape == (0, 17)


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
    assert overlaps(boxes[0], boxes) == pytest.approx([1, 1 / 3, 0])


@pytest.mark.parametrize("length", [40, 128, 129, 200, 500, 1024])
def test_windows_cover_everything_and_overlap_by_half(length: int) -> None:
    starts = window_starts(length, 128)
    if length <= 128:
        assert starts == [(length - 128) // 2]
        return
    assert (starts[0], starts[-1]) == (0, length - 128)
    assert max(np.diff(starts)) <= 65


def test_searches_go_from_coarse_to_fine_and_never_enlarge() -> None:
    detector = Detector(ForeignNetwork(NETWORKS / RECIPE.detecting.network, 1))
    assert len(list(detector.searches(np.zeros((300, 600, 3), np.uint8)))) == 3  # 128, 256, 512
    assert len(list(detector.searches(np.zeros((10, 20, 3), np.uint8)))) == 1
