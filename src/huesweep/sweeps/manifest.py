"""What a sweep consists of and how far it is, told by the files of its trials."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from filelock import FileLock
from pydantic import AfterValidator, BaseModel, Field

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.checked_json import Name, read_json
from huesweep.sweeps.results import read_config
from huesweep.sweeps.trial_folders import SWEEP, trial_folders
from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history

MANIFEST_BYTES = 2**24
State = Literal["queued", "running", "interrupted", "failed", "done"]
STATES: tuple[State, ...] = ("queued", "running", "interrupted", "failed", "done")


class Progress(NamedTuple):
    """One trial of a sweep.

    epoch, epochs: trained so far and wanted, of one that is at work or in trouble; 0 before anything is known, and of
    others, whose configurations would take milliseconds each to read.
    """

    name: str
    state: State
    epoch: int
    epochs: int


def _folder_name(name: str) -> str:
    for part in name.split("/"):
        is_long = len(part.encode()) > 200  # a file system takes 255, its lock included
        if part in ("", ".", "..") or is_long or not part.isprintable() or "\\" in part:
            raise ValueError("not the name of a folder")
    return name


class Content(BaseModel, strict=True):
    """What sweep.json holds."""

    started: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    total: Annotated[int, Field(ge=0, le=10**7)] = 0
    rank: Name = ""
    command: Annotated[str, Field(max_length=10**5)] = ""
    swept: Annotated[list[Name], Field(max_length=1000)] = []
    trials: Annotated[list[Annotated[str, AfterValidator(_folder_name)]], Field(max_length=10**5)] = []


class Manifest:
    """The trials that a sweep's folder is meant to hold, in sweep.json, and those found there.

    Written when a sweep starts, so that trials are known that have no folder yet; what an earlier start of the same
    sweep wanted stays known.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / SWEEP

    def begin(
        self, names: Iterable[str], total: int, rank: str = "", swept: Iterable[str] = (), command: str = ""
    ) -> None:
        """Note a start now.

        names: of the trials' folders, as far as they are known. total: how many there will be. rank: the score by which
        they are ranked. swept: the options that are varied, by dotted name. command: as it was typed, without secrets.
        """
        locks = self.folder / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / f"{self.path.name}.lock"):  # two starts at a time don't lose each other's names
            earlier = self._read()
            known = dict.fromkeys([*earlier.trials, *names])
            varied = dict.fromkeys([*earlier.swept, *swept])
            content = {"started": time.time(), "total": max(total, len(known)), "rank": rank, "command": command}
            content |= {"swept": list(varied), "trials": list(known)}
            write_text_atomically(self.path, json.dumps(content, indent=1) + "\n")

    def started(self) -> float:
        """When the sweep was last started, in seconds since 1970; 0 if that is not known."""
        return self._read().started

    def rank(self) -> str:
        """The score by which the last start ranks the trials; empty if that is not known."""
        return self._read().rank

    def command(self) -> str:
        """What the last start was typed as; empty if that is not known."""
        return self._read().command

    def swept(self) -> list[str]:
        """The options that any start varied, by dotted name."""
        return self._read().swept

    def total(self) -> int:
        """How many trials there will be."""
        return max(self._read().total, len(self.names()))

    def names(self) -> list[str]:
        """The trials' folders as paths below the sweep's, those that are not there yet too."""
        found = [path.relative_to(self.folder).as_posix() for path in trial_folders(self.folder)]
        return list(dict.fromkeys([*self._read().trials, *found]))

    def state(self, name: str) -> State:
        """How far a trial is."""
        trial = TrialFolder(self.folder / name)
        if _is_whole(trial.result):
            return "done"
        if trial.is_locked():
            return "running"
        if trial.error.exists():
            return "failed"
        return "interrupted" if trial.config.exists() else "queued"

    def written_at(self, name: str, file: str) -> float:
        """When a trial's file was written, in seconds since 1970; 0 where there is none, or no longer."""
        try:
            return (self.folder / name / file).stat().st_mtime
        except OSError:
            return 0.0

    def progress(self) -> list[Progress]:
        """All trials. Raises UsageError for a folder without any."""
        names = self.names()
        if not names:
            raise UsageError(f"{self.folder} holds no sweep (no sweep.json, no trials)")
        return [self._progress(name) for name in names]

    def _progress(self, name: str) -> Progress:
        state = self.state(name)
        epochs = (0, 0) if state in ("done", "queued") else _epochs(self.folder / name)
        return Progress(name, state, *epochs)

    def _read(self) -> Content:
        return read_json(self.path, Content, MANIFEST_BYTES) or Content()


def _is_whole(result: Path) -> bool:
    """Whether a result seems to be one, by its last byte: reading those of a thousand trials takes seconds."""
    try:
        with result.open("rb") as file:
            file.seek(-1, 2)
            return file.read() in (b"}", b"\n")
    except OSError:  # there is none, or nothing in it
        return False


def _epochs(trial: Path) -> tuple[int, int]:
    wanted = read_config(trial).get("trainer", {}).get("max_epochs")
    if not isinstance(wanted, int):
        return 0, 0
    rows = read_history(trial)
    return int(rows[-1]["epoch"]) if rows else 0, wanted
