"""Photo files of every kind: colored at their size, their brightness and their metadata kept."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps
from skimage.color import rgb2lab

from huesweep.errors import UsageError
from huesweep.inference.photo_file import Photo, read_photo, write_photo
from tests.inference.photographs import MAKER, PROFILE, TAKEN, exif, photograph, save
from tests.inference.test_predict import predict

KINDS = [  # ending, mode, depth, size
    ("jpg", "gray", 8, (211, 133)),
    ("jpg", "rgb", 8, (200, 150)),
    ("jpg", "cmyk", 8, (97, 201)),
    ("jpeg", "rgb", 8, (33, 35)),
    ("png", "gray", 8, (1, 77)),
    ("png", "gray", 16, (190, 140)),
    ("png", "rgb", 8, (129, 128)),
    ("png", "rgb", 16, (211, 97)),
    ("png", "rgba", 8, (61, 202)),
    ("png", "rgba", 16, (150, 151)),
    ("png", "palette", 8, (160, 120)),
    ("webp", "gray", 8, (151, 99)),
    ("webp", "rgb", 8, (180, 181)),
    ("webp", "rgba", 8, (99, 100)),
    ("tiff", "gray", 8, (141, 90)),
    ("tiff", "gray", 16, (142, 91)),
    ("tiff", "rgb", 8, (143, 92)),
    ("tiff", "rgb", 16, (144, 93)),
    ("tiff", "rgba", 8, (145, 94)),
    ("tiff", "rgba", 16, (146, 95)),
    ("tiff", "cmyk", 8, (147, 96)),
    ("tif", "palette", 8, (148, 97)),
    ("bmp", "gray", 8, (149, 98)),
    ("bmp", "rgb", 8, (150, 3)),
]


def lightness(path: Path) -> np.ndarray:
    """L of a file's pixels, read and computed by others than the suite."""
    values = cv2.imread(str(path), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    with Image.open(path) as picture:
        if values is None or values.dtype != np.uint16:
            return rgb2lab(np.asarray(picture.convert("RGB")))[..., 0]
    rgb = np.repeat(values[..., None], 3, axis=2) if values.ndim == 2 else values[..., 2::-1]
    return rgb2lab(rgb / 65535)[..., 0]


@pytest.mark.parametrize(("ending", "mode", "depth", "size"), KINDS)
def test_size_brightness_depth_and_metadata_stay(
    by_lightness: Path, tmp_path: Path, ending: str, mode: str, depth: int, size: tuple[int, int]
) -> None:
    path = save(tmp_path / f"an old=photo, {mode}.{ending}", photograph(*size), mode, depth)
    (colored,) = predict(by_lightness, path, "", "saturation=3")  # many colors out of gamut
    assert colored.suffix == path.suffix
    difference = np.abs(lightness(colored) - lightness(path))
    assert difference.shape == size[::-1]
    assert difference.mean() < 0.5
    assert np.percentile(difference, 99) <= 1.0
    before, after = read_photo(path), read_photo(colored)
    assert after.pixels.dtype == (np.uint16 if depth == 16 else np.uint8)
    assert np.ptp(after.pixels.astype(int), axis=2).max() > 0, "it has colors"
    if mode == "rgba":
        assert after.alpha is not None
        assert before.alpha is not None
        assert (after.alpha == before.alpha).all()
    with Image.open(colored) as picture:
        if ending != "bmp":
            assert picture.getexif()[0x010F] == MAKER
        if ending != "bmp" and not (ending == "tiff" and depth == 16):
            assert picture.getexif().get_ifd(0x8769)[0x9003] == TAKEN
        if mode in ("rgb", "rgba", "palette") and ending != "bmp":
            assert picture.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("ending", "depth"), [("jpg", 8), ("png", 16), ("tiff", 8), ("tiff", 16)])
