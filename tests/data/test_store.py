"""Packs: made once, mapped afterwards, made again when damaged."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock

from huesweep.data.checksums import checksum_of
from huesweep.data.pictures import PictureSet
from huesweep.data.store import Chunk, Contents, PackStore, part_of_set
from huesweep.errors import UsageError
from tests.disks import full, read_only

ORIGIN = {"source": "test", "seed": 0}
PICTURES = torch.arange(3 * 3 * 4 * 5, dtype=torch.uint8).view(3, 3, 4, 5)
LABELS = torch.tensor([0, 1, 0])


class Maker:
    """Makes the same three pictures and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Contents:
        self.calls += 1
        chunks = [Chunk(PICTURES[:2].numpy(), LABELS[:2].numpy()), Chunk(PICTURES[2:].numpy(), LABELS[2:].numpy())]
        return Contents(["cat", "dog"], chunks, [])


def same(one: PictureSet, other: PictureSet) -> bool:
    return (
        torch.equal(one.pictures, other.pictures)
        and torch.equal(one.labels, other.labels)
        and one.classes == other.classes
    )


def test_a_pack_is_made_once(tmp_path: Path) -> None:
    make = Maker()
    first = PackStore(tmp_path).load(ORIGIN, make)
    assert same(first, PictureSet(PICTURES, LABELS, ["cat", "dog"]))
    assert same(PackStore(tmp_path).load(ORIGIN, make), first)
    assert make.calls == 1


def test_another_origin_is_another_pack(tmp_path: Path) -> None:
    make = Maker()
    store = PackStore(tmp_path)
    store.load(ORIGIN, make)
    store.load({**ORIGIN, "seed": 1}, make)
    assert make.calls == 2


def test_a_part_of_a_part_is_told_from_the_same_places_of_another(tmp_path: Path) -> None:
    whole = PackStore(tmp_path).load(ORIGIN, Maker())
    for kept in ([2, 0], [1, 2]):
        first = part_of_set(whole, np.array(kept))
        assert same(first, PictureSet(PICTURES[kept], LABELS[kept], ["cat", "dog"]))
        second = part_of_set(first, np.array([1]))
        assert same(second, PictureSet(PICTURES[kept[1:]], LABELS[kept[1:]], ["cat", "dog"]))
    assert part_of_set(whole, np.array([], np.int64)).pictures.shape == (0, 3, 4, 5)


@pytest.mark.parametrize("suffix", [".u8", ".json"])
@pytest.mark.parametrize("left", [0, 20, 150])
def test_a_pack_that_is_cut_off_is_made_again(tmp_path: Path, suffix: str, left: int) -> None:
    make = Maker()
    whole = PackStore(tmp_path).load(ORIGIN, make)
    whole = PictureSet(whole.pictures.clone(), whole.labels, whole.classes)
    path = next(tmp_path.glob(f"*{suffix}"))
    content = path.read_bytes()
    path.write_bytes(content[:left])
    assert same(PackStore(tmp_path).load(ORIGIN, make), whole)
    assert path.read_bytes() == content


def test_writing_to_pictures_does_not_reach_the_pack(tmp_path: Path) -> None:
    PackStore(tmp_path).load(ORIGIN, Maker()).pictures.zero_()
    assert torch.equal(PackStore(tmp_path).load(ORIGIN, Maker()).pictures, PICTURES)


def test_a_pack_may_be_empty(tmp_path: Path) -> None:
    for _ in range(2):
        assert len(PackStore(tmp_path).load(ORIGIN, lambda: Contents(["cat"], [], [])).pictures) == 0


def test_notes_about_a_strangers_files_do_not_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = Contents([], [], ["skipped \x1b[2J.jpg: empty"])
    PackStore(tmp_path).load({"source": "test"}, lambda: empty)
    assert capsys.readouterr().err == "skipped \\x1b[2J.jpg: empty\n"


def test_a_failure_while_packing_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[Chunk]:
        yield Chunk(PICTURES.numpy(), LABELS.numpy())
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError, match="the power went out"):
        PackStore(tmp_path).load(ORIGIN, lambda: Contents(["cat", "dog"], chunks(), []))
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_a_full_disk_gives_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from huesweep.data.store import Chunk, Contents, PackStore, part_of_set
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
chunk = Chunk(np.zeros((2, 3, 32, 32), np.uint8), np.zeros(2, np.int64))
try:
    PackStore(Path(sys.argv[1])).load({"source": "test"}, lambda: Contents(["cat"], [chunk] * 3, []))
