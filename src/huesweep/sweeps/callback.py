"""What Hydra calls around a multirun: its grid is checked, its progress shown, its results and failures reported."""

import os
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from huesweep.configuration import plain
from huesweep.errors import UsageError, printable
from huesweep.explanation import explain
from huesweep.io.disk import disk_error
from huesweep.io.redacted import redact, redact_text
from huesweep.io.terminal import remark, table_console
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.dead_jobs import outlive_dead_jobs
from huesweep.sweeps.grid_check import check_grid, folder_of, is_grid, swept_names
from huesweep.sweeps.idle_sweeper import sweep_nothing
from huesweep.sweeps.launcher_kind import OF_SUBMITIT, launcher_kind
from huesweep.sweeps.launchers import check_launcher, start_ray
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.monitor import SweepMonitor, hide_secrets
from huesweep.sweeps.search import Choices, Search, begin_search, claim_search
from huesweep.sweeps.swept import as_typed, leaves
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import identity
from huesweep.transfer.options import is_transfer

LONGEST = 500  # characters of an unforeseen error's line
LONGEST_COMMAND = 10_000


class SweepCallback(Callback):
    """A Hydra callback for multiruns. rank: the metric by which the result table is ranked."""

    def __init__(self, rank: str) -> None:
        self.rank = rank
        self.monitor: SweepMonitor | None = None
        self.lock: FileLock | None = None  # of a search

    def __reduce__(self) -> tuple[type[Callback], tuple[()]]:
        # A launcher sends the callback along with every trial; a sweep is monitored here alone.
        return Callback, ()

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        try:
            self._start(config)
        except Exception as error:  # Hydra would only warn of it
            raise SystemExit(f"error: {_in_a_line(error)}") from None

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        if self.lock is not None:
            self.lock.release()
        if self.monitor is None:
            return
        raised = sys.exc_info()[1]
        troubles = [_trouble(self.monitor.stop)]
        if isinstance(raised, Exception) and not self.monitor.seen:
            return  # the sweeper refused what it was given
        folder = Path(config.hydra.sweep.dir)
        colors = not is_transfer(config)
        steps = (lambda: hide_secrets(folder), lambda: self._report(folder, colors), self._list_failures)
        troubles += [_trouble(step) for step in steps]
        all_failed = isinstance(raised, ValueError) and len(self.monitor.failed()) >= self.monitor.total
        if any(troubles) and (raised is None or all_failed):  # then Optuna raises that there is no best one
            raise SystemExit(f"error: {'; '.join(dict.fromkeys(filter(None, troubles)))}")

    def _start(self, config: DictConfig) -> None:
        check_metric(self.rank)
        check_launcher(config.hydra.launcher, config.gpus_per_trial, config.cpus_per_trial, config.trainer.accelerator)
        grid, swept = check_grid(config), swept_names(config)
        folder = Path(config.hydra.sweep.dir)
        names, total, done = grid.names, len(grid.names), grid.finished
        more = _finished_before(done)
        if not is_grid(config):
            self.lock = claim_search(folder)
            fixed = _fixed_options(config, self.rank, swept)
            search = begin_search(config.hydra.sweeper, folder, fixed, lambda choices: _is_at_work(config, choices))
            total, done, more = search.done + search.left, search.done, _in_words(search)
        manifest = Manifest(folder)
        manifest.begin(names, total, self.rank, swept, typed_command(config.hydra.job.config_name))
        if names and (others := len(set(manifest.names()) - set(names))):
            more += f", beside {others} of other commands there (sweep.name=NAME keeps them apart)"
        self.monitor = SweepMonitor(manifest, names, total, done)
        if names and done == total:
            sweep_nothing(config)
        elif launcher_kind(config.hydra.launcher) == "ray":
            start_ray(config.hydra.launcher)
        elif launcher_kind(config.hydra.launcher) in OF_SUBMITIT:
            outlive_dead_jobs(config)
        counted = f"{total} {'trial' if total == 1 else 'trials'}"
        self.monitor.console.print(f"sweep of {counted} into {printable(str(folder))}{more}", soft_wrap=True)
        for name in grid.copies:
            remark(f"since some of these finished, the copy of data={name} changed: what they came to is of the other")
        self.monitor.start()

    def _report(self, folder: Path, colors: bool) -> None:
        from huesweep.sweeps.report.page import report  # which reads torch and matplotlib

        written = report(folder, self.rank, table_console())
        beside = sorted({trial.parent / "wandb" for trial in trial_folders(folder)})
        for path in (*written, *filter(Path.exists, beside)):
            print(printable(f"wrote {path}"))
        if colors and any(TrialFolder(trial).read_result() for trial in trial_folders(folder)):
            print(
                printable(
                    f"color a photo with the best: python -m src.predict ckpt={shlex.quote(str(folder))} img=PHOTO"
                )
            )

    def _list_failures(self) -> None:
        """Print a line for each trial that failed. Raises UsageError where there is one."""
        assert self.monitor is not None
        failed = self.monitor.failed()
        for name in failed:
            trial = self.monitor.manifest.folder / name
            first = TrialFolder(trial).read_error().partition("\n")[0]
            self.monitor.console.print(printable(f"failed: {trial}: {first}"), soft_wrap=True)
        if failed:
            raise UsageError(f"{len(failed)} of {self.monitor.total} trials failed; the same command tries them again")


def typed_command(name: str) -> str:
    """What was typed after the name of a command, without secrets, as far as it is not endless."""
    typed = []
    for argument in sys.argv[1:]:
        option, equals, value = argument.partition("=")
        typed.append(f"{option}={redact(value, option.rpartition('.')[2])}" if equals else argument)
    text = shlex.join(["python", "-m", f"src.{name}", *typed])
    return text.encode(errors="backslashreplace").decode()[:LONGEST_COMMAND]  # a file's name may be no text


def _trouble(step: Callable[[], object]) -> str:
    """Do something at a sweep's end, and say what kept it from being done, in a line: what follows must be done too."""
    try:
        step()
    except Exception as error:
        return _in_a_line(error)
    return ""


def _in_a_line(error: Exception) -> str:
    if os.environ.get("HYDRA_FULL_ERROR") == "1":
        traceback.print_exception(error)
    told = disk_error(error, "point paths.outputs elsewhere") or error
    if isinstance(told, UsageError | HydraException | OmegaConfBaseException):
        return printable(redact_text(explain(told)))
    text = redact_text(" ".join(str(told).split()))
    return printable(f"{type(told).__name__}: {text}"[:LONGEST])


def _is_at_work(config: DictConfig, choices: Choices) -> bool:
    """Whether a process trains the trial of a search that makes these choices."""
    return TrialFolder(folder_of(config, choices)).is_locked()


def _fixed_options(config: DictConfig, rank: str, swept: Sequence[str]) -> dict[str, str]:
    """What all trials of a search have in common and shapes their scores, as it is typed, by dotted name.

    swept: options, or groups of conf/, that it varies.
    """
    options = {"sweep.rank": rank}
    if "experiment" not in swept:
        found = leaves(identity(plain(config)))
        varied = tuple(f"{name}." for name in swept)
        options |= {name: as_typed(value) for name, value in found.items() if not f"{name}.".startswith(varied)}
    return options


def _in_words(search: Search) -> str:
    again = f"; {search.again} that failed or were cut off are tried again" if search.again else ""
    return _finished_before(search.done) + again


def _finished_before(count: int) -> str:
    return f"; {count} {'has' if count == 1 else 'have'} finished before" if count else ""
