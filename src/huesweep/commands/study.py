"""Answer a study's question again: python -m src.study NAME [--tables] [--wandb offline] [OVERRIDE ...]."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from huesweep.command_table import COMMANDS
from huesweep.errors import UsageError, printable
from huesweep.overrides import readable, refusing
from huesweep.studies.collecting import collect
from huesweep.studies.runs import log_study
from huesweep.studies.study import Study, known_studies, load_study
from huesweep.studies.writing import write_study
from huesweep.training.finished_run import LaterOptions

OUTPUTS = "paths.outputs"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> None:
    """Train what is missing of a study, then write its tables and figures into experiments/NAME/README.md."""
    more = "Overrides, NAME=VALUE, go to src.train and src.transfer with each sweep of the study."
    parser = argparse.ArgumentParser(prog="python -m src.study", description=COMMANDS["study"].about, epilog=more)
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"one of: {', '.join(known_studies())}")
    parser.add_argument("--tables", action="store_true", help="train nothing: write again from results.csv")
    parser.add_argument("--collect", action="store_true", help="train nothing: collect what has finished, and write")
    parser.add_argument("--fewer", action="store_true", help="keep fewer trials than the study's folder has")
    parser.add_argument("--wandb", choices=("offline", "online"), help="show the figures in the runs of its trials")
    parser.add_argument("--project", default="huesweep", help="of those runs; huesweep")
    parser.add_argument("--entity", help="of those runs; your own")
    options, overrides = refusing(parser).parse_known_args(arguments)
    if options.name is None:
        raise UsageError(
            f"which study? python -m src.study NAME (make study STUDY=NAME), one of: {', '.join(known_studies())}"
        )
    if odd := next((given for given in overrides if "=" not in given), None):
        raise UsageError(f"{odd} is no override: one is written NAME=VALUE, and goes to src.train")
    study = load_study(options.name)
    outputs = _outputs(overrides)
    if not options.tables:
        failed = [] if options.collect else _run_sweeps(study, overrides)
        print(f"{study.name}: {collect(study, outputs, options.fewer)} trials collected")
        if failed:
            raise UsageError(f"sweep {', '.join(failed)} did not finish: the same command goes on with it")
    for path in write_study(study):
        print(printable(f"wrote {path}"))
    if options.wandb:
        told = log_study(study, outputs, LaterOptions(options.wandb, options.project, options.entity))
        print(f"logged study/* into the runs of {told} trials")


def _outputs(overrides: list[str]) -> Path:
    """Where overrides have sweeps kept. Raises UsageError where it is not where a study looks for them."""
    outputs = "outputs"
    for given in overrides:
        name = given.lstrip("+~").partition("=")[0]
        if name in ("sweep", "sweep.name") or name.startswith("hydra.sweep."):
            raise UsageError(f"{given} can't be: a study collects from its sweeps' own folders, below paths.outputs")
        if name == OUTPUTS:
            (written,) = readable([given], "train")
            outputs = str(OverridesParser.create().parse_override(written).value())
    return Path(outputs)


def _run_sweeps(study: Study, overrides: list[str]) -> list[str]:
    """Run a study's sweeps, which skip what has finished. Gives those that did not finish."""
    return [name for command, name in study.runs if _run(command, name, overrides)]


def _run(command: str, sweep: str, overrides: list[str]) -> int:
    """Gives the exit status of a sweep. What ends this process ends the sweep as well, which may save before that."""
    told: list[int] = []

    def pass_on(number: int, _: object) -> None:
        told.append(number)
        if number != signal.SIGINT:  # which a terminal sends to both
            process.send_signal(number)

    process = subprocess.Popen([sys.executable, "-m", "huesweep", command, "-m", f"+sweep={sweep}", *overrides])
    heeded = [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]  # nohup has one passed over
    earlier = {number: signal.signal(number, pass_on) for number in heeded}
    try:
        status = process.wait()
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
    if told:
        sys.exit(128 + told[0])
    return status
