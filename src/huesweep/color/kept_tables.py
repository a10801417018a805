"""Tables of nearest colors, made once: by a process, and by all processes that share a cache folder."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from huesweep.color.nearest import nearest_table, table_type
from huesweep.io.cache import TABLES
from huesweep.io.digest import code_digest, digest_of
from huesweep.io.sealed import read_sealed, write_sealed

MOST = 4  # kept by a process, of 16 or 64 MiB each: the trials of a sweep share palettes
Key = tuple[str, tuple[tuple[float, ...], ...]]
_known: dict[Key, Tensor] = {}  # the one used last comes last


def kept_table(
    space: str, centers: Tensor, coordinates: Callable[[Tensor], Tensor], cache: Path | None = None
) -> Tensor:
    """The nearest_table of centers, (K, C), in a space.

    space: a name for what `coordinates` gives. cache: a folder of what is kept, taken from and added to; None for none.
    """
    key = space, tuple(map(tuple, centers.tolist()))
    table = _known.pop(key, None)
    path = None if cache is None else cache / TABLES / digest_of(code_digest("color"), space, centers)
    if path is None:
        table = nearest_table(centers, coordinates) if table is None else table
    elif table is None or not path.exists():
        kept = read_sealed(path)
        if table is None and kept is not None:
            table = torch.frombuffer(bytearray(kept), dtype=table_type(len(centers)))
        elif table is None:
            table = nearest_table(centers, coordinates)
        if kept is None:
            write_sealed(path, table.numpy().tobytes())
    _known[key] = table
    for oldest in list(_known)[:-MOST]:
        del _known[oldest]
    return table
