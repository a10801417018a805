"""Benchmark rows: medians, targets, the file."""

import json
from pathlib import Path

import pytest

from huesweep.benchmarks.processes import cost_of
from huesweep.benchmarks.report import Row, alternate, publish


def test_sides_are_measured_in_turn_and_summed_up_by_their_median() -> None:
    turns: list[str] = []
    values = {"a": iter([1.0, 9.0, 2.0]), "b": iter([5.0, 5.0, 8.0])}

    def measure(side: str) -> float:
        turns.append(side)
        return next(values[side])

    assert alternate(3, lambda: measure("a"), lambda: measure("b")) == [(2.0, 4.0), (5.0, 1.5)]
    assert turns == ["a", "b"] * 3


def test_a_missed_target_is_told(tmp_path: Path) -> None:
    rows = [Row("speed", 30.0, "times", target=20), Row("time", 0.2, "s", target=0.3, better="lower")]
    assert publish("good", rows, tmp_path)
    assert not publish("bad", [*rows, Row("memory", 1.3, "times", target=1.2, better="lower")], tmp_path)
    content = json.loads((tmp_path / "bad.json").read_text())
    assert [(row["name"], row["met"]) for row in content["rows"]] == [
        ("speed", True),
        ("time", True),
        ("memory", False),
    ]
    assert content["versions"]["torch"]


def test_a_commands_peak_is_its_own() -> None:
    held = bytearray(600 * 2**20)  # of this process
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    small = cost_of(["-S", "-c", "print('done')"])
    large = cost_of(["-S", "-c", f"bytearray({300 * 2**20}).count(1)"])
    assert small.gibibytes < 0.1
    assert 0.29 < large.gibibytes < 0.4
    with pytest.raises(RuntimeError, match=r"failed: .*no such luck"):
        cost_of(["-S", "-c", "raise SystemExit('no such luck')"])
