"""Measure what is promised, by the benchmarks named or all: python -m src.benchmarks [NAME ...]."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import huesweep.benchmarks
from huesweep.benchmarks.report import publish
from huesweep.command_table import COMMANDS
from huesweep.errors import unknown
from huesweep.overrides import refusing

NOT_ONE = ("processes", "report", "settings", "turns")  # but what they share


def main(arguments: list[str]) -> None:
    """Measure what is promised, by the benchmarks that are named or by all; status 1 where a bar is missed."""
    there = [module.name for module in pkgutil.iter_modules(huesweep.benchmarks.__path__) if module.name not in NOT_ONE]
    parser = argparse.ArgumentParser(prog="python -m src.benchmarks", description=COMMANDS["benchmarks"].about)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(there)}")
    parser.add_argument("--out", type=Path, default=Path("outputs/bench"), help="folder for the results; outputs/bench")
    options = refusing(parser).parse_args(arguments)
    for name in options.names:
        if name not in there:
            raise unknown("benchmark", name, there)
    # All of them: without the guard, which measures the same again.
    met = [
        publish(name, list(importlib.import_module(f"huesweep.benchmarks.{name}").run()), options.out)
        for name in options.names or [name for name in there if name != "guard"]
    ]
    sys.exit(0 if all(met) else 1)
