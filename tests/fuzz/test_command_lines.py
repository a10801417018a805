"""Whatever is typed works or ends with one line and status 1: a few hundred drawn command lines."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.command_lines import CommandLines, isolated, outcome, stop_at_work

DRAWS = int(os.environ.get("HUESWEEP_DRAWS", "1"))  # so many times the usual number of lines
LINES = {
    "train": (80, ("train",)),
    "multirun": (20, ("train", "-m")),
    "search": (4, ("train", "-m", "hydra/sweeper=optuna")),
    "evaluate": (40, ("evaluate", "data=photos")),
    "predict": (30, ("predict", "img=x")),
    "export": (20, ("export",)),
    "app": (20, ("app",)),
    "report": (20, ("report", "sweep=x")),
    "models": (20, ("models",)),
    "data": (20, ("data",)),
    "dashboard": (20, ("dashboard", "entity=x")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_every_command_line_works_or_ends_with_a_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stop_at_work(monkeypatch)
    count, begin = LINES[name]
    lines = CommandLines(*begin)
    for index in range(count * DRAWS):
        words = isolated(lines.draw(Random(f"{name} {index}")), tmp_path)
        try:
            outcome(words, monkeypatch)
        except Exception as error:
            raise AssertionError(f"{words}: {type(error).__name__}: {error}") from error
