"""Scores after so many seconds, between trainings of several lengths, worked by hand."""

from typing import Any

import pytest

from huesweep.studies import time_to_color as study


def trial(model: str, epochs: int, seconds: float, score: float, seed: int = 0) -> dict[str, Any]:
    about = {"data": "cifar10", "model": model, "target": "ab", "loss": "mse", "max_epochs": epochs}
    return {**about, "seed": seed, "seconds": seconds, "psnr_pooled": score}


ROWS = [
    *(trial("fast", 1, 9.0, 20.0), trial("fast", 1, 11.0, 20.4, seed=1), trial("fast", 4, 40.0, 22.2)),
    *(trial("slow", 1, 30.0, 21.0), trial("slow", 4, 120.0, 23.0)),
    {"data": "cifar10", "model": "gray", "psnr_pooled": 19.0},
]


def test_scores_lie_straight_between_trainings_in_the_logarithm_of_time() -> None:
    found = study.lines(ROWS)
    assert found == {"fast": [(10.0, pytest.approx(20.2)), (40.0, 22.2)], "slow": [(30.0, 21.0), (120.0, 23.0)]}
    assert study.score_after(found["fast"], 20.0) == pytest.approx(21.2)  # half of the way from 10 to 40
    assert study.score_after(found["fast"], 5.0) is None
    assert study.score_after(found["slow"], 200.0) is None


def test_the_leader_changes_with_the_time_there_is() -> None:
    assert study.leaders(study.lines(ROWS)) == {15: "fast", 30: "fast", 60: "fast", 120: "slow"}
    told = study.answer(ROWS)
    assert "`fast` after 15 s, `fast` after 30 s, `fast` after 60 s, `slow` after 120 s. Gray has 19.00." in told
    assert list(study.figures(ROWS, [])) == ["seconds.png"]
    assert study.answer(ROWS[-1:]) == ""
    assert study.figures([], []) == {}
