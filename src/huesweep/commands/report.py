"""Print and write the ranked result table of a sweep, or of several, and a page around it: src.report sweep=FOLDER."""

from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of, paths_of
from huesweep.errors import UsageError, printable
from huesweep.io.disk import file_in_place
from huesweep.io.terminal import table_console
from huesweep.registry import CHECKS
from huesweep.sweeps.report.comparison import comparison_folder, read_sweeps
from huesweep.sweeps.report.page import publish, read_sweep
from huesweep.sweeps.report.runs import log_report, trials_with_runs
from huesweep.training.finished_run import LaterOptions


@dataclass(frozen=True, config=CHECKS)
class ReportOptions(LaterOptions):
    """conf/report.yaml."""

    rank: str | None


def main(config: DictConfig, sweep: Sequence[str] = (), out: str = "") -> None:
    """Report on the trials of a folder, or compare those of several."""
    folders = [Path(name) for given in sweep for name in _listed(given)]
    if not folders:
        raise UsageError("sweep= is missing: python -m src.report sweep=FOLDER")
    if out and (file := file_in_place(Path(out))):  # before the tables are made
        raise UsageError(f"out={file} is a file: name a folder")
    options = options_of(ReportOptions, config, "paths")
    if len(folders) == 1:
        read = read_sweep(folders[0], options.rank, Path(out) if out else None)
    else:
        usual = comparison_folder(Path(paths_of(config).outputs), folders)
        read = read_sweeps(folders, options.rank, Path(out) if out else usual)
    if options.wandb:
        trials_with_runs(read)  # raises where there are none
    for path in publish(read, table_console(), must_write=bool(out)):
        print(printable(f"wrote {path}"))
    if options.wandb:
        print(f"logged report/* into the runs of {log_report(read, options)} trials")


def _listed(given: str) -> list[str]:
    """The folders that a value of sweep= names: [A,B] is a list of them, unless it is a folder's own name."""
    if given.startswith("[") and given.endswith("]") and not Path(given).exists():
        return [name.strip().strip("'\"") for name in given[1:-1].split(",") if name.strip()]
    return [given] if given else []
