"""Every kind of photo file is read right, colored, and its result judged by other readers: Pillow, libvips, exiv2."""

from pathlib import Path
from typing import Any

import exiv2
import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image
from skimage.color import rgb2lab

from huesweep.errors import UsageError
from huesweep.inference.photo_file import read_photo
from tests.inference.corpus import DEEP, FILES, HEIGHT, RGB, WHOLE, WIDTH, multiplied, pillow
from tests.inference.test_predict import predict

LOSSY = (".jpg", ".jfif", ".jpe", ".avif", "", "jpeg.tif")


def tolerance(name: str) -> float:
    """Levels of 255 by which values may differ in the mean."""
    return 2.5 if Path(name).suffix in LOSSY or name in LOSSY else 1.2 if "lab" in name else 0.6


def in_bytes(values: np.ndarray) -> np.ndarray:
    return values / (257 if values.dtype == np.uint16 else 1)


@pytest.fixture(scope="module")
def colored(by_lightness: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus in folders below `in`, as some names differ in their endings alone, and its results below `out`."""
    folder = tmp_path_factory.mktemp("corpus")
    for number, (name, (make, *_)) in enumerate(FILES.items()):
        (folder / "in" / f"{number}").mkdir(parents=True)
        (folder / "in" / f"{number}" / name).write_bytes(make())
    predict(by_lightness, f"{folder}/in/**", folder / "out")
    return folder


def values_of(path: Path) -> np.ndarray:
    if path.suffix == ".bmp":  # which libvips doesn't know
        return np.asarray(Image.open(path))
    return np.asarray(pyvips.Image.new_from_file(str(path), fail_on="warning").numpy())


def found(colored: Path, name: str) -> tuple[Path, Path]:
    (photo,) = (colored / "in").rglob(name)
    folder = colored / "out" / photo.parent.relative_to(colored / "in")
    (result,) = [path for path in folder.iterdir() if path.stem == f"{photo.stem}-colored"]
    return photo, result


def test_the_corpus_is_large() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_right(colored: Path, name: str) -> None:
    _, kind, opacity, told = FILES[name]
    photo = read_photo(found(colored, name)[0])
    assert photo.pixels.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(in_bytes(photo.pixels) - WHOLE[kind]).mean() < tolerance(name)
    assert (photo.alpha is None) == (opacity is None)
    if photo.alpha is not None and opacity is not None:
        assert np.abs(in_bytes(photo.alpha) - in_bytes(opacity)).max() <= (2 if "avif" in name else 0)
    assert told in " ".join(photo.remarks)
    assert bool(told) == bool(photo.remarks)


@pytest.mark.parametrize("name", FILES)
def test_its_result_is_read_by_others(colored: Path, name: str) -> None:
    _, kind, opacity, _ = FILES[name]
    _, result = found(colored, name)
    with Image.open(result) as picture:
        assert picture.size == (WIDTH, HEIGHT)
        picture.load()
        assert picture.has_transparency_data == (opacity is not None)
    levels = in_bytes(values_of(result))[..., :3]
    difference = np.abs(rgb2lab(levels / 255)[..., 0] - rgb2lab(WHOLE[kind] / 255)[..., 0])
    assert difference.mean() < 0.5 + tolerance(name) / 2
    if result.suffix != ".bmp":
        judged = exiv2.ImageFactory.open(str(result))
        judged.readMetadata()
        assert (judged.pixelWidth(), judged.pixelHeight()) == (WIDTH, HEIGHT)


def test_depth_stays(colored: Path) -> None:
    for name in ("deep.tif", "deep.png", "deep gray alpha.tif", "float.tif", "deep lab.tif", "big motorola.tif"):
        _, result = found(colored, name)
        assert pyvips.Image.new_from_file(str(result)).format == "ushort", name


def test_multiplied_colors_have_no_dark_fringe(tmp_path: Path) -> None:
    opacity = np.broadcast_to(np.linspace(300, 65535, WIDTH).astype(np.uint16), (HEIGHT, WIDTH))
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, multiplied(DEEP, opacity), photometric="rgb", extrasamples=["assocalpha"])
    photo = read_photo(path)
    assert np.abs(in_bytes(photo.pixels)[:, WIDTH // 4 :] - RGB[:, WIDTH // 4 :]).max() <= 1
    np.testing.assert_array_equal(photo.alpha, opacity)
    assert photo.pixels.dtype == np.uint16


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 2}])
def test_a_jpeg_that_lacks_pixels_is_refused(tmp_path: Path, options: dict[str, Any], share: float) -> None:
    content = pillow(RGB, "JPEG", quality=90, **options)()
    (tmp_path / "a.jpg").write_bytes(content[: int(share * len(content))])
    with pytest.raises(UsageError, match=r"a\.jpg can't be read: .*[tT]runcated"):
        read_photo(tmp_path / "a.jpg")


def test_transparency_that_avif_had_is_kept(colored: Path) -> None:
    assert found(colored, "alpha.avif")[1].suffix == ".png"