def test_a_photo_is_turned_upright_as_pillow_does(tmp_path: Path, orientation: int, ending: str, depth: int) -> None:
    from PIL import ImageOps

    levels = np.arange(24 * 16, dtype=np.uint8).reshape(16, 24)[..., None].repeat(3, 2)
    path = tmp_path / f"turned.{ending}"
    if depth == 16 and ending == "tiff":
        tag = (0x0112, "H", 1, orientation, True)
        tifffile.imwrite(path, levels.astype(np.uint16) * 257, photometric="rgb", extratags=[tag])
    elif depth == 16:
        blob = np.frombuffer(exif(orientation).tobytes()[6:], np.uint8)
        _, encoded = cv2.imencodeWithMetadata(".png", levels.astype(np.uint16) * 257, [cv2.IMAGE_METADATA_EXIF], [blob])
        path.write_bytes(encoded.tobytes())
    else:
        options: dict[str, Any] = {"quality": 100, "subsampling": 0} if ending == "jpg" else {}
        Image.fromarray(levels).save(path, exif=exif(orientation).tobytes(), **options)
    with Image.open(path) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    photo = read_photo(path)
    assert (photo.pixels // (257 if depth == 16 else 1) == expected).all()
    written = tmp_path / f"upright.{ending}"
    write_photo(written, photo, photo.format)
    assert Image.open(written).getexif().get(0x0112, 1) == 1


def test_print_colors_are_converted_by_their_profile_and_lose_it(tmp_path: Path) -> None:
    path = save(tmp_path / "print.jpg", photograph(40, 30), "cmyk", 8)
    photo = read_photo(path)
    assert photo.metadata.icc_profile == b""
    with Image.open(path) as picture:
        assert (photo.pixels == np.asarray(picture.convert("RGB"))).all()


def test_a_photo_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 50_000, 8, 2, 0, 0, 0)  # three gigapixels, of which none is there
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(UsageError, match=r"img=.*bomb\.png .*3000.*max_megapixels=120"):
        read_photo(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"not a picture", "not a picture"), (None, "truncated")],
)
def test_a_broken_file_is_told_in_words(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "broken.jpg"
    if content is None:
        save(path, photograph(100, 100), "rgb", 8)
        content = path.read_bytes()[:2000]
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_photo(path)


def test_what_a_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    photo = read_photo(save(tmp_path / "a.png", photograph(20, 20), "rgba", 8))
    with pytest.raises(UsageError, match=r"out=.*a\.jpg.*format=png"):
        write_photo(tmp_path / "a.jpg", photo, "JPEG")
    assert not (tmp_path / "a.jpg").exists()


def test_sixteen_bits_become_eight_where_there_is_no_room(tmp_path: Path) -> None:
    levels = np.repeat(np.arange(0, 65536, 257, dtype=np.uint16)[None, :, None], 3, axis=2)
    photo = Photo(np.ascontiguousarray(levels), None, "PNG", read_photo(_any(tmp_path)).metadata, False)
    assert write_photo(tmp_path / "eight.bmp", photo, "BMP") == ["metadata", "16 bits a channel"]
    assert write_photo(tmp_path / "deep.tiff", photo, "TIFF") == []
    with Image.open(tmp_path / "eight.bmp") as picture:
        assert (np.asarray(picture)[0, :, 0] == np.arange(256)).all()


def _any(folder: Path) -> Path:
    return save(folder / "any.png", photograph(4, 4), "rgb", 8)


def test_sixteen_bits_stay_without_any_exif(tmp_path: Path) -> None:
    levels = np.arange(20 * 30 * 3, dtype=np.uint16).reshape(20, 30, 3) * 30 + 7
    for values in (levels, np.dstack([levels, levels[..., :1]])):
        cv2.imwrite(str(tmp_path / "deep.png"), values)
        assert (read_photo(tmp_path / "deep.png").pixels == values[..., 2::-1]).all()


def test_unusual_deep_tiffs_are_read_right(tmp_path: Path) -> None:
    gray = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100
    tifffile.imwrite(tmp_path / "negative.tiff", 65535 - gray, photometric="miniswhite")
    assert (read_photo(tmp_path / "negative.tiff").pixels[..., 0] == gray).all()
    planes = np.stack([gray, gray, gray])
    tifffile.imwrite(tmp_path / "planes.tiff", planes, photometric="rgb", planarconfig="separate")
    assert (read_photo(tmp_path / "planes.tiff").pixels == np.moveaxis(planes, 0, -1)).all()


def test_exif_is_kept_to_the_byte_and_a_broken_one_dropped(tmp_path: Path) -> None:
    block = exif(6)
    block[0x8298] = "© Müller"
    Image.fromarray(photograph(30, 20)).save(tmp_path / "a.jpg", exif=block.tobytes().replace(b"? M?", b"\xa9 M\xfc"))
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.pixels.shape == (30, 20, 3)
    write_photo(tmp_path / "b.png", photo, "PNG")
    with Image.open(tmp_path / "b.png") as picture:
        assert b"\xa9 M\xfcller" in picture.info["exif"]
    Image.fromarray(photograph(30, 20)).save(tmp_path / "c.png", exif=b"Exif\0\0no TIFF header at all")
    write_photo(tmp_path / "d.png", read_photo(tmp_path / "c.png"), "PNG")
    with Image.open(tmp_path / "d.png") as picture:
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("values", "options", "told"),
    [
        (photograph(40, 30) / 255, {}, "truncated or damaged"),
        (photograph(40, 30) / 255, {"compression": "zlib"}, "truncated or damaged"),
        (photograph(40, 30).astype(np.uint64), {}, "64 bits"),
        (np.moveaxis(photograph(40, 30) / 255, -1, 0), {"planarconfig": "separate"}, "64 bits"),
        (photograph(1200, 900)[:400, :300].repeat(4, 0).repeat(4, 1) / 255, {}, "2 megapixels"),
    ],
)
def test_values_of_64_bits_are_read_whole_or_not_at_all(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], values: np.ndarray, options: dict[str, Any], told: str
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", **options)
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[:-100])
    with pytest.raises(UsageError, match=told):
        read_photo(tmp_path / "a.tif", megapixels=1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("depth", "full"), [(np.float32, 1), (np.int16, 32767)])
