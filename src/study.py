"""python -m src.study: see huesweep.commands.study."""

from huesweep.cli import main

if __name__ == "__main__":
    main("study")
