"""python -m src.models: see huesweep.commands.models."""

from huesweep.cli import main

if __name__ == "__main__":
    main("models")
