"""A person's own copy of a data set: where it is found, and what in it is not read."""

import os
from pathlib import Path

import pytest

from huesweep.data.sources.cifar10 import Cifar10Source
from huesweep.errors import UsageError
from tests.data.copies import WANTED, cifar, pack, visible
from tests.data.test_cifar10 import write_copy


@pytest.mark.parametrize("leads_to", ["/etc/passwd", "../elsewhere", "nowhere"])
def test_a_batch_that_is_a_link_out_of_its_folder_is_refused(tmp_path: Path, leads_to: str) -> None:
    write_copy(tmp_path / "root")
    batch = tmp_path / "root" / WANTED / "test_batch"
    batch.rename(tmp_path / "root" / "elsewhere")
    batch.symlink_to(leads_to)
    with pytest.raises(UsageError, match=r"test_batch is (a link out of|no plain file)"):
        cifar(tmp_path / "root", tmp_path / "cache").load("test")


def test_a_batch_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    write_copy(tmp_path / "root")
    batch = tmp_path / "root" / WANTED / "test_batch"
    batch.unlink()
    os.mkfifo(batch)
    with pytest.raises(UsageError, match="test_batch is no plain file"):
        cifar(tmp_path / "root", tmp_path / "cache").load("test")


def test_a_data_sets_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    write_copy(tmp_path / "big")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / WANTED).symlink_to(tmp_path / "big" / WANTED)
    assert len(cifar(tmp_path / "root", tmp_path / "cache").load("test").pictures) == 40


@pytest.mark.parametrize("place", ["", "below"])
def test_a_file_for_a_root_is_refused_as_a_file(tmp_path: Path, place: str) -> None:
    (tmp_path / "x.png").touch()
    with pytest.raises(UsageError, match=r"^data\.root=.*/x\.png is a file: name a folder"):
        cifar(tmp_path / "x.png" / place, tmp_path / "cache").check()


@pytest.mark.parametrize("place", ["", WANTED])
def test_a_copy_is_found_whether_its_folder_is_named_or_the_one_above(tmp_path: Path, place: str) -> None:
    write_copy(tmp_path / "root")
    source = cifar(tmp_path / "root" / place, tmp_path / "cache")
    source.check()
    assert len(source.load("test").pictures) == 40


def test_a_copy_is_found_under_another_name(tmp_path: Path) -> None:
    write_copy(tmp_path / "root")
    (tmp_path / "root" / WANTED).rename(tmp_path / "pictures")
    assert len(cifar(tmp_path / "pictures", tmp_path / "cache").load("test").pictures) == 40


def test_an_archive_that_lies_where_the_copy_should_be_is_unpacked(tmp_path: Path) -> None:
    pack(tmp_path / "original", tmp_path / "root" / "cifar-10-python.tar.gz")
    source = cifar(tmp_path / "root", tmp_path / "cache")
    source.check()
    assert len(source.load("test").pictures) == 40
    assert visible(tmp_path / "root") == [WANTED, "cifar-10-python.tar.gz"]


def test_an_archive_that_is_cut_off_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "root" / "cifar-10-python.tar.gz"
    pack(tmp_path / "original", archive)
    archive.write_bytes(archive.read_bytes()[:1000])
    with pytest.raises(UsageError, match=r"cifar-10-python\.tar\.gz.*data\.root"):
        cifar(tmp_path / "root", tmp_path / "cache").load("test")


def test_an_empty_root_is_none(tmp_path: Path) -> None:
    write_copy(tmp_path / "home")
    source = Cifar10Source("", str(tmp_path / "home"), False, None, None, None, 0, str(tmp_path / "cache"), False, 0.1)
    source.check()
    assert len(source.load("test").pictures) == 40
