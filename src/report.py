"""python -m src.report: see huesweep.commands.report."""

from huesweep.cli import main

if __name__ == "__main__":
    main("report")
