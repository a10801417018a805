"""Folders and patterns of photos, as archives have them: what is colored, under which name, and what is told."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from huesweep.errors import UsageError
from huesweep.inference.photo_file import read_photo
from huesweep.inference.photos import find_photos
from tests.inference.photographs import photograph
from tests.inference.test_predict import predict, save_photo

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("out", ["colored", ""])
def test_a_second_run_below_the_photos_colors_nothing_twice(trial: Path, tmp_path: Path, out: str) -> None:
    album = tmp_path / "album"
    for name in ("a.png", "summer/a.png", "summer/sea/b.jpg"):
        save_photo(album / name, 20, 16)
    goal = str(album / out) if out else ""
    first = predict(trial, f"{album}/**", goal)
    below = {"a-colored.png", "summer/a-colored.png", "summer/sea/b-colored.jpg"}
    assert {str(path.relative_to(album / out)) for path in first} == below
    there = names(album)
    for _ in range(2):
        assert predict(trial, f"{album}/**", goal) == []
        assert names(album) == there


def test_results_stay_results_when_their_photo_is_gone(trial: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save_photo(tmp_path / "album" / name, 20, 16)
    predict(trial, f"{tmp_path}/album/**", tmp_path / "album" / "colored")
    (tmp_path / "album" / "a.png").unlink()
    assert predict(trial, f"{tmp_path}/album/**", tmp_path / "album" / "colored") == []


def test_other_files_are_counted_in_a_line(trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_photo(tmp_path / "in" / "a.png", 20, 16)
    for name in ("b.mov", "c.MOV", "notes.txt", "README", ".DS_Store", "._a.png", "deeper/d.txt"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"\0\5\x16\7")
    assert predict(trial, tmp_path / "in", tmp_path / "out") == [tmp_path / "out" / "a-colored.png"]
    assert "4 other files: 2 mov, 1 txt, 1 without an ending\n" in capsys.readouterr().out.replace(
        "1 without an ending, 1 txt", "1 txt, 1 without an ending"
    )


def test_folders_that_are_not_searched_are_told(
    trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    album = tmp_path / "album"
    save_photo(album / "summer" / "b.png", 20, 16)
    with pytest.raises(
        UsageError, match=r"holds no photos \(.*\); 1 folder in .*album not searched: 'img=.*album/\*\*'"
    ):
        predict(trial, album)
    save_photo(album / "a.png", 20, 16)
    assert len(predict(trial, album, album / "colored")) == 1
    assert f"1 folder in {album} not searched: 'img={album}/**' does that\n" in capsys.readouterr().out
    predict(trial, album, album / "colored")
    assert "1 folder in" in capsys.readouterr().out  # results are no photos that somebody forgot


def test_folders_of_several_albums_are_told_apart_by_commands_that_work(tmp_path: Path) -> None:
    for name in ("A [1990]", "B"):
        save_photo(tmp_path / name / "summer" / "b.png", 20, 16)
        save_photo(tmp_path / name / "a.png", 20, 16)
    found = find_photos([str(tmp_path / "A [1990]"), str(tmp_path / "B")])
    told = found.tell_folders()
    commands = [part.split("'")[1].removeprefix("img=") for part in told.split("; ")]
    assert [len(find_photos([command]).photos) for command in commands] == [2, 2]


@pytest.mark.parametrize("stem", ["x" * 246, "ü" * 123])
def test_a_name_may_be_as_long_as_a_disk_takes(trial: Path, tmp_path: Path, stem: str) -> None:
    folder = tmp_path / "in"
    photo = save_photo(folder / f"{stem}.png", 20, 16)
    assert len(photo.name.encode()) == 250
    (colored,) = predict(trial, photo)
    assert read_photo(colored).pixels.shape == (16, 20, 3)
    assert colored.name.startswith(stem[:90])
    assert predict(trial, folder) == []
    other = save_photo(folder / f"{stem[:-1]}{'y' if stem[0] == 'x' else 'ö'}.png", 20, 16)
    assert len(predict(trial, folder)) == 1, other


@pytest.mark.parametrize("stem", ["x" * 246, "ü" * 123])
def test_a_result_may_have_a_name_as_long(trial: Path, tmp_path: Path, stem: str) -> None:
    photo = save_photo(tmp_path / "a.png", 20, 16)
    out = tmp_path / "out" / f"{stem}.png"
    (tmp_path / "out").mkdir()
    assert predict(trial, photo, out) == [out]
    assert names(tmp_path / "out") == {out.name}
    written = predict(trial, photo, out, "overwrite=true", "compare=true")
    assert written[0] == out
    assert written[1].name.startswith(stem[:90])
    assert written[1].name.endswith("-compared.png")
    assert read_photo(written[1]).pixels.shape[0] == 16


@pytest.mark.parametrize("out", ["out", ""])
def test_photos_that_differ_in_their_endings_have_results_of_their_own(trial: Path, tmp_path: Path, out: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, level in (("a.jpg", 40), ("a.gif", 120), ("a.avif", 160), ("b.gif", 200), ("c.PNG", 90), ("c.bmp", 220)):
        Image.fromarray(np.full((16, 20, 3), level, np.uint8)).save(folder / name)
    goal = str(tmp_path / out) if out else ""
    written = {path.name: round(read_photo(path).pixels.mean()) for path in predict(trial, folder, goal, "format=png")}
    expected = {"a.jpg-colored.png": 40, "a.gif-colored.png": 120, "a.avif-colored.png": 160}
    expected |= {"b-colored.png": 200, "c-colored.png": 90, "c.bmp-colored.png": 220}
    assert written.keys() == expected.keys()
    assert all(abs(written[name] - level) < 20 for name, level in expected.items())
    assert predict(trial, folder, goal, "format=png") == []
    there = names(folder)
    kept = {path.name for path in predict(trial, folder, goal)}
    assert kept == {"a-colored.jpg", "a.avif-colored.jpg", "c-colored.PNG", "c-colored.bmp"}
    assert predict(trial, folder, goal) == []
    assert len(names(folder)) == len(there) + (0 if out else 4)


@pytest.mark.parametrize("img", ["folder", "several"])
def test_one_name_for_several_photos_is_refused(trial: Path, tmp_path: Path, img: str) -> None:
    photos = [str(save_photo(tmp_path / "in" / name, 20, 16)) for name in ("a.png", "b.png")]
    given: str | list[str] = str(tmp_path / "in") if img == "folder" else photos
    with pytest.raises(UsageError, match=r"out=.*res\.png .*2 photos.*folder"):
        predict(trial, given, tmp_path / "res.png")
    assert names(tmp_path) == {"in/a.png", "in/b.png"}


@pytest.mark.parametrize(
    ("name", "format", "result"),
    [
        ("a.jfif", "JPEG", "a-colored.jfif"),
        ("a.jpe", "JPEG", "a-colored.jpe"),
        ("scan", "JPEG", "scan-colored.jpg"),
        ("scan", "TIFF", "scan-colored.tif"),
        ("a.gif", "GIF", "a-colored.png"),
        ("a.avif", "AVIF", "a-colored.jpg"),
        ("a.heic", "HEIF", "a-colored.jpg"),
        ("photo.dat", "PNG", "photo.dat-colored.png"),
    ],
)
def test_a_photo_of_any_ending_is_colored(trial: Path, tmp_path: Path, name: str, format: str, result: str) -> None:
    if format == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    Image.fromarray(photograph(40, 30)).save(tmp_path / name, format)
    assert predict(trial, tmp_path / name) == [tmp_path / result]
    with Image.open(tmp_path / result) as picture:
        assert picture.size == (40, 30)


def test_what_is_no_photo_is_told_of_the_file(trial: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a photo")
    with pytest.raises(UsageError) as told:
        predict(trial, tmp_path / "notes.txt")
    assert str(told.value).startswith(f"img={tmp_path}/notes.txt can't be read: not a picture")
    assert "out=" not in str(told.value)


def test_the_full_picture_is_taken_and_further_pages_are_told(
    trial: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scan.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(photograph(10, 8), photometric="rgb", subfiletype=1)
        file.write(photograph(40, 30), photometric="rgb", subfiletype=0)
        file.write(photograph(20, 36), photometric="rgb", subfiletype=2)
    assert (read_photo(path).pixels == photograph(40, 30)).all()
    assert predict(trial, path) == [tmp_path / "scan-colored.tif"]
    assert "scan.tif: the first of 2 pages is taken (pages=all takes all)\n" in capsys.readouterr().out
    assert tifffile.imread(tmp_path / "scan-colored.tif").shape == (30, 40, 3)
    written = predict(trial, path, "", "pages=all")
    assert [path.name for path in written] == ["scan-page1-colored.tif", "scan-page2-colored.tif"]
    assert [tifffile.imread(path).shape for path in written] == [(30, 40, 3), (36, 20, 3)]
    capsys.readouterr()
    assert predict(trial, tmp_path, "", "pages=all") == []
    assert "kept the results of 2 of 2 pages" in capsys.readouterr().out
    assert predict(trial, path, "", "pages=all") == []
    written[1].unlink()
    assert predict(trial, path, "", "pages=all") == written[1:]  # goes on where it was cut off
    written = predict(trial, path, tmp_path / "res.png", "pages=all")
    assert [path.name for path in written] == ["res-page1.png", "res-page2.png"]


@pytest.mark.parametrize(("format", "name"), [("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png")])
def test_frames_are_pages(trial: Path, tmp_path: Path, format: str, name: str) -> None:
    frames = [Image.fromarray(np.full((16, 20, 3), level, np.uint8)) for level in (40, 120, 200)]
    frames[0].save(tmp_path / name, format, save_all=True, append_images=frames[1:])
    written = predict(trial, tmp_path / name, "", "pages=all")
    assert len(written) == 3
    for path, level in zip(written, (40, 120, 200), strict=True):
        assert abs(read_photo(path).pixels.mean() - level) < 25


def test_nothing_is_said_of_how_files_are_read(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "a.tif", 20, 16)
    command = [sys.executable, "-m", "src.predict", f"img={photo}", "device=cpu"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    checkpoint, wrote = done.stdout.splitlines()
    assert checkpoint.startswith("checkpoint ")
    assert wrote == f"wrote {tmp_path}/a-colored.tif"


def test_make_takes_a_name_as_it_is_typed() -> None:
    typed = "IMG=a$b 'c' \"d\" `e`.jpg"
    done = subprocess.run(["make", "-n", "predict", typed], cwd=ROOT, capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if "src.predict" in line)
    arguments = line.partition("src.predict ")[2].rstrip("\\ ")
    shown = subprocess.run(["bash", "-c", f"printf %s {arguments}"], capture_output=True, text=True, check=True)
    assert shown.stdout == typed.replace("IMG=", "img=")
