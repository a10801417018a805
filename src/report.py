"""Print the ranked result table of a sweep, and write it and a page around it: python -m src.report sweep=FOLDER."""

from pathlib import Path

from omegaconf import DictConfig

from src.door import run_door
from src.errors import UsageError
from src.sweeps.report import report
from src.sweeps.table import table_console


def main(config: DictConfig, sweep: str = "") -> None:
    """The door: report on the finished trials of a folder."""
    if not sweep:
        raise UsageError("sweep= is missing: python -m src.report sweep=FOLDER")
    for path in report(Path(sweep), config.rank, table_console()):
        print(f"wrote {path}")


if __name__ == "__main__":
    run_door(main, "report", literal=("sweep",))
