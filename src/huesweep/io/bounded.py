"""Files from strangers, read whole up to a size."""

from pathlib import Path


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a file. Raises ValueError for one of more than `most` bytes, or that is no file, and OSError."""
    if path.exists() and not path.is_file():
        raise ValueError("is not a file")  # a pipe would be waited for, a device never ends
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"is larger than {most:,} bytes")
    return content
