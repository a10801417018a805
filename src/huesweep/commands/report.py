"""Print the ranked result table of a sweep, and write it and a page around it: python -m src.report sweep=FOLDER."""

from pathlib import Path

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of
from huesweep.errors import UsageError
from huesweep.io.terminal import table_console
from huesweep.registry import CHECKS
from huesweep.sweeps.report.page import report


@dataclass(frozen=True, config=CHECKS)
class ReportOptions:
    """conf/report.yaml."""

    rank: str | None


def main(config: DictConfig, sweep: str = "") -> None:
    """Report on the finished trials of a folder."""
    if not sweep:
        raise UsageError("sweep= is missing: python -m src.report sweep=FOLDER")
    options = options_of(ReportOptions, config)
    for path in report(Path(sweep), options.rank, table_console()):
        print(f"wrote {path}")
