"""Searches whose study is kept in a file, so that they go on after a stop, and try again what failed or was cut off."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from filelock import FileLock, Timeout
from omegaconf import DictConfig
from pydantic import BaseModel

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.checked_json import read_json

# Optuna takes a second to import, which only searches shall wait for.

Choices = Mapping[str, Any]  # of a trial, by option


TERMS = "search.json"  # in a search's folder: what all trials of its study have in common
TERMS_BYTES = 2**20


class Terms(BaseModel, strict=True):
    """What search.json holds: options that are the same in all trials of a search, as they are typed."""

    options: dict[str, str]


class Search(NamedTuple):
    """How far a search is. done: trials with a score. left: what this start tries. again: of these, earlier ones."""

    done: int
    left: int
    again: int


def study_in(folder: str) -> str:
    """The address of the study that is kept in a folder."""
    return f"sqlite:///{quote(folder) if {'%', '?'} & set(folder) else folder}/study.db"


def trials_left(total: int, folder: str, storage: str | None, study: str) -> int:
    """How many trials of a search are still to be done: `total` less those that its study holds a score of.

    folder: of the search. storage: the address of what holds the study; None keeps none.
    """
    loaded = _kept_study(folder, storage, study)
    if loaded is None:
        return total
    from optuna.trial import TrialState

    return max(0, total - len(loaded.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))))


def _kept_study(folder: str, storage: str | None, study: str) -> Any | None:
    """The study that a search goes on with, see trials_left; None where there is none yet."""
    if storage is None or (storage == study_in(folder) and not (Path(folder) / "study.db").exists()):
        return None
    import optuna

    try:
        return optuna.load_study(study_name=study, storage=storage)
    except KeyError:  # it is to be made
        return None


def _check_terms(folder: Path, options: Mapping[str, str], *, has_begun: bool) -> None:
    """Raise UsageError where the trials of a search's study have other options than are asked for now.

    Scores on other pictures, or after other trainings, would be taken for those of the same search. options: that the
    search does not vary, as they are typed; they are noted for later starts. has_begun: whether there is a study.
    """
    path = folder / TERMS
    if has_begun and (kept := read_json(path, Terms, TERMS_BYTES)) is not None:
        names = sorted(kept.options.keys() | options.keys())
        if other := [name for name in names if kept.options.get(name) != options.get(name)]:
            told = ", ".join(f"{name}={kept.options.get(name, 'nothing')}" for name in other[:3])
            told += f" and {len(other) - 3} more" if len(other) > 3 else ""
            raise UsageError(
                f"{folder} holds a search with {told}, whose trials don't compare with these: "
                "sweep.name=NAME keeps them apart"
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    write_text_atomically(path, json.dumps({"options": dict(options)}, indent=1) + "\n")


def claim_search(folder: Path) -> FileLock:
    """The lock of a search, held until this process ends or lets it go.

    A second one would take trials for cut off that the first is about to tell its study of. Raises UsageError where
    another process holds it.
    """
    locks = folder / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / "study.db.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise UsageError(f"another process is at work on the search in {folder}") from None
    return lock


def begin_search(
    sweeper: DictConfig, folder: Path, options: Mapping[str, str], is_at_work: Callable[[Choices], bool]
) -> Search:
    """Have a search begin with what failed or was cut off earlier, and tell how far it is.

    sweeper: as in conf/hydra/sweeper/optuna.yaml. folder: of the search. options: that it does not vary, as they are
    typed. is_at_work: whether a process trains the trial of some choices now. Raises UsageError for what can't be
    searched with, and where earlier trials had other options.
    """
    if not str(sweeper._target_).endswith(".OptunaSweeper"):  # somebody's own
        return Search(0, int(sweeper.get("n_trials") or 0), 0)
    _check(sweeper)
    study = _kept_study(str(folder), sweeper.storage, sweeper.study_name)
    _check_terms(folder, options, has_begun=study is not None)
    left = int(sweeper.n_trials)
    again = try_again(study, is_at_work) if study and left else 0
    done = sum(trial.value is not None for trial in study.get_trials(deepcopy=False)) if study else 0
    if not done and not left:
        raise UsageError("hydra.sweeper.n_trials=0 leaves nothing to do")
    return Search(done, left, min(again, left))


def try_again(study: Any, is_at_work: Callable[[Choices], bool]) -> int:
    """Put what failed or was cut off, and has not been done since, at the head of a study's queue. Gives how many."""
    from optuna.trial import TrialState

    settled: set[str] = set()
    again: dict[str, Choices] = {}
    for trial in study.get_trials(deepcopy=False):
        choices = trial.params or trial.system_attrs.get("fixed_params", {})
        key = json.dumps(choices, sort_keys=True)
        if trial.state == TrialState.RUNNING and not is_at_work(choices):
            study.tell(trial.number, state=TrialState.FAIL)
        elif trial.state != TrialState.FAIL:
            settled.add(key)
            continue
        if choices:
            again[key] = choices
    for key, choices in again.items():
        if key not in settled:
            study.enqueue_trial(dict(choices))
    waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
    return len(waiting)


def _check(sweeper: DictConfig) -> None:
    if not isinstance(sweeper.n_jobs, int) or sweeper.n_jobs < 1:
        raise UsageError(f"hydra.sweeper.n_jobs={sweeper.n_jobs} must be at least 1")
    if not isinstance(sweeper.n_trials, int) or sweeper.n_trials < 0:
        raise UsageError(f"hydra.sweeper.n_trials={sweeper.n_trials} must be at least 1")
    if not isinstance(sweeper.max_failure_rate, int | float) or not 0 <= sweeper.max_failure_rate <= 1:
        raise UsageError(f"hydra.sweeper.max_failure_rate={sweeper.max_failure_rate} must be from 0 to 1")
    if str(sweeper.direction) not in ("maximize", "minimize"):
        raise UsageError(f"hydra.sweeper.direction={sweeper.direction} can't be: choices: maximize, minimize")
