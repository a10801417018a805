"""How often a trial is tried whose process dies, in one start of a sweep."""

import math
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.sweeps.manifest import Manifest
from huesweep.training.folder import TrialFolder


class Tries:
    """Counts the tries of a trial in a file beside its lock, since whoever dies can't remember.

    sweep: the folder of the trial's sweep. retries: what the launcher was told; as many tries are made, so that a
    further one can still say so. A negative number has no end.
    """

    def __init__(self, trial: TrialFolder, sweep: Path, retries: int) -> None:
        self.trial = trial
        self.most = max(1, retries) if retries >= 0 else math.inf
        self.path = trial.path.parent / ".locks" / f"{trial.path.name}.tries"
        self.start = f"{Manifest(sweep).started():.6f}"

    def begin(self) -> bool:
        """Count a try; False, and the trial has failed, where there have been enough."""
        made = self._made()
        if made >= self.most:
            self._fail(made, "")
            return False
        write_text_atomically(self.path, f"{self.start} {made + 1}")
        return True

    def has_died(self, status: int | None) -> bool:
        """Whether a try that died was the last one: then the trial has failed. status: of its process."""
        made = self._made()
        if made < self.most:
            return False
        self._fail(made, "" if status is None else f", the last time by signal {-status}" if status < 0 else "")
        return True

    def end(self) -> None:
        """Forget the tries of a trial that came to its end."""
        self.path.unlink(missing_ok=True)

    def _made(self) -> int:
        try:
            start, made = self.path.read_text().split()
            return int(made) if start == self.start else 0
        except (OSError, ValueError):
            return 0

    def _fail(self, made: int, how: str) -> None:
        times = "whenever it was tried" if made == 1 else f"in each of {made} tries"
        self.trial.write_error(UsageError(f"its process died {times}{how}: out of memory? see {self.trial.log}"))
        self.end()
