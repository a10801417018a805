"""Print the ranked result table of a sweep, and write it and a page around it: python -m src.report sweep=FOLDER."""

from pathlib import Path

from omegaconf import DictConfig

from huesweep.errors import UsageError
from huesweep.io.terminal import table_console
from huesweep.sweeps.report.page import report


def main(config: DictConfig, sweep: str = "") -> None:
    """Report on the finished trials of a folder."""
    if not sweep:
        raise UsageError("sweep= is missing: python -m src.report sweep=FOLDER")
    for path in report(Path(sweep), config.rank, table_console()):
        print(f"wrote {path}")