def test_opacity_is_not_stretched_with_colors(tmp_path: Path, depth: type, full: int) -> None:
    opacity = np.repeat(np.linspace(0, 1, 40)[None, :, None], 30, axis=0)
    values: np.ndarray = np.dstack([photograph(40, 30) * 20.0, opacity * full]).astype(depth)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=["unassalpha"])
    photo = read_photo(tmp_path / "a.tif")
    assert photo.remarks == ("its values from 20 to 4800 are stretched from black to white",)
    assert photo.alpha is not None
    assert np.abs(photo.alpha / 65535 - opacity[..., 0]).max() < 1e-4
    assert photo.pixels.max() == 65535


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16, np.float16, np.float32])
def test_colors_are_divided_by_the_opacity_that_they_are_multiplied_with(
    tmp_path: Path, channels: int, depth: type
) -> None:
    opacity = np.repeat(np.linspace(0.3, 1, 40)[None, :, None], 30, axis=0)
    colors = photograph(40, 30)[..., :channels] / 510  # half of white at most, so that stretching would show
    full = 1 if depth in (np.float16, np.float32) else np.iinfo(depth).max
    values: np.ndarray = np.dstack([colors * opacity, opacity]) * full
    values = values.astype(depth) if full == 1 else values.round().astype(depth)
    kind: Any = "rgb" if channels == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", values, photometric=kind, extrasamples=["assocalpha"])
    photo = read_photo(tmp_path / "a.tif")
    assert photo.remarks == ()
    assert photo.alpha is not None
    most = np.iinfo(photo.pixels.dtype).max
    assert np.abs(photo.pixels / most - colors).max() < 0.01
    assert np.abs(photo.alpha / most - opacity[..., 0]).max() < 0.01


@pytest.mark.parametrize("depth", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1, 300])
def test_floating_point_values_of_many_strips_are_those_of_the_formula(
    tmp_path: Path, depth: type, scale: float
) -> None:
    values: np.ndarray = (np.random.default_rng(0).random((700, 600, 3)) * scale).astype(depth)
    values[3, 5] = values[650, 7, 0] = np.nan
    values[300, 2, 1] = np.inf
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")
    photo = read_photo(tmp_path / "a.tif")
    numbers: np.ndarray = np.where(np.isfinite(values), values, 0).astype(np.float64)
    expected = numbers if scale == 1 else numbers / numbers.max()
    assert (photo.pixels == (expected * 65535).round()).all()
    assert bool(photo.remarks) == (scale != 1)


@pytest.mark.parametrize(("channels", "scale"), [(3, 1), (3, 20), (4, 20)])
def test_floating_point_values_take_little_memory(tmp_path: Path, channels: int, scale: float) -> None:
    side = 1500
    values: np.ndarray = np.random.default_rng(0).random((side, side, channels), np.float32)
    values[..., :3] *= scale
    extra = ["unassalpha"] * (channels - 3)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=extra)
    script = "import sys; from pathlib import Path; from tests.memory import peak_memory;"
    script += "from huesweep.inference.photo_file import read_photo; read_photo(Path(sys.argv[2])); "
    script += "before = peak_memory(); read_photo(Path(sys.argv[1])); print(peak_memory() - before)"
    tifffile.imwrite(tmp_path / "small.tif", values[:8, :8], photometric="rgb", extrasamples=extra)
    command = [sys.executable, "-c", script, str(tmp_path / "a.tif"), str(tmp_path / "small.tif")]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout
    assert float(told) * 2**20 < 40 * side**2


