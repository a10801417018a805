"""python -m src.export: see huesweep.commands.export."""

from huesweep.cli import main

if __name__ == "__main__":
    main("export")
