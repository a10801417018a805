"""A trial's folder: its files, and what tells that it is finished."""

import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.disk import disk_error
from huesweep.io.leftovers import is_claimed
from huesweep.io.plain_json import as_json
from huesweep.io.redacted import redact_text

CONFIG, RESULT, ERROR = "config.yaml", "result.json", "error.txt"
ERROR_BYTES = 2**20
# In pictures/: a few test pictures side by side, for whoever lays out a page.
STRIP_OF_PREDICTIONS, STRIP_OF_INPUTS, STRIP_OF_TRUTHS = "wall.png", "wall-input.png", "wall-truth.png"


class TrialFolder:
    """The files of one trial, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / CONFIG
        self.checkpoints = path / "checkpoints"
        self.best = self.checkpoints / "best.ckpt"
        self.last = self.checkpoints / "last.ckpt"
        self.origin = path / "made_from.json"
        self.result = path / RESULT
        self.error = path / ERROR
        self.log = path / "log.txt"
        self._lock = path.parent / ".locks" / f"{path.name}.lock"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from training the same trial; waits for one that does. Death of the process unlocks."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            print(f"waiting for the process that trains {self.path}")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def is_locked(self) -> bool:
        """Whether a process is at work on the trial."""
        if not self._lock.exists():
            return False
        lock = FileLock(self._lock)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        except OSError:  # of a disk that can't be written to
            return is_claimed(self._lock)
        lock.release()
        return False

    def write_error(self, error: BaseException) -> None:
        """Keep why the trial failed: the message, and for what is no mistake of the user's the traceback too."""
        told = disk_error(error) or error
        text = f"{type(told).__name__}: {told}\n"
        if not isinstance(told, UsageError):
            text += "\n" + "".join(traceback.format_exception(error))
        try:
            write_text_atomically(self.error, redact_text(text).encode(errors="backslashreplace").decode())
        except OSError:  # an empty file takes no space, and tells of the failure too
            with suppress(OSError):
                self.error.touch()

    def read_error(self) -> str:
        """Why the trial failed, without secrets; empty where it left no error, or is being tried again."""
        try:
            with self.error.open("rb") as file:
                return redact_text(file.read(ERROR_BYTES).decode(errors="replace").strip()) or f"{ERROR} is empty"
        except OSError:
            return ""

    def forget_error(self) -> None:
        """Take back that the trial failed: it is tried again, or has finished."""
        self.error.unlink(missing_ok=True)

    def remove_if_empty(self) -> None:
        """Remove the folder of a trial that left nothing."""
        with suppress(OSError):
            self.path.rmdir()

    def read_result(self) -> dict[str, Any] | None:
        """What the trial came to, or None while it has not finished."""
        return _read_json(self.result)

    def read_origin(self) -> dict[str, Any] | None:
        """What the trial was made from when it began, see made_from; None where that is not known."""
        return _read_json(self.origin)

    def write_result(self, result: Mapping[str, Any]) -> None:
        """Mark the trial as finished: written last, in one step. What is no finite number becomes null."""
        write_text_atomically(self.result, as_json(result))
        self.forget_error()


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def checkpoint_at(given: str | Path, option: str) -> Path:
    """The checkpoint that an option's path means: itself, or a trial's best. Raises UsageError where there is none."""
    path = Path(given).expanduser()
    if not path.exists():
        raise UsageError(f"{option}={given} does not exist: give a checkpoint or a trial's folder")
    found = TrialFolder(path).best if path.is_dir() else path
    if not found.exists():
        raise UsageError(f"{option}={given} holds no checkpoint (no checkpoints/best.ckpt): give a trial's folder")
    return found
