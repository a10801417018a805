"""Files of a cache, with a checksum: what is damaged counts as missing, and what can't be kept is made again."""

import hashlib
from pathlib import Path

from huesweep.io.atomic import write_atomically
from huesweep.io.disk import disk_error
from huesweep.io.terminal import remark


def read_sealed(path: Path) -> bytes | None:
    """What write_sealed has put into a file; None where there is none, or its content is not what was written."""
    try:
        seal, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if seal == _seal(content) else None


def write_sealed(path: Path, content: bytes) -> None:
    """Keep content in one step. A disk that is full or can't be written to is told of, and the work goes on."""
    try:
        write_atomically(path, lambda file: file.write(_seal(content) + b"\n" + content))
    except OSError as error:
        told = disk_error(error, "set paths.cache")
        if told is None:
            raise
        remark(f"not kept for later: {told}")


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
