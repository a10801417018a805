"""python -m src.sweeps: see huesweep.commands.sweeps."""

from huesweep.cli import main

if __name__ == "__main__":
    main("sweeps")
