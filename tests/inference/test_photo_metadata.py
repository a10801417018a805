"""What a photo's file tells beside pixels is in the result, judged by exiv2 and Pillow."""

import io
import os
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import exiv2
import numpy as np
import pytest
import tifffile
from PIL import Image, PngImagePlugin

from huesweep.inference.photo_bigtiff import as_tiff
from huesweep.inference.photo_file import read_photo, write_photo
from tests.inference.photographs import MAKER, TAKEN, exif, photograph, save

KINDS = [
    (ending, depth) for ending, depth in (("jpg", 8), ("png", 8), ("png", 16), ("webp", 8), ("tiff", 8), ("tiff", 16))
]
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tiff": "TIFF"}
TEXTS = {
    "Exif.Image.Artist": "Zoë Müller",
    "Exif.Photo.DateTimeOriginal": TAKEN,
    "Exif.GPSInfo.GPSLatitude": "47/1 22/1 3/1",
    "Iptc.Application2.Headline": "Grüße aus Zürich",
    "Xmp.dc.creator": "写真家",
    "Xmp.tiff.Orientation": "6",
    "Xmp.xmp.Rating": "4",
}
PNG_HEADER = 33  # bytes, before which no text may stand
STALE = {"Exif.Photo.PixelXDimension": "9999", "Exif.Photo.PixelYDimension": "8888", "Exif.Image.Orientation": "6"}


def described(path: Path, comment: str = "größer") -> Path:
    """A photo with metadata of every kind written into it by exiv2."""
    image = exiv2.ImageFactory.open(path.read_bytes())
    image.readMetadata()
    for key, value in {**TEXTS, **STALE}.items():
        if image.checkMode(_kind(key)) == exiv2.AccessMode.amReadWrite:
            {"E": image.exifData, "I": image.iptcData, "X": image.xmpData}[key[0]]()[key] = value
    if image.checkMode(exiv2.MetadataId.Comment) == exiv2.AccessMode.amReadWrite:
        image.setComment(comment)
    if path.suffix != ".tiff":  # where a thumbnail is a page
        thumbnail = io.BytesIO()
        Image.new("RGB", (16, 12)).save(thumbnail, "JPEG")
        exiv2.ExifThumb(image.exifData()).setJpegThumbnail(thumbnail.getvalue())
    image.writeMetadata()
    file = image.io()
    file.open()
    path.write_bytes(bytes(file.mmap()))
    return path


def _kind(key: str) -> Any:
    return {"E": exiv2.MetadataId.Exif, "I": exiv2.MetadataId.Iptc, "X": exiv2.MetadataId.Xmp}[key[0]]


def told(path: Path) -> dict[str, str]:
    """Everything that exiv2 reads in a file."""
    image = exiv2.ImageFactory.open(path.read_bytes())
    image.readMetadata()
    found = {
        datum.key(): str(datum.value())
        for data in (image.exifData(), image.iptcData(), image.xmpData())
        for datum in data
    }
    return {**found, "comment": image.comment()}


@pytest.mark.parametrize(("ending", "depth"), KINDS)
def test_all_of_it_is_in_the_result_and_set_right(tmp_path: Path, ending: str, depth: int) -> None:
    path = described(save(tmp_path / f"a.{ending}", photograph(40, 30), "rgb", depth))
    before = told(path)
    lost = write_photo(tmp_path / f"b.{ending}", read_photo(path), FORMATS[ending])
    after = told(tmp_path / f"b.{ending}")
    expected = {key: value for key, value in TEXTS.items() if key in before}
    assert len(expected) == len(TEXTS) - (ending == "webp"), "WebP holds no IPTC"
    assert {key: after.get(key) for key in expected} == {**expected, "Xmp.tiff.Orientation": "1"}
    assert after["Exif.Image.Make"] == MAKER
    assert after["comment"] == before["comment"]
    assert (after["Exif.Photo.PixelXDimension"], after["Exif.Photo.PixelYDimension"]) == ("30", "40")
    assert after["Exif.Image.Orientation"] == "1"
    assert not [key for key in after if key.startswith("Exif.Thumbnail")]
    assert lost == []
    with Image.open(tmp_path / f"b.{ending}") as picture:
        assert picture.size == (30, 40)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(("ending", "depth"), KINDS)
