"""python -m src.train: see huesweep.commands.train."""

from huesweep.cli import main

if __name__ == "__main__":
    main("train")
