"""A trial's folder: what it is called, and what tells that it is finished."""

import hashlib
import json
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.plain_json import as_json

Config = Mapping[str, Any]
# Where things are kept and shown, and how fast they are computed, is not what a trial is.
NOT_IDENTITY = (
    "paths",
    "logger",
    "sweep",
    "examples",
    "gpus_per_trial",
    "cpus_per_trial",
    "data.cache",
    "data.home",
    "data.download",
    "data.url",
    "data.md5",
)
# How pictures get to the device does not change which ones do.
NOT_IDENTITY_OF_BATCHES = ("device_gib", "workers", "score_size")
NOT_IDENTITY_OF_TRAINER = ("accelerator", "devices")


def folder_name(config: Config) -> str:
    """A trial's folder: words to read and a digest of the whole configuration, which makes it unique and stable.

    Holds only letters, digits, `.`, `_` and `-`, so that it can be pasted into an override.
    """
    words = [_data_word(config), model_word(config["model"]), target_word(config["target"]), config["loss"]["name"]]
    if config["task"]["name"] != "colorize":
        words.insert(1, config["task"]["name"])
    readable = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", str(word)) for word in words)
    return f"{readable[:100]}-{digest(config)}"


def digest(config: Config) -> str:
    """Eight hexadecimal digits that change with every value that shapes a trial's result."""
    identity = json.loads(json.dumps(config))
    of_trainer = (f"trainer.{name}" for name in NOT_IDENTITY_OF_TRAINER)
    of_batches = (f"batch.{name}" for name in NOT_IDENTITY_OF_BATCHES)
    for path in (*NOT_IDENTITY, *of_trainer, *of_batches):
        *parents, last = path.split(".")
        node = identity
        for parent in parents:
            node = node.get(parent, {})
        node.pop(last, None)
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def _data_word(config: Config) -> str:
    classes = config["data"].get("classes") or []
    classes = [classes] if isinstance(classes, str) else classes
    return "_".join([config["data"]["name"], *classes[:3]])


def model_word(model: Mapping[str, Any]) -> str:
    """A model in a word: unet_m, and with an encoder of timm that its name doesn't tell, unet-convnext_atto."""
    encoder = str(model["encoder"].get("name", ""))
    return model["name"] if encoder in model["name"] else f"{model['name']}-{encoder}"


def target_word(target: Mapping[str, Any]) -> str:
    """A target in a word: ab, palette16, palette32ab."""
    space = "" if target.get("space", "rgb") == "rgb" else target["space"]
    return f"{target['name']}{target.get('colors', '')}{space}"


class TrialFolder:
    """The files of one trial, by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.checkpoints = path / "checkpoints"
        self.best = self.checkpoints / "best.ckpt"
        self.last = self.checkpoints / "last.ckpt"
        self.result = path / "result.json"
        self.error = path / "error.txt"
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
        lock.release()
        return False

    def write_error(self, error: BaseException) -> None:
        """Keep why the trial failed: the message, and for what is no mistake of the user's the traceback too."""
        text = f"{type(error).__name__}: {error}\n"
        if not isinstance(error, UsageError):
            text += "\n" + "".join(traceback.format_exception(error))
        write_text_atomically(self.error, text)

    def remove_if_empty(self) -> None:
        """Remove the folder of a trial that left nothing."""
        with suppress(OSError):
            self.path.rmdir()

    def read_result(self) -> dict[str, Any] | None:
        """What the trial came to, or None while it has not finished."""
        try:
            result = json.loads(self.result.read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            return None
        return result if isinstance(result, dict) else None

    def write_result(self, result: Mapping[str, Any]) -> None:
        """Mark the trial as finished: written last, in one step. What is no finite number becomes null."""
        write_text_atomically(self.result, as_json(result))
        self.error.unlink(missing_ok=True)
