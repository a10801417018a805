"""Damaged archives, batches and configurations: read or refused in one line, and nothing lands outside the folder."""

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from omegaconf import OmegaConf

from huesweep.data.sources.cifar10 import Cifar10Source
from huesweep.errors import UsageError
from huesweep.inference.trial_data import data_of_trial
from huesweep.io.archives import ArchiveError, Bounds, Budget, extract
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.training.identity import config_hash
from tests import python2
from tests.data.test_cifar10 import BATCHES
from tests.fuzz.mutations import mutations

COUNT = 600
FOLDER = "cifar-10-batches-py"
BOUNDS = Bounds(download=10**6, unpacked=10**6, members=50)


def batches() -> dict[str, bytes]:
    """A CIFAR-10 folder of two pictures a batch, by name."""
    rows = np.arange(2 * 3072, dtype=np.uint8).reshape(2, 3072)
    return {f"{FOLDER}/{name}": python2.dumps({b"data": rows, b"labels": [0, 1]}) for name in BATCHES}


def damaged_tars() -> Iterator[bytes]:
    """Damage below the compression and, for one in four, in it."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in {**batches(), f"{FOLDER}/{'n' * 120}": b"long", "../out": b"x"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content) if len(content) < 5000 else 600  # most of a file is headers, to be hit
            if name == "../out":
                member.name, member.type, member.linkname = f"{FOLDER}/way", tarfile.DIRTYPE, "../../.."
                member.size = 0
            tar.addfile(member, io.BytesIO(content))
    content = plain.getvalue()[: plain.tell()]
    for index, damaged in enumerate(mutations(content, COUNT, seed=0, most=1)):
        if index % 4:
            yield gzip.compress(_with_checksums(damaged), 1)
        else:
            yield next(mutations(gzip.compress(content, 1), 1, seed=index))


def _with_checksums(content: bytes) -> bytes:
    """Headers whose checksums are right again, so that what is wrong in them is met."""
    blocks = bytearray(content)
    for start in range(0, len(blocks) - 511, 512):
        if blocks[start + 257 : start + 262] == b"ustar":
            blocks[start + 148 : start + 156] = b" " * 8
            blocks[start + 148 : start + 156] = b"%06o\0 " % sum(blocks[start : start + 512])
    return bytes(blocks)


def damaged_zips() -> Iterator[bytes]:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in batches().items():
            archive.writestr(name, content[:300])
        for name, mode in ((f"{FOLDER}/empty/", stat.S_IFDIR), (f"{FOLDER}/x", stat.S_IFREG)):
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, b"../../../out" if mode == stat.S_IFREG else b"")
    yield from mutations(plain.getvalue(), COUNT, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_a_damaged_archive_is_unpacked_within_its_folder_or_refused(tmp_path: Path, ending: str) -> None:
    inner = tmp_path / "a" / "b" / "c"
    inner.mkdir(parents=True)
    archive = tmp_path / f"archive{ending}"
    counts = [0, 0]
    for content in damaged_tars() if ending == ".tar.gz" else damaged_zips():
        archive.write_bytes(content)
        told = ""
        try:
            extract(archive, inner / "out", Budget(BOUNDS))
        except (ArchiveError, OSError) as error:  # a name, say, that the file system does not take
            told = str(error)
        assert told.isprintable()
        counts[bool(told)] += 1
        found = list((inner / "out").rglob("*"))
        assert not any(path.is_symlink() for path in found)
        assert sum(path.stat().st_size for path in found if path.is_file()) <= BOUNDS.unpacked
        shutil.rmtree(inner / "out")
        assert [*inner.iterdir()] == []
    assert {path.name for path in tmp_path.rglob("*")} == {"a", "b", "c", archive.name}
    assert min(counts) > 0  # both ways were gone


@pytest.mark.slow
def test_a_data_set_out_of_a_damaged_archive_is_read_or_refused(tmp_path: Path) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in batches().items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    counts = [0, 0]
    for damaged in mutations(plain.getvalue()[: plain.tell()], COUNT, seed=2, most=2):
        root = tmp_path / "root"
        (tmp_path / "archive.tar.gz").write_bytes(gzip.compress(damaged, 1))
        told = ""
        try:
            extract(tmp_path / "archive.tar.gz", root, Budget(BOUNDS))
            source = Cifar10Source(str(root), "", False, None, None, None, 0, str(tmp_path / "cache"), False, 0.0)
            source.check()
            (chunk,) = source._read("test")
            assert chunk.pictures.shape[1:] == (3, 32, 32)
        except (ArchiveError, UsageError) as error:
            told = str(error)
        counts[bool(told)] += 1
        shutil.rmtree(root)
    assert min(counts) > COUNT // 50


CONFIG = {
    "data": {"name": "caltech101", "size": 32, "train": 64, "classes": ["a", "b"], "url": None, "seed": 0, "test": 0.5},
    "trainer": {"max_epochs": 2, "devices": 1},
    "batch": {"size": 32, "flip": True},
    "paths": {"outputs": "out"},
    "model": {"encoder": {"widths": [4, 8]}, "text": "a: 'quoted' \"text\" \u00e9"},
}


@pytest.mark.slow
def test_a_damaged_configuration_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    (tmp_path / "checkpoints").mkdir()
    ours = {"outputs": "o", "cache": "c", "data": "d"}
    original = OmegaConf.to_yaml(OmegaConf.create(CONFIG)) + f"flow: {yaml.safe_dump(CONFIG, default_flow_style=True)}"
    counts = [0, 0]
    for damaged in mutations(original.encode(), 2 * COUNT, seed=3, most=1):
        path.write_bytes(damaged)
        told = ""
        try:
            config_hash(read_plain_yaml(path))
            data = data_of_trial(tmp_path / "checkpoints" / "best.ckpt", ours, {})
            assert data["cache"] == "c/packs"
            assert data["_target_"].startswith("huesweep.data.sources.")
        except UsageError as error:
            told = str(error)
        assert len(told.splitlines()) < 2
        counts[bool(told)] += 1
    assert min(counts) > COUNT // 50
