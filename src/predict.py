"""python -m src.predict: see huesweep.commands.predict."""

from huesweep.cli import main

if __name__ == "__main__":
    main("predict")
