"""Pictures inside a page: data URIs, shrunk where many of them would make the page too large."""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from huesweep.io.pictures import open_picture
from huesweep.training.plots import as_png

QUALITY = 85  # of JPEG
SHOWN = ("PNG", "JPEG")  # formats that as_image names


class Picture(NamedTuple):
    """A picture file's content, and the size of the picture before it was shrunk, in pixels."""

    content: bytes
    width: int
    height: int


def read_picture(path: Path) -> Picture | None:
    """A picture from a file, or None where there is none that can be read."""
    try:
        content = path.read_bytes()
        with open_picture(io.BytesIO(content), formats=SHOWN) as picture:
            picture.load()
            return Picture(content, *picture.size)
    except Exception:  # a file may hold anything, and Pillow raises many kinds
        return None


def shrink(pictures: Sequence[Picture], budget: int) -> list[Picture]:
    """Pictures that take at most `budget` bytes together, which none may exceed its part of unless all fit as they are.

    Those that do become JPEG, and are halved in size until they don't; one pixel is left in any case.
    """
    if sum(len(picture.content) for picture in pictures) <= budget:
        return list(pictures)
    part = budget // len(pictures)
    return [picture._replace(content=_within(picture.content, part)) for picture in pictures]


def _within(content: bytes, limit: int) -> bytes:
    if len(content) <= limit:
        return content
    picture = open_picture(io.BytesIO(content), formats=SHOWN).convert("RGB")
    while True:
        jpeg = io.BytesIO()
        picture.save(jpeg, format="jpeg", quality=QUALITY, optimize=True)
        smallest = min(jpeg.getvalue(), as_png(picture), key=len)
        if len(smallest) <= limit or picture.size == (1, 1):
            return smallest
        picture = picture.reduce(2)


def as_image(picture: Picture, alt: str, enlarged: int = 1) -> str:
    """An <img> that carries its picture, shown `enlarged` times as large as it was."""
    kind = "jpeg" if picture.content.startswith(b"\xff\xd8") else "png"
    uri = f"data:image/{kind};base64,{base64.b64encode(picture.content).decode()}"
    size = f'width="{picture.width * enlarged}" height="{picture.height * enlarged}"'
    return f'<img src="{uri}" {size} alt="{escape(alt)}">'
