"""The CIFAR-10 source, on a small copy that the test writes and on the real one."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from huesweep.data.pictures import SPLITS
from huesweep.data.sources.cifar10 import CLASSES, Cifar10Source
from huesweep.errors import UsageError
from tests import hostile_pickles, python2

BATCHES = [f"data_batch_{index}" for index in range(1, 6)] + ["test_batch"]
PER_BATCH = 40


def write_copy(root: Path) -> None:
    """A CIFAR-10 folder with 40 pictures a batch: each picture's first pixel tells its label and where it stands."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for number, name in enumerate(BATCHES):
        labels = np.arange(PER_BATCH) % 10
        rows = np.zeros((PER_BATCH, 3072), np.uint8)
        rows[:, 0], rows[:, 1024], rows[:, 2048] = labels, number, np.arange(PER_BATCH)
        (folder / name).write_bytes(python2.dumps({b"data": rows, b"labels": labels.tolist()}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_copy(tmp_path / "root")
    return tmp_path / "root"


def source(root: Path | None, cache: Path, **options: Any) -> Cifar10Source:
    defaults: dict[str, Any] = {"download": False, "url": None, "md5": None, "verify": False, "classes": None}
    defaults |= {"validation": 0.1, "seed": 0}
    return Cifar10Source(str(root) if root else None, str(cache / "home"), **{**defaults, **options}, cache=str(cache))


def facts(pictures: torch.Tensor) -> set[tuple[int, ...]]:
    return {tuple(picture[:, 0, 0].tolist()) for picture in pictures}


def test_all_pictures_come_once_and_validation_is_cut_from_training(root: Path, tmp_path: Path) -> None:
    splits = {name: source(root, tmp_path).load(name) for name in SPLITS}
    assert {name: len(split.pictures) for name, split in splits.items()} == {"train": 180, "validation": 20, "test": 40}
    training = facts(splits["train"].pictures) | facts(splits["validation"].pictures)
    assert training == {(label % 10, batch, label) for batch in range(5) for label in range(PER_BATCH)}
    assert facts(splits["test"].pictures) == {(label % 10, 5, label) for label in range(PER_BATCH)}
    assert torch.equal(splits["test"].labels, splits["test"].pictures[:, 0, 0, 0].long())


def test_classes_are_selected_and_counted_in_their_order(root: Path, tmp_path: Path) -> None:
    test = source(root, tmp_path, classes=["horse", "cat"]).load("test")
    assert test.classes == ["horse", "cat"]
    assert [CLASSES[label] for label in test.pictures[:, 0, 0, 0].tolist()] == ["cat", "horse"] * 4
    assert test.labels.tolist() == [1, 0] * 4


def test_the_validation_split_is_fixed_by_its_seed(root: Path, tmp_path: Path) -> None:
    same, again, other = (
        facts(source(root, tmp_path / name, seed=seed).load("validation").pictures)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert same == again != other


def test_validation_can_be_none(root: Path, tmp_path: Path) -> None:
    whole = source(root, tmp_path, validation=0)
    assert len(whole.load("train").pictures) == 200
    assert whole.load("validation").pictures.shape == (0, 3, 32, 32)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["hors"]}, r"hors .*did you mean horse\?.*airplane, automobile"),
        ({"classes": ["cat", "cat"]}, r"data\.classes.*cat, cat"),
        ({"validation": 1.5}, r"(?s)validation.*input_value=1.5"),
    ],
)
def test_wrong_options_are_refused(root: Path, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        source(root, tmp_path, **options).check()


def test_a_missing_root_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.root=.*nowhere.*cifar-10-batches-py"):
        source(tmp_path / "nowhere", tmp_path, download=True).check()


def test_a_root_without_the_data_set_is_refused_when_nothing_may_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.root=.*cifar-10-batches-py.*data\.download=true"):
        source(tmp_path, tmp_path).check()


def test_a_changed_file_is_refused_unless_told_not_to_verify(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"test_batch .*md5.*data.verify=false"):
        source(root, tmp_path, verify=True).load("test")
    assert len(source(root, tmp_path, verify=False).load("test").pictures) == PER_BATCH


class Hostile:
    """Pickles into a call of os.mkdir."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02}q\x00.",  # an empty dictionary
        python2.dumps({b"data": np.zeros((2, 100), np.uint8), b"labels": [1, 2]}),
        python2.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 77]}),
        python2.dumps([1, 2, 3]),
        python2.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, b"2"]}),
        python2.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": np.array([0.5, 1])}),
        python2.dumps({b"data": np.zeros((0, 3072), np.uint8), b"labels": []}),
        python2.dumps({b"data": [1, 2], b"labels": [1, 2]}),
        *hostile_pickles.HOSTILE.values(),
    ],
)
def test_a_file_that_is_no_batch_is_refused(root: Path, tmp_path: Path, content: bytes) -> None:
    (root / "cifar-10-batches-py" / "test_batch").write_bytes(content)
    with pytest.raises(UsageError, match=r"test_batch .*cifar10"):
        source(root, tmp_path).load("test")


def test_a_pickle_that_would_run_code_is_refused_and_not_run(root: Path, tmp_path: Path) -> None:
    (root / "cifar-10-batches-py" / "test_batch").write_bytes(python2.dumps(Hostile(tmp_path / "ran")))
    with pytest.raises(UsageError, match=r"test_batch .*mkdir"):
        source(root, tmp_path).load("test")
    assert not (tmp_path / "ran").exists()


def test_a_missing_batch_is_named(root: Path, tmp_path: Path) -> None:
    (root / "cifar-10-batches-py" / "data_batch_3").unlink()
    with pytest.raises(UsageError, match="data_batch_3 "):
        source(root, tmp_path).load("train")


def test_the_real_data_set_is_whole(data_root: Path, tmp_path: Path) -> None:
    horses = source(data_root, tmp_path, classes=["horse"])
    assert [len(horses.load(split).pictures) for split in SPLITS] == [4500, 500, 1000]
