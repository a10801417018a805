"""python -m src.sweeps.dashboard: see huesweep.commands.dashboard."""

from huesweep.cli import main

if __name__ == "__main__":
    main("dashboard")
