"""python -m src.transfer: see huesweep.commands.transfer."""

from huesweep.cli import main

if __name__ == "__main__":
    main("transfer")
