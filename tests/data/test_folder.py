"""Folders of pictures as people have them: any layout, any names, broken files among them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.data.pictures import SPLITS
from huesweep.data.sources.folder import FolderSource, scan
from huesweep.errors import UsageError

DEFAULTS: dict[str, Any] = {"size": 16, "fit": "crop", "strict": False, "validation": 0.2, "test": 0.2, "seed": 0}


def source(root: Path | None, cache: Path, **options: Any) -> FolderSource:
    return FolderSource(root=str(root) if root else None, cache=str(cache), **{**DEFAULTS, **options})


def fill(folder: Path, count: int, start: int = 0) -> None:
    """Pictures that differ: each has a gray level of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for level in range(start, start + count):
        Image.new("RGB", (20, 24), (level, level, level)).save(folder / f"{level:03d}.png")


def levels(pictures: torch.Tensor) -> set[int]:
    return set(pictures[:, 0, 8, 8].tolist())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    fill(tmp_path / "root" / "cat", 20)
    fill(tmp_path / "root" / "dog" / "puppies", 10, start=100)
    return tmp_path / "root"


def test_splits_are_drawn_with_each_classs_share(root: Path, tmp_path: Path) -> None:
    splits = {split: source(root, tmp_path / "cache").load(split) for split in SPLITS}
    assert {split: len(found.pictures) for split, found in splits.items()} == {"train": 19, "validation": 5, "test": 6}
    assert set.union(*(levels(found.pictures) for found in splits.values())) == {*range(20), *range(100, 110)}
    assert splits["test"].classes == ["cat", "dog"]
    assert splits["test"].labels.bincount().tolist() == [4, 2]
    assert all((found.labels == (found.pictures[:, 0, 0, 0] >= 100)).all() for found in splits.values())


def test_folders_for_splits_are_used(tmp_path: Path) -> None:
    for index, split in enumerate(("train", "val", "test")):
        fill(tmp_path / "root" / split / "cat", 3, start=10 * index)
    for index, split in enumerate(SPLITS):
        assert levels(source(tmp_path / "root", tmp_path / "cache").load(split).pictures) == {
            10 * index + offset for offset in range(3)
        }


def test_validation_is_drawn_from_training_where_it_has_no_folder(tmp_path: Path) -> None:
    fill(tmp_path / "root" / "train", 10)
    fill(tmp_path / "root" / "test", 4, start=50)
    found = source(tmp_path / "root", tmp_path / "cache")
    assert [len(found.load(split).pictures) for split in SPLITS] == [8, 2, 4]
    assert found.load("train").classes == ["pictures"]


def test_a_missing_test_folder_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "root" / "train", 5)
    with pytest.raises(UsageError, match=r"data\.root=.*train/.*test/"):
        source(tmp_path / "root", tmp_path / "cache").check()


@pytest.mark.parametrize("make", [lambda _: None, lambda path: path.write_text(""), lambda path: path.mkdir()])
def test_a_wrong_root_is_refused(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "root")
    with pytest.raises(UsageError, match=r"data\.root=.*root"):
        source(tmp_path / "root", tmp_path / "cache").check()


def test_no_root_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.root"):
        source(None, tmp_path).check()


def test_broken_files_are_listed_and_left_out(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "cat" / "empty.jpg").touch()
    (root / "dog" / "text.jpg").write_text("not a picture")
    (root / "dog" / "notes.txt").write_text("left alone")
    total = sum(len(source(root, tmp_path / "cache").load(split).pictures) for split in SPLITS)
    assert total == 30
    told = capsys.readouterr().err
    assert "skipped cat/empty.jpg: empty" in told
    assert "skipped dog/text.jpg: not a picture" in told
    assert "notes.txt" not in told


def test_broken_files_are_refused_when_told_to(root: Path, tmp_path: Path) -> None:
    (root / "cat" / "empty.jpg").touch()
    strict = source(root, tmp_path / "cache", strict=True, validation=0, test=0)
    with pytest.raises(UsageError, match=r"empty\.jpg .*data\.strict=false"):
        strict.load("train")