def test_it_goes_from_one_format_to_another(tmp_path: Path, ending: str, depth: int, to: str) -> None:
    path = described(save(tmp_path / f"a.{ending}", photograph(40, 30), "rgb", depth))
    lost = write_photo(tmp_path / f"b.{to}", read_photo(path), FORMATS[to])
    after = told(tmp_path / f"b.{to}")
    expected = {
        key: value for key, value in TEXTS.items() if key in told(path) and not (to == "webp" and key[0] == "I")
    }
    assert {key: after.get(key) for key in expected} == {**expected, "Xmp.tiff.Orientation": "1"}
    assert "IPTC" not in lost
    headline = None if ending == "webp" or to != "webp" else TEXTS["Iptc.Application2.Headline"]
    assert after.get("Xmp.photoshop.Headline") == headline, "of IPTC, which WebP holds as XMP"
    with Image.open(tmp_path / f"b.{to}") as picture:
        picture.load()
        assert picture.size == (30, 40)


IPTC = b"\x1c\x01\x5a\0\x03\x1b%G\x1c\x02\x69\0\x07" + "Grüße".encode()  # IIM 4.2: UTF-8, and a headline
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>"""


def big_tiff(path: Path, order: str) -> Path:
    """A BigTIFF file that tells in its own directory, EXIF's and GPS's."""
    place = 8192
    texts = [(271, "s", 0, MAKER, True), (33723, 7, len(IPTC), IPTC, True), (700, 1, 0, XMP.encode(), True)]
    pointers = [(34664, 16, 1, place, True), (34852, 16, 1, place + 512, True)]  # tifffile refuses the next ones
    options: dict[str, Any] = {"bigtiff": True, "byteorder": order, "extratags": texts + pointers}
    tifffile.imwrite(path, photograph(40, 30), photometric="rgb", resolution=(300, 240), resolutionunit=2, **options)
    seconds = struct.pack(f"{order}QHHQQQ", 1, 0x9003, 2, 20, place + 64, 0).ljust(64, b"\0") + TAKEN.encode() + b"\0"
    north = struct.pack(f"{order}QHHQ2s6xQ", 1, 1, 2, 2, b"N\0", 0)
    content = path.read_bytes()
    for tag in (34665, 34853):
        content = content.replace(struct.pack(f"{order}HHQ", tag - 1, 16, 1), struct.pack(f"{order}HHQ", tag, 16, 1))
    path.write_bytes(content.ljust(place, b"\0") + seconds.ljust(512, b"\0") + north)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_big_tiff_tells_as_much(tmp_path: Path, order: str) -> None:
    photo = read_photo(big_tiff(tmp_path / "a.tif", order))
    assert photo.remarks == ()
    for to, format in FORMATS.items():
        assert write_photo(tmp_path / f"b.{to}", photo, format) == []
        after = told(tmp_path / f"b.{to}")
        assert after["Exif.Image.Make"] == MAKER
        assert after["Exif.Photo.DateTimeOriginal"] == TAKEN
        assert after["Exif.GPSInfo.GPSLatitudeRef"] == "N"
        assert after["Xmp.photoshop.Headline" if to == "webp" else "Iptc.Application2.Headline"] == "Grüße"
        assert after["Xmp.xmp.Rating"] == "4"
    with Image.open(tmp_path / "b.jpg") as picture:
        assert [float(dots) for dots in picture.info["dpi"]] == [300, 240]


@pytest.mark.parametrize("cut", [20, 200, 8200, 8700])
def test_damaged_metadata_of_a_big_tiff_are_left_out(tmp_path: Path, cut: int) -> None:
    whole = big_tiff(tmp_path / "a.tif", "<").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[:cut])
    with pytest.raises(ValueError, match="truncated"):
        as_tiff(tmp_path / "a.tif")
    if cut > 8000:
        assert read_photo(tmp_path / "a.tif").remarks == ("its metadata can't be read and are left out",)


@pytest.mark.parametrize("status", [b"", b"final"])
def test_what_xmp_holds_of_iptc_is_kept_and_the_rest_told(tmp_path: Path, status: bytes) -> None:
    sets = [(25, b"boat, red"), (25, b"sea"), (55, b"19610412"), (60, b"090700+0300"), (80, b"A"), (90, b"Z\xfcrich")]
    sets += [(7, status)] * bool(status)  # EditStatus, which XMP doesn't know
    block = b"".join(struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text for number, text in sets)
    xmp = XMP.replace(
        "xmp:Rating", 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Urgency="3" xmp:Rating'
    )
    tags = {33723: block, 700: xmp.encode()}
    Image.fromarray(photograph(40, 30)).save(tmp_path / "a.tif", tiffinfo=tags)
    lost = write_photo(tmp_path / "b.webp", read_photo(tmp_path / "a.tif"), "WEBP")
    assert lost == (["IPTC"] if status else [])
    after = told(tmp_path / "b.webp")
    assert after["Xmp.photoshop.City"] == "Zürich"
    assert after["Xmp.photoshop.DateCreated"] == "1961-04-12T09:07:00+03:00"
    assert after["Xmp.photoshop.Urgency"] == "3"
    with Image.open(tmp_path / "b.webp") as picture:
        items = re.findall(rb"<rdf:li>(.*?)</rdf:li>", picture.info["xmp"])
    assert items == [b"boat, red", b"sea", b"A"]


def test_tags_of_layout_reach_no_other_container(tmp_path: Path) -> None:
    block = exif()
    block[256], block[257], block[258], block[259], block[273], block[278] = 7, 9, 4, 7, 3, 1
    Image.fromarray(photograph(40, 30)).save(tmp_path / "a.jpg", exif=block.tobytes(), quality=95)
    for to, format in FORMATS.items():
        write_photo(tmp_path / f"b.{to}", read_photo(tmp_path / "a.jpg"), format)
    assert tifffile.imread(tmp_path / "b.tiff").shape == (30, 40, 3)
    assert (tifffile.imread(tmp_path / "b.tiff") == np.asarray(Image.open(tmp_path / "a.jpg"))).all()
    assert told(tmp_path / "b.tiff")["Exif.Image.Make"] == MAKER
    assert told(tmp_path / "b.jpg").keys().isdisjoint({"Exif.Image.ImageLength", "Exif.Image.StripOffsets"})


@pytest.mark.parametrize("ending", FORMATS)
def test_resolution_stays(tmp_path: Path, ending: str) -> None:
    for to, format in FORMATS.items():
        picture = Image.fromarray(photograph(40, 30))
        options: dict[str, Any] = {"dpi": (300, 240)}
        if ending == "webp":
            block = Image.Exif()
            block[282], block[283], block[296] = 300.0, 240.0, 2
            options = {"exif": block.tobytes()}
        picture.save(tmp_path / f"a.{ending}", **options)
        write_photo(tmp_path / f"b.{to}", read_photo(tmp_path / f"a.{ending}"), format)
        with Image.open(tmp_path / f"b.{to}") as result:
            block = result.getexif()
            found = [block[282], block[283]] if 282 in block else result.info["dpi"]
        assert [float(dots) for dots in found] == pytest.approx([300, 240], abs=0.1), to


def _chunk(content: bytes, wrong: int = 0) -> bytes:
    """A chunk of a PNG file, of its kind and what it holds. wrong: bits of its checksum."""
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content) ^ wrong)


@pytest.mark.parametrize("depth", [8, 16])
def test_texts_of_a_png_stay(tmp_path: Path, depth: int) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "An old photo")
    texts.add_itxt("Caption", "Großmutter, 祖母", "de", "Bildtext")
    texts.add_text("Comment", "scanned", zip=True)
    levels = photograph(40, 30)
    values = levels if depth == 8 else levels[..., 0].astype(np.uint16) * 257
    Image.fromarray(values).save(tmp_path / "a.png", pnginfo=texts)
    write_photo(tmp_path / "b.png", read_photo(tmp_path / "a.png"), "PNG")
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.text == {"Title": "An old photo", "Caption": "Großmutter, 祖母", "Comment": "scanned"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("to", FORMATS)
def test_texts_of_a_png_that_a_format_does_not_take_are_told(tmp_path: Path, to: str) -> None:
    comment = ["its comment"] if to in ("tiff", "webp") else []  # as exiv2 takes a description
    for keyword, told in (("Title", ["its texts"]), ("Description", comment)):
        texts = PngImagePlugin.PngInfo()
        texts.add_text(keyword, "An old photo")
        Image.fromarray(photograph(40, 30)).save(tmp_path / "a.png", pnginfo=texts)
        lost = write_photo(tmp_path / f"b.{to}", read_photo(tmp_path / "a.png"), FORMATS[to])
        assert lost == ([] if to == "png" else told)


def test_texts_that_are_all_there_is_are_told_of_a_format_without_metadata(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "An old photo")
    Image.fromarray(photograph(40, 30)).save(tmp_path / "a.png", pnginfo=texts)
    assert write_photo(tmp_path / "b.bmp", read_photo(tmp_path / "a.png"), "BMP") == ["its texts"]


def test_a_damaged_text_of_a_png_is_left_out(tmp_path: Path) -> None:
    chunk = _chunk(b"tEXtTitle\0old", wrong=1)
    content = save(tmp_path / "a.png", photograph(20, 20), "rgb", 8).read_bytes()
    (tmp_path / "a.png").write_bytes(content[:PNG_HEADER] + chunk + content[PNG_HEADER:])
    photo = read_photo(tmp_path / "a.png")
    assert photo.remarks == ("a damaged part of its file (tEXt) is left out",)
    write_photo(tmp_path / "b.png", photo, "PNG")
    assert b"Title" not in (tmp_path / "b.png").read_bytes()


def test_a_photo_is_turned_though_exiv2_reads_nothing_of_it(tmp_path: Path) -> None:
    content = io.BytesIO()
    Image.fromarray(photograph(40, 30)).save(content, "PNG", exif=exif(6).tobytes())
    damaged = _chunk(b"zTXtTitle\0\0no stream of zlib")
    (tmp_path / "a.png").write_bytes(content.getvalue()[:PNG_HEADER] + damaged + content.getvalue()[PNG_HEADER:])
    with pytest.raises(exiv2.Exiv2Error):
        told(tmp_path / "a.png")
    photo = read_photo(tmp_path / "a.png")
    assert photo.remarks == ("its metadata can't be read and are left out",)
    assert (photo.pixels == np.rot90(photograph(40, 30), -1)).all()


@pytest.mark.parametrize("told", [65535, 2])
def test_a_result_says_that_its_colors_are_srgb(tmp_path: Path, told: int) -> None:
    path = save(tmp_path / "a.jpg", photograph(20, 20), "rgb", 8)
    image = exiv2.ImageFactory.open(str(path))
    image.readMetadata()
    image.exifData()["Exif.Photo.ColorSpace"] = str(told)
    image.exifData()["Exif.Iop.InteroperabilityIndex"] = "R03"  # Adobe RGB, by DCF 2.0
    image.writeMetadata()
    write_photo(tmp_path / "b.jpg", read_photo(path), "JPEG")
    result = exiv2.ImageFactory.open(str(tmp_path / "b.jpg"))
    result.readMetadata()
    found = {datum.key(): str(datum.value()) for datum in result.exifData()}
    assert found["Exif.Photo.ColorSpace"] == "1"
    assert not any(key.startswith("Exif.Iop.") for key in found)


def test_more_than_a_jpeg_takes_is_told(tmp_path: Path) -> None:
    block = exif()
    block.get_ifd(0x8769)[0x927C] = bytes(range(256)) * 400
    Image.fromarray(photograph(40, 30)).save(tmp_path / "a.png", exif=block.tobytes())
    write_photo(tmp_path / "b.jpg", read_photo(tmp_path / "a.png"), "JPEG")
    assert told(tmp_path / "b.jpg")["Exif.Image.Make"] == MAKER


def test_metadata_that_would_spoil_the_result_are_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = described(save(tmp_path / "a.jpg", photograph(40, 30), "rgb", 8))
    photo = read_photo(path)
    monkeypatch.setattr("huesweep.inference.photo_metadata._written", lambda encoded, *_: encoded[: len(encoded) // 2])
    assert write_photo(tmp_path / "b.png", photo, "PNG") == ["metadata"]
    with Image.open(tmp_path / "b.png") as picture:
        assert (np.asarray(picture) == photo.pixels).all()


def test_a_comment_in_latin_1_is_kept_and_all_else(tmp_path: Path) -> None:
    path = described(save(tmp_path / "a.jpg", photograph(40, 30), "rgb", 8))
    before = told(path)
    path.write_bytes(path.read_bytes().replace("größer".encode(), "größer  ".encode("latin-1"), 1))
    lost = write_photo(tmp_path / "b.jpg", read_photo(path), "JPEG")
    assert lost == []
    after = told(tmp_path / "b.jpg")
    kept = {key: value for key, value in TEXTS.items() if key in before}
    assert {key: after.get(key) for key in kept} == {**kept, "Xmp.tiff.Orientation": "1"}
    assert after["comment"] == "größer  "


def test_a_format_without_metadata_says_so(tmp_path: Path) -> None:
    path = described(save(tmp_path / "a.jpg", photograph(40, 30), "rgb", 8))
    assert write_photo(tmp_path / "b.bmp", read_photo(path), "BMP") == ["metadata"]
    Image.new("RGB", (8, 8)).save(tmp_path / "bare.jpg")
    assert write_photo(tmp_path / "bare.bmp", read_photo(tmp_path / "bare.jpg"), "BMP") == []


def test_a_name_in_no_encoding_is_no_hindrance(tmp_path: Path) -> None:
    path = described(save(tmp_path / "a.jpg", photograph(40, 30), "rgb", 8))
    expected = told(path)
    odd = tmp_path / os.fsdecode(b"bad\xff\xfe.jpg")
    path.rename(odd)
    assert write_photo(tmp_path / "b.jpg", read_photo(odd), "JPEG") == []
    assert told(tmp_path / "b.jpg")["comment"] == expected["comment"]
