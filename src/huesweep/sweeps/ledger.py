"""What a sweep consists of and how far it is, told by the files of its trials."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.training.folder import TrialFolder
from huesweep.training.history import read_history

State = Literal["queued", "running", "interrupted", "failed", "done"]
STATES: tuple[State, ...] = ("queued", "running", "interrupted", "failed", "done")


class Progress(NamedTuple):
    """One trial of a sweep. epoch, epochs: trained so far and wanted, 0 before anything is known."""

    name: str
    state: State
    epoch: int
    epochs: int


class Ledger:
    """The trials that a sweep's folder is meant to hold, in sweep.json, and those found there.

    Written when a sweep starts, so that trials are known that have no folder yet; what an earlier start of the same
    sweep wanted stays known.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "sweep.json"

    def begin(self, names: Iterable[str], total: int) -> None:
        """Note a start now. names: of the trials' folders, as far as they are known; total: how many there will be."""
        known = dict.fromkeys([*self._read().get("trials", []), *names])
        content = {"started": time.time(), "total": max(total, len(known)), "trials": list(known)}
        write_text_atomically(self.path, json.dumps(content, indent=1) + "\n")

    def started(self) -> float:
        """When the sweep was last started, in seconds since 1970; 0 if that is not known."""
        return float(self._read().get("started", 0.0))

    def total(self) -> int:
        """How many trials there will be."""
        return max(int(self._read().get("total", 0)), len(self.names()))

    def names(self) -> list[str]:
        """The trials' folders, those that are not there yet too."""
        found = sorted(path.parent.name for path in self.folder.glob("*/config.yaml"))
        failed = sorted(path.parent.name for path in self.folder.glob("*/error.txt"))
        return list(dict.fromkeys([*self._read().get("trials", []), *found, *failed]))

    def state(self, name: str) -> State:
        """How far a trial is."""
        trial = TrialFolder(self.folder / name)
        if trial.result.exists():
            return "done"
        if trial.is_locked():
            return "running"
        if trial.error.exists():
            return "failed"
        return "interrupted" if trial.config.exists() else "queued"

    def progress(self) -> list[Progress]:
        """All trials. Raises UsageError for a folder without any."""
        names = self.names()
        if not names:
            raise UsageError(f"{self.folder} holds no sweep (no sweep.json, no trials)")
        return [Progress(name, self.state(name), *_epochs(self.folder / name)) for name in names]

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}


def _epochs(trial: Path) -> tuple[int, int]:
    try:
        wanted = int(read_plain_yaml(trial / "config.yaml")["trainer"]["max_epochs"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return 0, 0
    rows = read_history(trial)
    return int(rows[-1]["epoch"]) if rows else 0, wanted