except ValueError as error:
    print(type(error).__name__, error)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout
    assert found.startswith("UsageError ")
    assert str(tmp_path) in found
    assert "paths.cache" in found
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def make_slowly(folder: str, log: str) -> None:
    def make() -> Contents:
        with Path(log).open("a") as file:
            file.write("made\n")
        time.sleep(0.5)
        return Maker()()

    assert torch.equal(PackStore(Path(folder)).load(ORIGIN, make).pictures, PICTURES)


@pytest.mark.slow
def test_of_processes_that_start_at_once_one_makes_the_pack(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "packs"), str(tmp_path / "log"))
    processes = [context.Process(target=make_slowly, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "made\n"


def flip(path: Path, place: int, *, is_noticed: bool = True) -> None:
    """Change a bit of a file. is_noticed: its times tell."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(bytes(content))
    times = (before.st_atime_ns, before.st_mtime_ns + (1 if is_noticed else 0))
    os.utime(path, ns=times)


@pytest.mark.parametrize("suffix", [".u8", ".json"])
def test_a_pack_with_a_flipped_bit_is_made_again(tmp_path: Path, suffix: str) -> None:
    make = Maker()
    store = PackStore(tmp_path)
    store.load(ORIGIN, make)
    path = next(tmp_path.glob(f"*{suffix}"))
    place = path.read_bytes().index(b'"labels": [0') + len('"labels": [') if suffix == ".json" else 7
    flip(path, place)
    assert same(store.load(ORIGIN, make), PictureSet(PICTURES, LABELS, ["cat", "dog"]))
    assert make.calls == 2


def test_a_pack_is_compared_with_its_checksum_once_between_two_starts_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = tmp_path / "boot"
    boot.write_text("first\n")
    monkeypatch.setattr("huesweep.data.checksums.BOOT", boot)
    counted: list[Path] = []

    def count(path: Path) -> int:
        counted.append(path)
        return checksum_of(path)

    monkeypatch.setattr("huesweep.data.checksums.checksum_of", count)
    make = Maker()
    store = PackStore(tmp_path / "packs")
    for start, expected in (("first", 0), ("second", 1), ("second", 1), ("third", 2)):
        boot.write_text(start)
        monkeypatch.setattr("huesweep.data.checksums._seen", set())  # as another process finds it
        store.load(ORIGIN, make)
        assert len(counted) == expected
    flip(next((tmp_path / "packs").glob("*.u8")), 7, is_noticed=False)
    store.load(ORIGIN, make)
    assert make.calls == 1
    boot.write_text("fourth")
    store.load(ORIGIN, make)
    assert make.calls == 2


def test_what_a_killed_process_left_of_a_pack_is_removed(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    store.load(ORIGIN, Maker())
    there = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "other-0123456789abcdef.u8").write_bytes(b"a whole pack without its description")
    (tmp_path / ".other-0123456789abcdef.u8.abcd1234.part").write_bytes(b"half")
    with FileLock(tmp_path / "busy-0123456789abcdef.lock"):
        (tmp_path / "busy-0123456789abcdef.u8").write_bytes(b"somebody is at work on it")
        store.load(ORIGIN, Maker())
    left = {path.name for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert left == {name for name in there if not name.endswith(".lock")} | {"busy-0123456789abcdef.u8"}


def test_packs_that_are_there_are_read_from_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    store = PackStore(tmp_path)
    store.load(ORIGIN, Maker())
    with read_only(tmp_path):
        assert torch.equal(store.load(ORIGIN, Maker()).pictures, PICTURES)
        with pytest.raises(UsageError, match=r"Permission denied.*paths\.cache"):
            store.load({**ORIGIN, "seed": 1}, Maker())


def test_a_part_whose_pack_cannot_be_made_is_held_in_memory(tmp_path: Path) -> None:
    whole = PackStore(tmp_path).load(ORIGIN, Maker())
    kept = np.array([2, 0])
    for closed in (read_only(tmp_path), full(60)):
        with closed:
            part = part_of_set(whole, kept)
        assert same(part, PictureSet(PICTURES[kept], LABELS[kept], ["cat", "dog"]))
        assert part.pack is None
    assert len(list(tmp_path.glob("*.u8"))) == 1
    assert list(tmp_path.glob(".*")) == []
    assert part_of_set(whole, kept).pack is not None
