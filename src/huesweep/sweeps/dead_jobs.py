"""Jobs of a scheduler that die, of memory or with their machine: their trials have failed, and the others go on."""

import math
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from omegaconf import DictConfig

from huesweep.errors import UsageError
from huesweep.sweeps.grid_check import folder_with
from huesweep.training.folder import TrialFolder


def outlive_dead_jobs(config: DictConfig) -> None:
    """Have launchers of submitit go on where a job left no result: the sweep would end with the first of them.

    Its trial gets error.txt and no score. config: of the multirun.
    """
    from submitit.core.core import Job

    usual = Job.results

    def results(job: Any) -> list[Any]:
        try:
            return usual(job)
        except Exception as error:  # of the job's process, or that there was no result
            overrides = job.submission().args[0]
            trial = TrialFolder(folder_with(config, overrides))
            if not trial.result.exists():
                reason = str(error).partition("\n")[0]
                trial.write_error(UsageError(f"its job {job.job_id} died: {reason}; see {job.paths.stderr}"))
            found = JobReturn(overrides=overrides, status=JobStatus.COMPLETED)
            found.return_value = math.nan
            return [found]

    Job.results = results  # type: ignore[assignment, method-assign]
