"""List or clear packed pictures: python -m src.data [clear=NAME|all]."""

import time
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from rich.table import Table

from huesweep.data.store import describe_pack, remove_pack
from huesweep.errors import printable, unknown
from huesweep.io.terminal import plain_table, table_console

MIB = 2**20


def main(config: DictConfig, clear: str = "") -> None:
    """Print a line a pack, or remove the packs that are named."""
    folder = Path(config.paths.cache) / "packs"
    packs = sorted(folder.glob("*.u8"))
    if clear:
        for pack in _chosen(packs, clear):
            remove_pack(pack)
            print(f"removed {pack}")
    elif not packs:
        print(f"no packs in {folder}")
    else:
        table_console().print(_table(packs))
        for note in (f"{pack.stem}: {note}" for pack in packs for note in _about(pack).get("notes", [])):
            print(printable(note))
        size = sum(pack.stat().st_size for pack in packs) / MIB
        print(f"{size:.1f} MiB in {folder}; clear=NAME or clear=all removes")


def _chosen(packs: list[Path], clear: str) -> list[Path]:
    chosen = [pack for pack in packs if clear in ("all", pack.stem, pack.stem.rsplit("-", 1)[0])]
    if not chosen and clear != "all":
        raise unknown("pack", clear, [pack.stem for pack in packs])
    return chosen


def _table(packs: list[Path]) -> Table:
    columns = {"pack": False, "split": False, "pictures": True, "size": True, "MiB": True, "made": False}
    rows = []
    for pack in packs:
        about = _about(pack)
        count, _, height, width = about.get("shape", [0, 3, 0, 0])
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(pack.stat().st_mtime))
        split = about.get("origin", {}).get("split", "all")
        size = f"{pack.stat().st_size / MIB:.1f}"
        rows.append((pack.stem, split, f"{count:,}", f"{width}x{height}", size, made))
    return plain_table(columns, rows)


def _about(pack: Path) -> dict[str, Any]:
    try:
        return describe_pack(pack)
    except (OSError, ValueError):
        return {"notes": ["has no description: it is being made, or was left behind"]}
