"""Names of photo files: how they end, and which format is read or written."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from huesweep.errors import UsageError

SUFFIXES = {  # how the names of results may end, and the format
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".jfif": "JPEG",
    ".jpe": "JPEG",
}
FORMATS = {suffix.removeprefix("."): format for suffix, format in SUFFIXES.items()}
READ_ONLY = (".gif", ".avif")
HEIC = (".heic", ".heif")  # with pillow-heif
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*", b"GIF8")  # of files whose names have no ending
DEEP = ("PNG", "TIFF")  # hold 16 bits
MOST_SIDE = {"JPEG": 65500, "WEBP": 16383}  # pixels, as Pillow's writers take them
OPAQUE = ("JPEG", "BMP")  # hold no transparency
ENDINGS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp", "GIF": ".png"}


@cache
def readable() -> tuple[str, ...]:
    """How the names of photos end."""
    return (*SUFFIXES, *READ_ONLY, *(HEIC if find_spec("pillow_heif") else ()))


def is_photo(file: Path) -> bool:
    """Whether a file among others is taken for a photo: by its name's ending, or by its start where it has none."""
    if file.suffix:
        return file.suffix.lower() in readable()
    try:
        with file.open("rb") as content:
            start = content.read(12)
    except OSError:
        return False
    return start.startswith(STARTS) or (start[:4] == b"RIFF" and start[8:] == b"WEBP")


def format_of(path: Path, given: str | None = None) -> str:
    """The format to write: the one named, or that of the path's ending. Raises UsageError for others."""
    suffix = path.suffix.lower()
    if given is not None:
        if given.lower() not in FORMATS:
            raise UsageError(f"format={given} does not exist; choices: {', '.join(FORMATS)}")
        return FORMATS[given.lower()]
    if suffix not in SUFFIXES:
        raise UsageError(f"out={path} must end in one of {', '.join(SUFFIXES)}")
    return SUFFIXES[suffix]


def check_sides(result: Path, format: str, width: int, height: int) -> None:
    """Raise UsageError for a result with a longer side than its format takes."""
    most = MOST_SIDE.get(format)
    if most is not None and max(width, height) > most:
        raise UsageError(
            f"out={result} would have {width}x{height} pixels, and {format} takes no more than {most} a side: "
            "add format=png or tiff"
        )


def check_transparency(result: Path, format: str) -> None:
    """Raise UsageError for a transparent photo's result in a format that keeps no transparency."""
    if format in OPAQUE:
        raise UsageError(f"out={result}: {format} keeps no transparency; add format=png, webp or tiff")


def ending_for(format: str, is_transparent: bool) -> str:
    """How a result's name ends where the photo's own ending can't be written."""
    return ENDINGS.get(format, ".png" if is_transparent else ".jpg")
