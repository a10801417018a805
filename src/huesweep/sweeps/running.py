"""A trial as one of a sweep: its failure is kept in its folder, and the other trials go on."""

import math
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from huesweep.configuration import plain
from huesweep.io.redirect import output_to
from huesweep.metrics.catalog import objective
from huesweep.sweeps.kinds import check_named, make_trial
from huesweep.training.finished import keep_finished
from huesweep.training.folder import TrialFolder


def run_in_sweep(config: DictConfig, *, isolated: bool) -> float:
    """Train a trial of a multirun and give the score that is searched for; not a number where the trial failed.

    isolated: whether the trial has a process of its own; what it prints then goes into its log.
    """
    folder = TrialFolder(Path(HydraConfig.get().runtime.output_dir))
    with output_to(folder.log) if isolated else nullcontext():
        try:
            check_named(config, HydraConfig.get().runtime.choices.get("model"))
            return objective(_keep_or_train(plain(config), folder), config.sweep.rank)
        except Exception as error:
            folder.write_error(error)
            print(f"failed: {folder.path}: {error}", file=sys.stderr)
            return math.nan


def _keep_or_train(config: dict[str, Any], folder: TrialFolder) -> dict[str, Any]:
    with folder.locked():  # before anything is read that trains
        kept = keep_finished(config, folder)
    return kept if kept is not None else make_trial(config, folder).run()
