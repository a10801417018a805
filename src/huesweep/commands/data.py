"""List, check or clear what is packed and kept: python -m src.data [verify=NAME|all] [clear=NAME|all]."""

import time
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass
from rich.table import Table

from huesweep.configuration import options_of, paths_of
from huesweep.data.store import describe_pack, is_pack_whole, remove_pack, remove_unfinished
from huesweep.errors import UsageError, printable, unknown
from huesweep.io.cache import BESIDE_PACKS, MAPS, PACKS
from huesweep.io.leftovers import is_claimed, remove_leftovers
from huesweep.io.terminal import plain_table, table_console
from huesweep.registry import CHECKS

MIB = 2**20
ALL = "all"


@dataclass(frozen=True, config=CHECKS)
class DataOptions:
    """conf/packs.yaml has none, beside its paths."""


def main(config: DictConfig, clear: str = "", verify: str = "") -> None:
    """Print a line a pack, or remove the packs that are named, or compare those with their checksums.

    `clear=all` removes all that is kept for later. Raises UsageError for packs that are damaged.
    """
    options_of(DataOptions, config, "paths")
    cache = Path(paths_of(config).cache)
    folder = cache / PACKS
    remove_unfinished(folder)
    packs = sorted(folder.glob("*.u8"))
    if clear:
        for pack in _chosen(packs, clear):
            remove_pack(pack)
            print(f"removed {pack}")
        if clear == ALL:
            _clear_rest(cache)
    elif verify:
        _verify(_chosen(packs, verify))
    elif not packs:
        print(f"no packs in {folder}")
        _tell_maps(cache)
    else:
        table_console().print(_table(packs))
        for note in (f"{pack.stem}: {note}" for pack in packs for note in _about(pack).get("notes", [])):
            print(printable(note))
        size = sum(pack.stat().st_size for pack in packs) / MIB
        print(f"{size:.1f} MiB in {folder}; clear=NAME or clear=all removes, verify=NAME or verify=all checks")
        _tell_maps(cache)


def _chosen(packs: list[Path], wanted: str) -> list[Path]:
    chosen = [pack for pack in packs if wanted in (ALL, pack.stem, pack.stem.rsplit("-", 1)[0])]
    if not chosen and wanted != ALL:
        raise unknown("pack", wanted, [pack.stem for pack in packs])
    return chosen


def _verify(packs: list[Path]) -> None:
    damaged = []
    for pack in packs:
        is_whole = is_pack_whole(pack)
        print(f"{'whole' if is_whole else 'damaged'} {pack}")
        damaged += [] if is_whole else [pack.stem]
    if damaged:
        raise UsageError(f"{len(damaged)} of {len(packs)} packs are damaged: clear={damaged[0]} has it made again")


def _tell_maps(cache: Path) -> None:
    if size := sum(path.stat().st_size for path in (cache / MAPS).glob("*.f16")) / MIB:
        print(f"{size:.1f} MiB of frozen encoders' maps in {cache / MAPS}; clear=all removes them too")


def _clear_rest(cache: Path) -> None:
    """Remove what is kept beside packs, and what is left of packs that are no more."""
    for folder in (cache / name for name in BESIDE_PACKS):
        remove_leftovers(folder)
        kept = [path for path in folder.glob("[!.]*") if path.is_file()]
        for path in kept:
            path.unlink(missing_ok=True)
        if kept:
            print(f"removed {len(kept)} files in {folder}")
    packs = cache / PACKS
    for path in (*packs.glob("*.json"), *packs.glob("*.seen"), *packs.glob("*.lock")):
        if not path.with_suffix(".u8").exists() and not is_claimed(path):
            path.unlink(missing_ok=True)


def _table(packs: list[Path]) -> Table:
    columns = {"pack": False, "split": False, "pictures": True, "size": True, "MiB": True, "made": False}
    rows = []
    for pack in packs:
        about = _about(pack)
        count, _, height, width = about.get("shape", [0, 3, 0, 0])
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(pack.stat().st_mtime))
        origin = about.get("origin", {})
        split = origin.get("split", "all")
        split = f"part of {split}" if origin.get("is_part") else split
        size = f"{pack.stat().st_size / MIB:.1f}"
        rows.append((pack.stem, split, f"{count:,}", f"{width}x{height}", size, made))
    return plain_table(columns, rows)


def _about(pack: Path) -> dict[str, Any]:
    try:
        return describe_pack(pack)
    except (OSError, ValueError):
        return {"notes": ["has no description: it is being made, or was left behind"]}
