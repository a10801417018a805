"""How much of a machine a trial gets, where a launcher divides it among several."""

import math

from huesweep.errors import UsageError

Wanted = float | int | str  # a number, or "auto"


def trial_gpus(share: Wanted, accelerator: str = "auto") -> float:
    """GPUs a trial: `auto` is one where there are any and none elsewhere; below 1, several trials share one.

    accelerator: that trials compute on; the `cpu` needs none. Raises UsageError for what is neither.
    """
    if share == "auto":
        return 1.0 if accelerator != "cpu" and gpus_here() else 0.0
    if isinstance(share, str) or not 0 <= share < math.inf:
        raise UsageError(f"gpus_per_trial must be auto or a number from 0, such as 1 or 0.25, not {share}")
    if share > 1 and share != int(share):
        raise UsageError(f"gpus_per_trial above 1 must be whole, not {share}")
    return float(share)


def whole_gpus(share: Wanted, accelerator: str = "auto") -> int:
    """The GPUs that a scheduler which can't share one has to reserve."""
    return math.ceil(trial_gpus(share, accelerator))


def trial_cpus(cores: Wanted, gpus: Wanted, accelerator: str = "auto") -> int:
    """Cores a trial: `auto` divides them among the trials that fit on the GPUs, and is one where there are none.

    Raises UsageError for what is neither `auto` nor a whole number from 1.
    """
    if cores != "auto":
        if not isinstance(cores, int) or cores < 1:
            raise UsageError(f"cpus_per_trial must be auto or a whole number from 1, not {cores}")
        return cores
    share = trial_gpus(gpus, accelerator)
    if not share or not gpus_here():
        return 1
    side_by_side = max(1, int(gpus_here() / share))
    return max(1, available_cores() // side_by_side)


def gpus_here() -> int:
    """GPUs that this process may use."""
    import torch  # takes seconds, which the processes that only pass trials on shall not wait for

    return torch.cuda.device_count()


def available_cores() -> int:
    """Cores that this process may use, by its affinity and by the quota of its container, as Ray counts them too."""
    from joblib import cpu_count

    return int(cpu_count())
