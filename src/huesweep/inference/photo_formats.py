"""Names of photo files: how they end, and which format is read or written."""

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
DEEP = ("PNG", "TIFF")  # hold 16 bits
OPAQUE = ("JPEG", "BMP")  # hold no transparency
ENDINGS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp", "GIF": ".png"}


def readable() -> tuple[str, ...]:
    """How the names of photos end."""
    return (*SUFFIXES, *READ_ONLY, *(HEIC if find_spec("pillow_heif") else ()))


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


def ending_for(format: str, is_transparent: bool) -> str:
    """How a result's name ends where the photo's own ending can't be written."""
    return ENDINGS.get(format, ".png" if is_transparent else ".jpg")
