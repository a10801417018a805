"""Print and write the ranked result table of a sweep, or of several, and a page around it: src.report sweep=FOLDER."""

from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of
from huesweep.errors import UsageError, printable
from huesweep.io.terminal import table_console
from huesweep.registry import CHECKS
from huesweep.sweeps.report.comparison import compare, comparison_folder
from huesweep.sweeps.report.page import report


@dataclass(frozen=True, config=CHECKS)
class ReportOptions:
    """conf/report.yaml."""

    rank: str | None


def main(config: DictConfig, sweep: Sequence[str] = (), out: str = "") -> None:
    """Report on the trials of a folder, or compare those of several."""
    folders = [Path(name) for given in sweep for name in _listed(given)]
    if not folders:
        raise UsageError("sweep= is missing: python -m src.report sweep=FOLDER")
    rank = options_of(ReportOptions, config, "paths").rank
    if len(folders) == 1:
        written = report(folders[0], rank, table_console(), Path(out) if out else None)
    else:
        usual = comparison_folder(Path(config.paths.outputs), folders)
        written = compare(folders, rank, table_console(), Path(out) if out else usual)
    for path in written:
        print(printable(f"wrote {path}"))


def _listed(given: str) -> list[str]:
    """The folders that a value of sweep= names: [A,B] is a list of them, unless it is a folder's own name."""
    if given.startswith("[") and given.endswith("]") and not Path(given).exists():
        return [name.strip().strip("'\"") for name in given[1:-1].split(",") if name.strip()]
    return [given] if given else []
