"""Where a page leads: to trials' folders, checkpoints and runs in wandb, as addresses that start at the page."""

import os
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from huesweep.errors import is_text, printable
from huesweep.io.bounded import read_bounded
from huesweep.sweeps.report.contents import Report
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.swept import leaves
from huesweep.training.finished_run import ID
from huesweep.training.folder import TrialFolder

ID_BYTES = 200
WANDB = "https://wandb.ai"


class Files(NamedTuple):
    """A trial's name and state, and the addresses of what it left; empty where there is none."""

    name: str
    state: str
    folder: str
    checkpoint: str
    run: str


def compose_files(of: Report) -> list[Files]:
    """What each trial left, those with a rank first."""
    runs: dict[Path, dict[str, str]] = {}
    return [
        Files(
            label,
            trial.state,
            address(trial.path, of.page) if trial.path.is_dir() else "",
            address(best, of.page) if (best := TrialFolder(trial.path).best).exists() else "",
            _run(trial, runs, of.page),
        )
        for trial, label in zip(of.trials, of.labels, strict=True)
    ]


def address(path: Path, page: Path) -> str:
    """A path as the address that a page in the folder `page` leads to; empty for a name that is no text."""
    target = os.path.relpath(path.resolve(), page.resolve())
    if not is_text(target):
        return ""
    return f"./{quote(Path(target).as_posix())}{'/' if path.is_dir() else ''}"  # ./, or a name may seem a scheme


def _run(trial: Trial, runs: dict[Path, dict[str, str]], page: Path) -> str:
    """A trial's run: in the files of wandb, or on its server. runs: folders by run, of each folder that was listed."""
    try:
        run = read_bounded(trial.path / ID, ID_BYTES).decode().strip()
    except (OSError, ValueError):
        return ""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", run):
        return ""
    options = leaves(trial.config)
    mode, entity, project = (options.get(f"logger.wandb.{name}") for name in ("mode", "entity", "project"))
    if mode == "online" and isinstance(entity, str) and isinstance(project, str):
        return f"{WANDB}/{quote(entity, safe='')}/{quote(project, safe='')}/runs/{run}"
    beside = trial.path.parent / "wandb"
    if beside not in runs:
        runs[beside] = _fullest(beside)
    return address(beside / runs[beside][run], page) if run in runs[beside] else ""


def _fullest(beside: Path) -> dict[str, str]:
    """By run, the folder with most of it: each start of an offline run has one, and what is logged later one more."""
    found: dict[str, list[str]] = {}
    for path in sorted(beside.glob("*run-*-*")) if beside.is_dir() else ():
        found.setdefault(path.name.removeprefix("offline-").split("-", 2)[-1], []).append(path.name)
    return {run: max(names, key=lambda name: _size(beside / name)) for run, names in found.items()}


def _size(run: Path) -> int:
    with suppress(OSError):
        return sum(file.stat().st_size for file in run.glob("*.wandb"))
    return 0


def predict_commands(groups: Sequence[Group]) -> list[tuple[str, str]]:
    """Which pictures, and what colors photos with the best trial on them, of groups whose best has a checkpoint."""
    bests = [(group.about, group.done[0].path) for group in groups if group.done]
    return [
        (about, printable(f"python -m src.predict ckpt={shlex.quote(str(path))} img=photo.jpg"))
        for about, path in bests
        if TrialFolder(path).best.exists()
    ]
