"""What a sweep tells while it runs: how many of its trials have ended, and how long it will take."""

import itertools
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.monitor import SweepMonitor
from tests.sweeps.trials import write_trial, write_unfinished


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute passes between two looks at the clock."""
    monkeypatch.setattr("huesweep.sweeps.monitor.time", SimpleNamespace(monotonic=itertools.count(0, 60).__next__))


def begun(folder: Path, names: list[str], total: int, done: int = 0) -> SweepMonitor:
    manifest = Manifest(folder)
    manifest.begin(names, total)
    return SweepMonitor(manifest, names, total, done)


def look(monitor: SweepMonitor, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The counts and the time left that a look tells."""
    monitor.look()
    told = re.search(r"[━╌] +(\d+/\d+.*?) +[12]:00 passed, (\S+) left", " ".join(capsys.readouterr().err.split()))
    assert told is not None
    return told[1], told[2]


def test_a_search_counts_no_trials_of_a_grid_in_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = [f"grid-{place}" for place in range(4)]
    for name in grid:
        write_trial(tmp_path, name)
    Manifest(tmp_path).begin(grid, 4)
    search = begun(tmp_path, [], 5, done=2)
    write_trial(tmp_path, "search-2")
    assert look(search, capsys) == ("3/5", "2:00")
    write_unfinished(tmp_path, "search-3", error="it went wrong")
    assert look(search, capsys) == ("4/5, 1 failed", "1:00")


def test_a_grid_that_goes_on_counts_what_had_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "other"):
        write_trial(tmp_path, name)
    grid = begun(tmp_path, ["a", "b", "c"], 3, done=1)
    write_trial(tmp_path, "b")
    assert look(grid, capsys) == ("2/3", "1:00")


def test_trials_of_others_take_no_time_from_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search = begun(tmp_path, [], 1)
    for name in ("search-0", "of-another-0", "of-another-1"):
        write_trial(tmp_path, name)
    assert look(search, capsys) == ("3/3", "0:00")


def test_that_trials_are_at_work_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trial(tmp_path, "a")
    os.utime(tmp_path / "a" / "config.yaml", (1, 1))
    grid = begun(tmp_path, ["a", "b", "c"], 3, done=1)
    grid.look()
    assert capsys.readouterr().err == ""
    write_unfinished(tmp_path, "b")
    for _ in range(2):
        grid.look()
    assert capsys.readouterr().err == f"trials at work after 2:00; how far: python -m src.sweeps status {tmp_path}\n"