def test_an_unreadable_file_is_left_out(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Permissions don't hold root back, so the refusal is played.
    original = Image.open

    def refuse(path: Path, **options: Any) -> Image.Image:
        if path.name == "003.png":
            raise PermissionError(13, "Permission denied")
        return original(path, **options)

    monkeypatch.setattr(Image, "open", refuse)
    found = source(root, tmp_path / "cache")
    assert 3 not in set.union(*(levels(found.load(split).pictures) for split in SPLITS))


def test_only_broken_files_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    for index in range(10):
        (tmp_path / "root" / f"{index}.jpg").touch()
    with pytest.raises(UsageError, match=r"data\.root=.* 6 train "):
        source(tmp_path / "root", tmp_path / "cache").load("train")


def test_an_empty_class_is_left_out_or_refused(root: Path, tmp_path: Path) -> None:
    (root / "bird").mkdir()
    assert source(root, tmp_path / "cache").load("train").classes == ["cat", "dog"]
    with pytest.raises(UsageError, match=r"bird .*data\.strict=false"):
        source(root, tmp_path / "cache", strict=True).check()


def test_classes_that_differ_in_case_alone_are_refused(root: Path, tmp_path: Path) -> None:
    fill(root / "Cat", 2, start=200)
    with pytest.raises(UsageError, match=r"data\.root=.*Cat and cat"):
        source(root, tmp_path / "cache").check()


def test_a_link_that_leads_back_is_followed_once(root: Path, tmp_path: Path) -> None:
    (root / "cat" / "loop").symlink_to(root, target_is_directory=True)
    (root / "dog" / "broken.png").symlink_to(tmp_path / "nowhere.png")
    total = sum(len(source(root, tmp_path / "cache").load(split).pictures) for split in SPLITS)
    assert total == 30


def link_out(root: Path, elsewhere: Path) -> None:
    """Links to a class, a folder within a class, and a picture that lie outside the root; and to a class inside."""
    fill(elsewhere / "secret", 3, start=200)
    (root / "bird").symlink_to(elsewhere / "secret")
    (root / "cat" / "more").symlink_to(elsewhere / "secret")
    (root / "cat" / "a.png").symlink_to(elsewhere / "secret" / "200.png")
    (root / "hound").symlink_to(root / "dog" / "puppies")


def test_links_out_of_the_root_are_left_out_and_told(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link_out(root, tmp_path / "elsewhere")
    splits = [source(root, tmp_path / "cache").load(split) for split in SPLITS]
    assert set.union(*(levels(found.pictures) for found in splits)) == {*range(20), *range(100, 110)}
    assert "bird" not in splits[0].classes
    told = capsys.readouterr().err
    for name in ("bird", "cat/more", "cat/a.png"):
        assert f"skipped {name}: a link out of {root}" in told


def test_links_out_of_the_root_are_refused_where_that_is_asked_for(root: Path, tmp_path: Path) -> None:
    link_out(root, tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"is a link out of data.root=.*data\.strict=false"):
        source(root, tmp_path / "cache", strict=True).check()


def test_a_split_folder_that_is_a_link_out_of_the_root_is_refused_by_name(tmp_path: Path) -> None:
    fill(tmp_path / "big" / "train", 5)
    fill(tmp_path / "root" / "test", 5)
    (tmp_path / "root" / "train").symlink_to(tmp_path / "big" / "train")
    with pytest.raises(UsageError, match=r"holds no pictures.*1 links out of it are not followed"):
        source(tmp_path / "root", tmp_path / "cache").check()


def test_the_root_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(root)
    assert len(source(tmp_path / "way", tmp_path / "cache").load("train").pictures) == 19


def test_names_in_any_script_work(tmp_path: Path) -> None:
    fill(tmp_path / "Фото" / "猫 和 狗, = [1]", 10)
    found = source(tmp_path / "Фото", tmp_path / "cache").load("train")
    assert found.classes == ["猫 和 狗, = [1]"]


def test_a_changed_file_makes_a_new_pack(root: Path, tmp_path: Path) -> None:
    before = levels(source(root, tmp_path / "cache").load("train").pictures)
    level = min(before)
    path = next(root.rglob(f"{level:03d}.png"))
    Image.new("RGB", (20, 24), (250, 250, 250)).save(path)
    os.utime(path, (1, 1))
    assert levels(source(root, tmp_path / "cache").load("train").pictures) == before - {level} | {250}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": 1000}, r"data\.test=1000 .*30"),
        ({"validation": -1}, r"(?s)validation.*input_value=-1"),
        ({"test": 15, "validation": 15}, r"data\.root=.* 30$"),
        ({"size": 0}, r"(?s)size.*input_value=0"),
    ],
)
def test_wrong_numbers_are_refused(root: Path, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        source(root, tmp_path / "cache", **options).check()


def test_pictures_keep_the_order_of_their_names(root: Path, tmp_path: Path) -> None:
    found = source(root, tmp_path / "cache").load("train").pictures[:, 0, 8, 8].numpy()
    assert (np.diff(found.astype(int)) > 0).all()


def test_the_tree_is_looked_through_once(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scans: list[Path] = []

    def counting(folder: Path, *rest: Any) -> Any:
        scans.append(folder)
        return scan(folder, *rest)

    monkeypatch.setattr("huesweep.data.sources.folder.scan", counting)
    pictures = source(root, tmp_path / "cache")
    pictures.check()
    for split in SPLITS:
        pictures.load(split)
    assert scans == [root]


def test_held_out_classes_are_the_test_pictures(root: Path, tmp_path: Path) -> None:
    fill(root / "cow", 6, start=200)
    found = source(root, tmp_path / "cache", held_out=["dog"])
    assert levels(found.load("test").pictures) == set(range(100, 110))
    seen = levels(found.load("train").pictures) | levels(found.load("validation").pictures)
    assert seen == {*range(20), *range(200, 206)}
    assert len(found.load("validation").pictures) == 5
    assert found.load("train").classes == ["cat", "cow", "dog"]


def test_held_out_classes_leave_a_test_folder_as_it_is(tmp_path: Path) -> None:
    for place, split in enumerate(("train", "test")):
        for number, kind in enumerate(("cat", "dog")):
            fill(tmp_path / "root" / split / kind, 4, start=100 * place + 10 * number)
    found = source(tmp_path / "root", tmp_path / "cache", held_out=["cat"])
    assert levels(found.load("test").pictures) == {*range(100, 104), *range(110, 114)}
    assert levels(found.load("train").pictures) | levels(found.load("validation").pictures) == set(range(10, 14))


def test_a_held_out_class_that_is_not_there_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"data\.held_out=doge.*dog"):
        source(root, tmp_path / "cache", held_out=["doge"]).check()
    with pytest.raises(UsageError, match=r"data\.held_out.*leaves no class to train on"):
        source(root, tmp_path / "cache", held_out=["cat", "dog"]).check()


def test_folders_for_splits_may_begin_with_capitals(tmp_path: Path) -> None:
    for name, count in (("Train", 8), ("TEST", 3)):
        fill(tmp_path / "root" / name / "a", count)
    made = source(tmp_path / "root", tmp_path / "cache")
    assert made.load("test").classes == ["a"]
    assert len(made.load("test").pictures) == 3


def test_photos_in_formats_that_training_leaves_out_are_told(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("x.heic", "y.HEIC", "z.avif"):
        (root / name).write_bytes(b"a phone's")
    source(root, tmp_path / "cache").load("train")
    assert f"data.root={root}: 2 heic, 1 avif are left out" in capsys.readouterr().err
