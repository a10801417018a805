"""Pictures of a NumPy file: cut to squares, drawn by seed; a damaged file is told in a line."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from huesweep.data.pictures import SPLITS
from huesweep.data.sources.arrays import ArraysSource
from huesweep.errors import UsageError
from huesweep.io.fingerprint import fingerprint
from tests.memory import mapped_file

PICTURES = np.random.default_rng(0).integers(0, 256, (20, 6, 8, 3), dtype=np.uint8)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pictures.npy"
    np.save(path, PICTURES)
    return path


def source_of(file: Path, validation: float = 0.1, test: float = 0.1) -> ArraysSource:
    return ArraysSource(str(file), validation, test, 0, str(file.parent / "cache"))


def test_every_picture_is_in_one_split_cut_to_its_middle(file: Path) -> None:
    source = source_of(file, test=5)
    splits = [source.load("train"), source.load("validation"), source.load("test")]
    assert [len(split.pictures) for split in splits] == [13, 2, 5]
    found = torch.cat([split.pictures for split in splits])
    middle = torch.from_numpy(PICTURES[:, :, 1:7].transpose(0, 3, 1, 2).copy())
    assert {picture.numpy().tobytes() for picture in found} == {picture.numpy().tobytes() for picture in middle}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the kernel doesn't tell what is mapped")
def test_pictures_are_packed_and_mapped_until_the_file_changes(file: Path) -> None:
    before = source_of(file).load("train").pictures
    assert mapped_file(before).startswith(str(file.parent / "cache" / "arrays-"))
    np.save(file, 255 - PICTURES)
    assert source_of(file).load("train").pictures.equal(255 - before)


def packs(file: Path) -> int:
    """How many there are, once all splits of a file have been loaded by its fingerprint."""
    cache = file.parent / "cache" / "packs"
    known = fingerprint(file, (), cache.parent)
    source = ArraysSource(str(file), 0.1, 0.1, 0, str(cache), known)
    for split in SPLITS:
        source.load(split)
    return len(list(cache.glob("*.u8")))


def test_a_file_that_takes_anothers_place_has_packs_of_its_own(file: Path) -> None:
    before = source_of(file)
    np.save(file.parent / "other.npy", 255 - PICTURES)
    (file.parent / "other.npy").replace(file)
    assert source_of(file).load("train").pictures.equal(255 - before.load("train").pictures)


def test_a_copy_a_move_and_a_touch_make_no_new_packs(file: Path) -> None:
    assert packs(file) == 3
    os.utime(file, (1, 1))
    copy = Path(shutil.copy(file, file.with_name("copy.npy")))
    moved = file.rename(file.with_name("moved.npy"))
    assert packs(copy) == packs(moved) == 3


def test_a_fingerprint_of_another_file_names_no_packs(file: Path) -> None:
    other = file.with_name("other.npy")
    np.save(other, 255 - PICTURES)
    cache = file.parent / "cache" / "packs"
    known = fingerprint(file, (), cache.parent)
    pictures = [
        ArraysSource(str(path), 0.1, 0.1, 0, str(cache), known).load("train").pictures for path in (other, file)
    ]
    assert pictures[0].equal(255 - pictures[1])


@pytest.mark.parametrize(("test", "count"), [(0, 0), (0.01, 1), (0.2, 4)])
def test_none_are_for_testing_only_where_that_is_asked_for(file: Path, test: float, count: int) -> None:
    assert len(source_of(file, validation=0, test=test).load("test").pictures) == count


@pytest.mark.parametrize(
    "content",
    [
        lambda whole: whole[:0],
        lambda whole: whole[:40],
        lambda whole: whole[:-5],
        lambda whole: b"PK\x03\x04" + whole[4:],
        lambda whole: whole.replace(b"(20,", b"(-9,"),
        lambda whole: whole.replace(b"(20, 6, 8, 3), }" + 18 * b" ", b"(20" + 18 * b"0" + b", 6, 8, 3), }"),
    ],
)
def test_a_damaged_file_is_told_in_a_line(file: Path, content: object) -> None:
    file.write_bytes(content(file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"pictures\.npy can't be read: not a whole NumPy file of numbers$"):
        source_of(file)


@pytest.mark.parametrize("array", [PICTURES[..., 0], PICTURES / 255, PICTURES[:1], PICTURES[:, :2]])
def test_other_arrays_are_refused(file: Path, array: np.ndarray) -> None:
    np.save(file, array)
    with pytest.raises(UsageError, match=r"must hold uint8 pictures|too few or too small"):
        source_of(file)
