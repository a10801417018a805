"""The pictures on a sweep's page, in data URIs, and the palettes."""

import base64
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from huesweep.io.bounded import read_bounded
from huesweep.io.pictures import open_picture
from huesweep.sweeps.report.trials import Trial
from huesweep.training.plots import as_png

SIDE = 128  # pixels of the screen that a picture of a strip is high at least, where there is room
OPEN = 24  # palettes that show without being asked for
PALETTE_BYTES = 1_000_000
NAMED = 6  # trials of a palette
QUALITY = 85  # of JPEG
PICTURE_BYTES = 2**26
SHOWN = ("PNG", "JPEG")  # formats that Picture.uri names


class Picture(NamedTuple):
    """A picture file's content, and the size of the picture before it was shrunk, in pixels."""

    content: bytes
    width: int
    height: int

    @property
    def uri(self) -> str:
        """The picture as an address that holds it."""
        kind = "jpeg" if self.content.startswith(b"\xff\xd8") else "png"
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode()}"

    @property
    def enlarged(self) -> tuple[int, int]:
        """Width and height at which a strip is shown."""
        factor = -(-SIDE // self.height)
        return self.width * factor, self.height * factor


class Palette(NamedTuple):
    """A palette, the targets that it is called by, and the trials that use it."""

    picture: Picture
    targets: str
    trials: str


def compose_palettes(trials: Sequence[Trial], labels: Sequence[str]) -> list[list[Palette]]:
    """Each palette once, with the trials that use it: those to show, and those to unfold."""
    users: dict[Picture, list[int]] = {}
    for place, trial in enumerate(trials):
        for picture in _read_all([trial.path / "pictures" / "palette.png"]):
            users.setdefault(picture, []).append(place)
    palettes = []
    for picture, places in zip(shrink(list(users), PALETTE_BYTES), users.values(), strict=True):
        targets = ", ".join(dict.fromkeys(trials[place].words.get("target", "") for place in places))
        names = ", ".join(labels[place] for place in places[:NAMED])
        more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
        palettes.append(Palette(picture, targets, names + more))
    return [palettes[:OPEN], palettes[OPEN:]] if palettes else []


def _read_all(paths: Iterable[Path]) -> list[Picture]:
    return [picture for path in paths if (picture := read_picture(path))]


def read_picture(path: Path) -> Picture | None:
    """A picture from a file, or None where there is none that can be read."""
    try:
        content = read_bounded(path, PICTURE_BYTES)
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
