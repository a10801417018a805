"""python -m src.data: see huesweep.commands.data."""

from huesweep.cli import main

if __name__ == "__main__":
    main("data")
