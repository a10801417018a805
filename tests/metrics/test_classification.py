"""The scores of classifiers, against numbers worked by hand."""

import pytest
import torch

from huesweep.metrics.classification import score_logits, score_majority
from huesweep.transfer.confusion import draw_confusion


def test_scores_by_hand() -> None:
    chances = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.4, 0.6]])
    scores, confusion = score_logits(chances.log(), torch.tensor([0, 1, 1, 1]))
    assert scores["accuracy"] == 0.75
    assert scores["accuracy_top5"] == 1.0
    # Of 15 bins, 0.9 falls into one with half of its answers right, 0.7 and 0.6 into others, with all right.
    assert scores["calibration_error"] == pytest.approx(0.5 * 0.4 + 0.25 * 0.3 + 0.25 * 0.4, abs=1e-6)
    assert confusion.tolist() == [[1, 0], [1, 2]]


def test_the_five_likeliest_of_more_classes() -> None:
    logits = torch.arange(10.0).repeat(10, 1)
    scores, _ = score_logits(logits, torch.arange(10))
    assert scores["accuracy"] == pytest.approx(0.1)
    assert scores["accuracy_top5"] == pytest.approx(0.5)


def test_whoever_names_the_commonest_class() -> None:
    scores = score_majority(torch.tensor([0, 0, 0, 1, 2, 3, 4, 5]))
    assert scores == {"accuracy": 3 / 8, "accuracy_top5": 7 / 8, "calibration_error": 0.0}


@pytest.mark.parametrize("count", [2, 30, 100])
def test_the_matrix_is_drawn(count: int) -> None:
    names = [f"class {number}" for number in range(count)]
    assert draw_confusion(torch.eye(count, dtype=torch.int64), names).startswith(b"\x89PNG")
