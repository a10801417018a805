"""Caltech-101: gray pictures dropped, splits stratified and fixed, the real ones read."""

import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from huesweep.data.decoding import fit_to, read_rgb
from huesweep.data.pictures import SPLITS, Split
from huesweep.data.sources.caltech101 import ARCHIVE, Caltech101Source
from huesweep.data.splitting import stratified_order
from huesweep.errors import UsageError
from tests.memory import mapped_file

DEFAULTS: dict[str, Any] = {"home": "unused", "download": False, "url": None, "md5": None, "size": 16, "fit": "crop"}
DEFAULTS |= {"classes": None, "min_colorfulness": 5.0, "train": None, "validation": 0.1, "test": 0.2, "seed": 0}


def source(root: Path, cache: Path, **options: Any) -> Caltech101Source:
    return Caltech101Source(root=str(root), cache=str(cache), **{**DEFAULTS, **options})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """40 and 20 colorful pictures of two classes, 5 gray ones, and some of no class."""
    random = np.random.default_rng(0)
    for name, count in (("cat", 40), ("dog", 20), ("BACKGROUND_Google", 7)):
        folder = tmp_path / "root" / ARCHIVE.folder / name
        folder.mkdir(parents=True)
        for index in range(count):
            pixels = np.zeros((30, 40, 3), np.uint8)
            pixels[:, :20, index % 3] = 255
            pixels[:, 20:] = random.integers(0, 256, 3)
            Image.fromarray(pixels).save(folder / f"image_{index:04d}.jpg")
    for index in range(5):
        Image.new("L", (30, 30), 30 * index).save(
            tmp_path / "root" / ARCHIVE.folder / "cat" / f"image_1{index:03d}.jpg"
        )
    return tmp_path / "root"


def test_gray_pictures_and_those_of_no_class_are_dropped(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [source(root, tmp_path / "cache").load(split) for split in SPLITS]
    assert found[0].classes == ["cat", "dog"]
    kept = sum(len(split.pictures) for split in found)
    assert f"dropped {65 - kept} of 65 pictures: colorfulness below 5" in capsys.readouterr().err
    assert 65 - kept >= 5
    everything = [source(root, tmp_path / "cache", min_colorfulness=0.0).load(split) for split in SPLITS]
    assert sum(len(split.pictures) for split in everything) == 65


def test_a_threshold_that_leaves_nothing_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.min_colorfulness=300.* 65 "):
        source(root, tmp_path / "cache", min_colorfulness=300.0).load("train")


def test_splits_have_the_sizes_asked_for_and_each_classs_share(root: Path, tmp_path: Path) -> None:
    chosen = source(root, tmp_path / "cache", min_colorfulness=0.0, test=13, validation=0, train=39)
    assert [len(chosen.load(split).pictures) for split in SPLITS] == [39, 0, 13]
    shares = chosen.load("train").labels.bincount().numpy() / 39
    np.testing.assert_allclose(shares, np.array([45, 20]) / 65, atol=0.03)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the kernel doesn't tell what is mapped")
def test_splits_are_mapped_each_the_same_pictures_in_the_same_order(root: Path, tmp_path: Path) -> None:
    chosen = source(root, tmp_path / "cache", min_colorfulness=0.0, test=13, train=30)
    files = sorted((root / ARCHIVE.folder).glob("[cd]*/*.jpg"))
    labels = np.array([["cat", "dog"].index(path.parent.name) for path in files])
    order = stratified_order(labels, seed=0)
    splits: dict[Split, np.ndarray] = {"test": order[:13], "validation": order[13:18], "train": order[18:48]}
    for split, expected in splits.items():
        for _ in range(2):
            found = chosen.load(split)
            assert found.labels.tolist() == labels[expected].tolist()
            assert found.pictures.numpy().tobytes() == b"".join(
                fit_to(read_rgb(files[place]), 16, "crop").tobytes() for place in expected
            )
            assert mapped_file(found.pictures).startswith(str(tmp_path / "cache" / "caltech101-"))


def test_a_smaller_training_set_lies_within_a_larger_one(root: Path, tmp_path: Path) -> None:
    small, large = (
        {picture.numpy().tobytes() for picture in source(root, tmp_path / "cache", train=n).load("train").pictures}
        for n in (10, 30)
    )
    assert len(small) == 10
    assert small < large
    most, whole = (source(root, tmp_path / "cache", train=n).load("train").pictures for n in (1000, None))
    assert len(most) == len(whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["catt"]}, r"catt .*did you mean cat\?.*cat, dog"),
        ({"test": 1.5}, r"data\.test=1.5"),
        ({"size": 0}, r"(?s)size.*input_value=0"),
    ],
)
def test_wrong_options_are_refused(root: Path, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        source(root, tmp_path / "cache", **options).load("train")


def test_a_wrong_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.root=.*nowhere"):
        source(tmp_path / "nowhere", tmp_path).check()
    with pytest.raises(UsageError, match=r"data\.root=.*caltech101/101_ObjectCategories.*data\.download=true"):
        source(tmp_path, tmp_path).check()


def test_the_real_pictures_are_read(data_root: Path, tmp_path: Path) -> None:
    real = source(data_root, tmp_path / "cache", size=16, train=500, test=100)
    splits = [real.load(split) for split in SPLITS]
    assert splits[0].pictures.shape == (500, 3, 16, 16)
    assert len(splits[2].pictures) == 100
    assert "BACKGROUND_Google" not in splits[0].classes
    assert len(splits[0].classes) == 12


@pytest.mark.parametrize("name", ["cat/image_9999.jpg", "bird"])
def test_a_link_out_of_its_folder_is_refused(root: Path, tmp_path: Path, name: str) -> None:
    folder = root / ARCHIVE.folder
    (tmp_path / "elsewhere").mkdir()
    (folder / "cat" / "image_0000.jpg").rename(tmp_path / "elsewhere" / "image_0000.jpg")
    (folder / name).symlink_to(tmp_path / "elsewhere" / ("image_0000.jpg" if "cat" in name else ""))
    with pytest.raises(UsageError, match=f"{name} is a link out of"):
        source(root, tmp_path / "cache").load("train")


def test_the_data_sets_folder_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "caltech101").symlink_to(root / "caltech101")
    assert len(source(tmp_path / "other", tmp_path / "cache").load("test").pictures) > 0


@pytest.mark.parametrize("below", ["", "caltech101", "caltech101/101_ObjectCategories"])
def test_a_copy_is_found_at_every_level(root: Path, tmp_path: Path, below: str) -> None:
    assert len(source(root / below, tmp_path / "cache").load("test").pictures) > 0


@pytest.mark.parametrize("name", ["caltech-101/101_ObjectCategories", "101_ObjectCategories", "pictures"])
def test_a_copy_is_found_under_other_names(root: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other" / name
    other.parent.mkdir(parents=True)
    (root / ARCHIVE.folder).rename(other)
    given = other if name == "pictures" else tmp_path / "other"
    assert len(source(given, tmp_path / "cache").load("test").pictures) > 0
    if "/" in name:
        assert len(source(other.parent, tmp_path / "cache").load("train").pictures) > 0


@pytest.mark.parametrize("place", [".", "caltech-101", "caltech101"])
def test_the_archive_of_pictures_is_unpacked_where_it_lies(root: Path, tmp_path: Path, place: str) -> None:
    archive = tmp_path / "other" / place / "101_ObjectCategories.tar.gz"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(root / ARCHIVE.folder, "101_ObjectCategories")
    assert len(source(tmp_path / "other", tmp_path / "cache").load("test").pictures) > 0
