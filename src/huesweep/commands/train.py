"""Train one trial, score it, and keep everything in its folder: python -m src.train [overrides]."""

import os
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from huesweep.errors import UsageError
from huesweep.sweeps.multirun import is_in_sweep, run_of_sweep
from huesweep.training.folder import TrialFolder
from huesweep.training.naming import check_model_name

# What computes is imported where it is needed: Ray's processes load this file too, and only pass trials on.


def main(config: DictConfig) -> dict[str, Any] | float:
    """Train in the folder that Hydra chose and say where the result is.

    Gives what result.json holds, and in a sweep the score to be searched for.
    """
    return run_of_sweep(config) if is_in_sweep() else train_alone(config)


def train_alone(config: DictConfig) -> dict[str, Any]:
    """Train one trial, not of a sweep, and print its result."""
    hydra = HydraConfig.get()
    folder = TrialFolder(Path(hydra.runtime.output_dir))  # which Hydra has made
    try:
        from huesweep.configuration import plain
        from huesweep.sweeps.alone_check import check_alone
        from huesweep.training.assembly import assemble
        from huesweep.training.colorization_trial import ColorizationTrial

        check_alone(hydra)
        check_model_name(config.model, hydra.runtime.choices.get("model"))
    except (UsageError, KeyboardInterrupt):
        folder.remove_if_empty()
        raise
    trial = ColorizationTrial(plain(config), folder)
    if int(os.environ.get("LOCAL_RANK", "0")) > 0:  # Lightning started this process to help the first
        trial.fit(assemble(trial.config), [])
        return {}
    earlier = trial.folder.read_result()
    result = trial.run()
    print_result(result, trial.folder, "kept" if result == earlier else "wrote")
    return result


def print_result(result: dict[str, Any], folder: TrialFolder, done: str) -> None:
    """The trial's row under its baselines, and where to find more."""
    from huesweep.io.terminal import table_console
    from huesweep.sweeps.table import print_table, table_rows

    print_table(table_rows([{**result, "folder": str(folder.path)}]), "test scores", table_console())
    for path in (folder.result, folder.best, folder.path / "pictures"):
        print(f"{done} {path}")
