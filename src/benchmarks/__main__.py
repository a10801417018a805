"""Run benchmarks: python -m src.benchmarks [NAME ...]; status 1 where a target is missed."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import src.benchmarks
from src.benchmarks.report import publish
from src.errors import unknown

NOT_ONE = ("__main__", "report")


def main() -> None:
    """The door: run those that are named, or all."""
    there = [module.name for module in pkgutil.iter_modules(src.benchmarks.__path__) if module.name not in NOT_ONE]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(there)}")
    parser.add_argument("--out", type=Path, default=Path("outputs/bench"), help="folder for the results")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in there:
            sys.exit(f"error: {unknown('benchmark', name, there)}")
    met = [
        publish(name, list(importlib.import_module(f"src.benchmarks.{name}").run()), arguments.out)
        for name in arguments.names or there
    ]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
