"""python -m src.evaluate: see huesweep.commands.evaluate."""

from huesweep.cli import main

if __name__ == "__main__":
    main("evaluate")
