"""python -m src.benchmarks: see huesweep.commands.benchmarks."""

from huesweep.cli import main

if __name__ == "__main__":
    main("benchmarks")
