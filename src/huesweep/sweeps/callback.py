"""What Hydra calls around a multirun: its grid is checked, its progress shown, its results and failures reported."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from huesweep.configuration import explain
from huesweep.errors import UsageError, printable
from huesweep.io.disk import disk_error
from huesweep.io.redacted import redact_text
from huesweep.io.terminal import table_console
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.grid_check import check_grid, swept_names
from huesweep.sweeps.launchers import check_launcher
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.monitor import SweepMonitor, hide_secrets
from huesweep.sweeps.report.page import report
from huesweep.sweeps.results import read_error

LONGEST = 500  # characters of an unforeseen error's line


class SweepCallback(Callback):
    """A Hydra callback for multiruns. rank: the metric by which the result table is ranked."""

    def __init__(self, rank: str) -> None:
        self.rank = rank
        self.monitor: SweepMonitor | None = None

    def __reduce__(self) -> tuple[type[Callback], tuple[()]]:
        # A launcher sends the callback along with every trial; a sweep is monitored here alone.
        return Callback, ()

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        try:
            self._start(config)
        except Exception as error:  # Hydra would only warn of it
            raise SystemExit(f"error: {_in_a_line(error)}") from None

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        if self.monitor is None:
            return
        folder = Path(config.hydra.sweep.dir)
        steps = (self.monitor.stop, lambda: hide_secrets(folder), lambda: self._report(folder), self._list_failures)
        troubles = [trouble for step in steps if (trouble := _trouble(step))]
        if troubles and sys.exc_info()[0] is None:
            raise SystemExit(f"error: {'; '.join(dict.fromkeys(troubles))}")

    def _start(self, config: DictConfig) -> None:
        check_metric(self.rank)
        check_launcher(config.hydra.launcher)
        names, swept = check_grid(config), swept_names(config)
        total = len(names) or int(config.hydra.sweeper.get("n_trials") or 0)
        manifest = Manifest(Path(config.hydra.sweep.dir))
        manifest.begin(names, total, self.rank, swept)
        self.monitor = SweepMonitor(manifest, names, total)
        self.monitor.console.print(f"sweep of {total} trials into {printable(str(manifest.folder))}")
        self.monitor.start()

    def _report(self, folder: Path) -> None:
        for path in (*report(folder, self.rank, table_console()), *folder.glob("wandb")):
            print(printable(f"wrote {path}"))

    def _list_failures(self) -> None:
        """Print a line for each trial that failed. Raises UsageError where there is one."""
        assert self.monitor is not None
        failed = self.monitor.failed()
        for name in failed:
            trial = self.monitor.manifest.folder / name
            first = read_error(trial).partition("\n")[0]
            self.monitor.console.print(printable(f"failed: {trial}: {first}"), soft_wrap=True)
        if failed:
            raise UsageError(f"{len(failed)} of {self.monitor.total} trials failed; the same command tries them again")


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
