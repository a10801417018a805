"""Decoding many picture files at once, in the order of their list, with a progress bar."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from huesweep.data.decoding import Fit, UnreadableError, fit_to, read_rgb
from huesweep.data.store import Chunk

CHUNK = 128  # files decoded between two writes
Keep = Callable[[np.ndarray], bool]


def decode_files(
    files: Sequence[tuple[Path, int]],
    size: int,
    fit: Fit,
    what: str,
    on_unreadable: Callable[[Path, str], None],
    keep: Keep = lambda _: True,
) -> Iterator[Chunk]:
    """Yield the pictures of (path, label) pairs, as uint8 (n, 3, size, size), in order.

    what: named beside the bar. on_unreadable: told of each file that can't be read and why; may raise to stop.
    keep: says of each picture whether it stays. Decoding runs in threads, as Pillow leaves the interpreter to others.
    """

    def decode(path: Path) -> np.ndarray | str:
        try:
            return fit_to(read_rgb(path), size, fit)
        except UnreadableError as error:
            return str(error)

    console = Console(file=sys.stderr, markup=False, emoji=False)
    if not console.is_terminal:
        console.print(f"packing {len(files)} pictures of {what}", highlight=False)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chunks = [files[start : start + CHUNK] for start in range(0, len(files), CHUNK)]
        for chunk in track(
            chunks, f"packing {escape(what)}", console=console, disable=not console.is_terminal, transient=True
        ):
            pictures, labels = [], []
            for (path, label), picture in zip(chunk, pool.map(decode, [path for path, _ in chunk]), strict=True):
                if isinstance(picture, str):
                    on_unreadable(path, picture)
                elif keep(picture):
                    pictures.append(picture)
                    labels.append(label)
            if pictures:
                yield Chunk(np.stack(pictures), np.array(labels))
