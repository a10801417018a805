"""python -m src.app: see huesweep.commands.app."""

from huesweep.cli import main

if __name__ == "__main__":
    main("app")
