"""Showing a study's figures in the runs that its trials have in wandb."""

from pathlib import Path

from huesweep.errors import UsageError
from huesweep.studies.study import Study
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.finished_run import LaterOptions, has_run, log_later
from huesweep.training.folder import TrialFolder


def log_study(study: Study, outputs: Path, options: LaterOptions) -> int:
    """Add a study's pictures to the runs of its finished trials, as `study/FIGURE`; gives to how many.

    outputs: where sweeps are kept. Raises UsageError where no trial there has a run, and as log_later does.
    """
    sweeps = [outputs / "sweeps" / name for name in study.trials]
    trials = [trial for sweep in sweeps if sweep.is_dir() for trial in trial_folders(sweep)]
    told = [trial for trial in trials if TrialFolder(trial).result.exists() and has_run(trial)]
    if not told:
        raise UsageError(
            f"wandb: no finished trial of study {study.name} below {outputs / 'sweeps'} has a run in wandb"
        )
    pictures = {f"study/{path.stem}": path.read_bytes() for path in sorted(study.folder.glob("*.png"))}
    for trial in told:
        log_later(trial, options, {}, pictures)
    return len(told)
