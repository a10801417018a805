"""Watching a sweep while it runs: a line whenever a trial has come to its end, wherever it runs."""

import shlex
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from huesweep.errors import printable
from huesweep.io.atomic import write_atomically
from huesweep.io.redacted import redact_text
from huesweep.sweeps.manifest import Manifest
from huesweep.training.folder import CONFIG, ERROR, RESULT

BAR = 40  # characters
EVERY = 0.5  # seconds between looks at the trials' folders


class SweepMonitor(threading.Thread):
    """Prints a line whenever a trial of a sweep has come to its end, wherever it runs.

    names: of the trials to watch; empty for all that end from now on, as a search's, beside which others may lie.
    total: how many there will be. done: how many of these had ended before, where they have no names.
    """

    def __init__(self, manifest: Manifest, names: Sequence[str], total: int, done: int = 0) -> None:
        super().__init__(daemon=True)
        self.manifest = manifest
        self.wanted = list(names)
        self.total = total
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self.began = time.monotonic()
        self.began_at = manifest.started()
        self.earlier = set(self._done())
        self.before = len(self.earlier) if self.wanted else done
        self.seen = set(self.earlier)
        self._has_begun = False
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(EVERY):
            with suppress(Exception):  # is raised again, and told, by the last look
                hide_secrets(self.manifest.folder)
                self.look()

    def stop(self) -> None:
        """Look a last time."""
        self._stopping.set()
        if self.is_alive():
            self.join()
        self.look()

    def look(self) -> None:
        """Print a line for what has ended since the last look, and one when the first trial is at work."""
        done, failed = self._done(), self.failed()
        ended = {*done, *failed} - self.seen
        passed = time.monotonic() - self.began
        if not ended:
            self._tell_begun(passed)
            return
        self.seen |= ended
        self._has_begun = True
        now = len({*done, *failed} - self.earlier)
        reached = self.before + now
        total = max(self.total, reached)  # another command may be at work in the same folder
        left = passed / now * (total - reached)
        filled = round(BAR * reached / total)
        bar = "━" * filled + "╌" * (BAR - filled)
        failures = f", {len(failed)} failed" if failed else ""
        count = f"{reached}/{total}{failures}"
        self.console.print(f"sweep {bar} {count}  {clock(passed)} passed, {clock(left)} left")

    def _tell_begun(self, passed: float) -> None:
        """Until a trial ends, minutes may pass: say once that trials are at work, and who says how far they are."""
        if self._has_begun:
            return
        if any(self.manifest.written_at(name, CONFIG) > self.began_at for name in self._names()):
            self._has_begun = True
            asked = f"python -m src.sweeps status {shlex.quote(str(self.manifest.folder))}"
            self.console.print(f"trials at work after {clock(passed)}; how far: {printable(asked)}", soft_wrap=True)

    def failed(self) -> list[str]:
        """The trials that failed since this start of the sweep, those that finished before and were refused too."""
        return [name for name in self._names() if self._has_failed(name)]

    def _has_failed(self, name: str) -> bool:
        error, result = (self.manifest.written_at(name, file) for file in (ERROR, RESULT))
        return error > 0 and error >= max(self.began_at, result)

    def _done(self) -> list[str]:
        return [name for name in self._names() if self.manifest.written_at(name, RESULT)]

    def _names(self) -> list[str]:
        return self.wanted or self.manifest.names()


def hide_secrets(folder: Path) -> None:
    """Take passwords out of the addresses in the command that Hydra keeps in a sweep's folder."""
    path = folder / "multirun.yaml"
    with suppress(OSError):  # a disk that is full is told of by the trials
        text = path.read_bytes().decode(errors="surrogateescape") if path.is_file() else ""
        if redact_text(text) != text:
            content = redact_text(text).encode(errors="surrogateescape")
            write_atomically(path, lambda file: file.write(content))


def clock(seconds: float) -> str:
    """A duration as 1:05 or 2:01:05."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
