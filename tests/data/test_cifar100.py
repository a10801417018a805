"""The CIFAR-100 source: fine and coarse labels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huesweep.data.pictures import SPLITS
from huesweep.data.sources.cifar100 import COARSE, FINE, Cifar100Source
from huesweep.errors import UsageError
from tests import python2


def source(root: Path, cache: Path, **options: Any) -> Cifar100Source:
    defaults: dict[str, Any] = {"labels": "fine", "download": False, "url": None, "md5": None, "verify": False}
    defaults |= {"classes": None, "validation": 0.1, "seed": 0}
    return Cifar100Source(root=str(root), home="unused", cache=str(cache), **{**defaults, **options})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """200 training and 100 test pictures: each one's first level is its fine label, its second the coarse one."""
    folder = tmp_path / "root" / "cifar-100-python"
    folder.mkdir(parents=True)
    for name, count in (("train", 200), ("test", 100)):
        fine = np.arange(count) % 100
        rows = np.zeros((count, 3072), np.uint8)
        rows[:, 0], rows[:, 1024] = fine, fine // 5
        batch = {b"data": rows, b"fine_labels": fine.tolist(), b"coarse_labels": (fine // 5).tolist()}
        (folder / name).write_bytes(python2.dumps(batch))
    return tmp_path / "root"


@pytest.mark.parametrize(("labels", "channel", "classes"), [("fine", 0, FINE), ("coarse", 1, COARSE)])
def test_labels_are_fine_or_coarse(root: Path, tmp_path: Path, labels: str, channel: int, classes: list[str]) -> None:
    found = source(root, tmp_path / "cache", labels=labels).load("test")
    assert found.classes == classes
    assert (found.labels == found.pictures[:, channel, 0, 0]).all()


def test_splits_have_their_sizes(root: Path, tmp_path: Path) -> None:
    assert [len(source(root, tmp_path / "cache").load(split).pictures) for split in SPLITS] == [180, 20, 100]


def test_a_class_belongs_to_its_kind_of_label(root: Path, tmp_path: Path) -> None:
    assert len(source(root, tmp_path / "cache", classes=["apple", "rose"]).load("test").pictures) == 2
    with pytest.raises(UsageError, match=r"apple .*: aquatic_mammals"):
        source(root, tmp_path / "cache", labels="coarse", classes=["apple"]).check()


def test_a_batch_with_other_keys_is_refused(root: Path, tmp_path: Path) -> None:
    batch = {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 1]}
    (root / "cifar-100-python" / "test").write_bytes(python2.dumps(batch))
    with pytest.raises(UsageError, match=r"test .*cifar100.*fine_labels"):
        source(root, tmp_path / "cache").load("test")


def test_the_real_data_set_is_whole(data_root: Path, tmp_path: Path) -> None:
    found = source(data_root, tmp_path / "cache").load("test")
    assert len(found.pictures) == 2000
    assert found.labels.bincount().tolist() == [20] * 100
