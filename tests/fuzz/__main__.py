"""Read mutated files with one reader: `python -m tests.fuzz NAME SEED COUNT`, in a folder that holds nothing else.

Ends with status 1 and a traceback where a reader answers in another way than with its refusals, and leaves the file.
"""

import faulthandler
import json
import os
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.mutations import mutate
from tests.fuzz.readers import READERS
from tests.memory import peak_memory

PATIENCE = 20  # seconds for one file
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ForbiddenAction(BaseException):
    """What no reader may do. Not an Exception, as readers may turn those into refusals."""


class Watch:
    """Stops connections, programs and changes of files while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
        if writes or event.startswith((*FORBIDDEN, *CHANGES)):
            self.is_on = False
            raise ForbiddenAction(f"{event} {arguments}")


def run(name: str, seed: int, count: int) -> dict[str, float]:
    """Read the seeds, which must succeed, then `count` mutated files. Tells how many were read and refused."""
    folder = Path.cwd()
    tempfile.tempdir = str(folder)
    sys.dont_write_bytecode = True
    reader = READERS[name]()
    path = folder / reader.file
    path.parent.mkdir(parents=True, exist_ok=True)
    seeds = reader.seeds()
    watch = Watch()
    refused = 0
    for index in range(-len(seeds), count):
        random = Random(f"{name} {seed} {index}")
        content = seeds[index] if index < 0 else mutate(seeds[index % len(seeds)], seeds, random)
        content = reader.wrap(content)
        path.write_bytes(content)
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        watch.is_on = True
        try:
            reader.read(path)
        except reader.refusals as error:
            if index < 0 or not str(error).isprintable():  # a line, which changes nothing about the terminal
                raise
            refused += 1
        watch.is_on = False
        there = [file for file in folder.rglob("*") if not file.is_dir()]
        if there != [path] or path.read_bytes() != content:
            raise ForbiddenAction(f"file {index}: the reader left {there}")
    faulthandler.cancel_dump_traceback_later()
    path.unlink()
    return {"read": count - refused, "refused": refused, "peak_mib": peak_memory()}


if __name__ == "__main__":
    faulthandler.enable()
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