def test_white_that_is_divided_stays_white(tmp_path: Path) -> None:
    opacity = np.linspace(0.02, 1, 1200, dtype=np.float32).reshape(30, 40, 1)
    values = np.concatenate([opacity * np.float32(1), opacity], axis=2)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="minisblack", extrasamples=["assocalpha"])
    photo = read_photo(tmp_path / "a.tif")
    assert photo.remarks == ()
    assert photo.pixels.min() == 65535


@pytest.mark.parametrize("depth", [np.int8, np.int16, np.int32, np.uint32])
def test_colors_divided_by_an_opacity_that_was_cut_off_are_refused(tmp_path: Path, depth: type) -> None:
    values: np.ndarray = np.full((30, 40, 4), np.iinfo(depth).max // 2, depth)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb", extrasamples=["assocalpha"])
    with pytest.raises(UsageError, match=r"multiplied with opacity, and neither of 8 or 16 bits nor floating-point$"):
        read_photo(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("depth", "options"),
    [
        (np.uint8, {"photometric": "minisblack", "extrasamples": ["unassalpha"]}),
        (np.float32, {"photometric": "miniswhite", "extrasamples": ["assocalpha"]}),
        (np.float16, {"photometric": "rgb"}),
    ],
)
def test_planes_that_would_be_mixed_up_are_refused(tmp_path: Path, depth: type, options: dict[str, Any]) -> None:
    planes = np.moveaxis(photograph(40, 30), -1, 0)[: 3 if options["photometric"] == "rgb" else 2]
    tifffile.imwrite(tmp_path / "a.tif", planes.astype(depth), planarconfig="separate", **options)
    with pytest.raises(UsageError, match=r"lie in planes, which are not read: save them interleaved$"):
        read_photo(tmp_path / "a.tif")


def test_a_raw_photo_is_not_taken_for_its_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "a.dng"
    for below in (1, 0):
        with tifffile.TiffWriter(path) as file:
            file.write(photograph(10, 8), photometric="rgb", subfiletype=1, subifds=below)
            if below:
                file.write(photograph(40, 30)[..., 0].astype(np.uint16) << 4, photometric="minisblack")
        if below:
            with pytest.raises(UsageError, match=rf"^img={path} can't be read: it is a raw photo: develop it first$"):
                read_photo(path)
    assert read_photo(path).pixels.shape == (8, 10, 3), "a thumbnail that is all there is"


@pytest.mark.parametrize("depth", [np.uint8, np.float64])
def test_a_tiff_whose_name_is_in_no_encoding_is_read(tmp_path: Path, depth: type) -> None:
    pages = [photograph(40, 30), photograph(30, 40)]
    plain = tmp_path / "a.tif"
    with tifffile.TiffWriter(plain) as file:
        for page in pages:
            file.write(page if depth is np.uint8 else page / 255, photometric="rgb")
    odd = plain.rename(tmp_path / os.fsdecode(b"caf\xe9.tif"))
    for number, page in enumerate(pages):
        expected = page if depth is np.uint8 else page.astype(np.uint16) * 257
        assert (read_photo(odd, page=number).pixels == expected).all()


@pytest.mark.parametrize("turned", range(1, 9))
def test_resolution_and_orientation_of_64_bits_stay(tmp_path: Path, turned: int) -> None:
    tags = [(274, "H", 1, turned, True)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        photograph(40, 30) / 255,
        photometric="rgb",
        resolution=(100, 50),
        resolutionunit=3,
        extratags=tags,
    )
    photo = read_photo(tmp_path / "a.tif")
    assert photo.metadata.dpi == (254, 127)
    picture = Image.fromarray(photograph(40, 30))
    picture.getexif()[274] = turned
    expected = np.asarray(ImageOps.exif_transpose(picture)).astype(np.uint16) * 257
    assert photo.pixels.shape == expected.shape
    assert (photo.pixels == expected).all()
