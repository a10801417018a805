"""What Hydra calls around a multirun: its grid is checked, its progress shown, its results and failures reported."""

import sys
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from huesweep.configuration import explain
from huesweep.errors import UsageError, printable
from huesweep.io.disk import disk_error
from huesweep.io.redacted import redact_text
from huesweep.io.terminal import table_console
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.grid_check import check_grid, folder_of, is_grid
from huesweep.sweeps.launchers import check_launcher
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.monitor import SweepMonitor, hide_secrets
from huesweep.sweeps.report.page import report
from huesweep.sweeps.results import read_error
from huesweep.sweeps.search import Choices, Search, begin_search
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.folder import TrialFolder


class SweepCallback(Callback):
    """A Hydra callback for multiruns. rank: the metric by which the result table is ranked."""

    def __init__(self, rank: str) -> None:
        self.rank = rank
        self.monitor: SweepMonitor | None = None

    def __reduce__(self) -> tuple[type[Callback], tuple[()]]:
        # A launcher sends the callback along with every trial; a sweep is monitored here alone.
        return Callback, ()

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        folder = Path(config.hydra.sweep.dir)
        try:
            check_metric(self.rank)
            check_launcher(config.hydra.launcher)
            names = check_grid(config)
            total, more = len(names), ""
            if not is_grid(config):
                search = begin_search(config.hydra.sweeper, folder, lambda choices: _is_at_work(config, choices))
                total, more = search.done + search.left, _in_words(search)
        except Exception as error:  # Hydra only warns of exceptions of a callback
            raise SystemExit(f"error: {redact_text(explain(error))}") from error
        manifest = Manifest(folder)
        try:
            manifest.begin(names, total, self.rank)
        except OSError as error:
            told = disk_error(error, "point paths.outputs elsewhere")
            raise SystemExit(f"error: {told}") if told else error from None
        self.monitor = SweepMonitor(manifest, names, total)
        self.monitor.console.print(f"sweep of {total} trials into {manifest.folder}{more}", soft_wrap=True)
        self.monitor.start()

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        if self.monitor is None:
            return
        self.monitor.stop()
        raised = sys.exc_info()[1]
        if isinstance(raised, Exception) and not self.monitor.seen:
            return  # the sweeper refused what it was given
        folder = Path(config.hydra.sweep.dir)
        hide_secrets(folder)
        try:
            written = report(folder, self.rank, table_console())
            beside = sorted({trial.parent / "wandb" for trial in trial_folders(folder)})
            for path in (*written, *filter(Path.exists, beside)):
                print(f"wrote {path}")
        except UsageError as error:
            self.monitor.console.print(f"no result table: {error}")
        failed = self.monitor.failed()
        for name in failed:
            first = printable(read_error(folder / name).partition("\n")[0])
            self.monitor.console.print(f"failed: {folder / name}: {first}", soft_wrap=True)
        has_no_best = isinstance(raised, ValueError) and len(failed) >= self.monitor.total  # raised by Optuna
        if failed and (raised is None or has_no_best):
            message = f"{len(failed)} of {self.monitor.total} trials failed; the same command tries them again"
            raise SystemExit(f"error: {message}")


def _is_at_work(config: DictConfig, choices: Choices) -> bool:
    """Whether a process trains the trial of a search that makes these choices."""
    return TrialFolder(folder_of(config, choices)).is_locked()


def _in_words(search: Search) -> str:
    earlier = f"; {search.done} have finished before" if search.done else ""
    return earlier + (f"; {search.again} that failed or were cut off are tried again" if search.again else "")
