"""Sweeps started as a person starts them, and the processes that they consist of."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.conftest import SMALL, once

ROOT = Path(__file__).parent.parent.parent


def sweep_command(outputs: Path, cache: Path, *arguments: str) -> list[str]:
    """The command of a sweep of small trials, below outputs/sweeps/s."""
    places = [f"paths.outputs={outputs}", f"paths.cache={cache}", "sweep.name=s", "logger.wandb.mode=disabled"]
    return [sys.executable, "-m", "src.train", "-m", *once(*SMALL, *places, *arguments)]


def start(command: Sequence[str], **environment: str) -> subprocess.Popen[str]:
    """Start a command in a session of its own, so that signals meet it alone."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )


def finish(process: subprocess.Popen[str], seconds: float = 600) -> str:
    """What a command printed."""
    try:
        return process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"still running after {seconds} s: {process.communicate()[0]}") from None


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str], seconds: float = 300) -> None:
    """Wait until something holds, while a process runs."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"ended too early: {process.communicate()[0]}"
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.02)


def process_of(trial: Path) -> int | None:
    """The process that trains a trial: the one that writes its log."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if any(link.readlink() == trial / "log.txt" for link in (entry / "fd").iterdir()):
                return int(entry.name)
        except OSError:  # it has ended meanwhile, or isn't ours
            continue
    return None


def epochs(trial: Path) -> int:
    """How many epochs a trial has finished."""
    path = trial / "metrics.csv"
    return max(0, len(path.read_text().splitlines()) - 1) if path.exists() else 0


def has_saved(trial: Path) -> bool:
    """Whether the checkpoint of a trial's last finished epoch is written."""
    last, metrics = trial / "checkpoints" / "last.ckpt", trial / "metrics.csv"
    return last.exists() and metrics.exists() and last.stat().st_mtime_ns > metrics.stat().st_mtime_ns
