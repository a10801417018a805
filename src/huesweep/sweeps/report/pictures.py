"""The pictures on a sweep's page: the same few colored by every trial, and the palettes, in data URIs."""

import base64
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from huesweep.io.bounded import read_bounded
from huesweep.io.pictures import open_picture
from huesweep.sweeps.report.trials import Trial
from huesweep.training.plots import as_png
from huesweep.training.strips import INPUT, PREDICTED, TRUTH

SIDE = 96  # pixels of the screen that a picture of a strip is high at least
OPEN = 24  # strips, and palettes, that show without being asked for
STRIP_BYTES = 6_000_000
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


class Strip(NamedTuple):
    """What a trial made of the pictures. trial: its rank."""

    picture: Picture
    caption: str
    trial: int


class Strips(NamedTuple):
    """What trials were given, the truth, and what they made of it, best first; those to unfold apart."""

    given: Picture
    truth: Picture
    shown: list[Strip]
    folded: list[Strip]


class Gallery(NamedTuple):
    """The strips of trials on the same pictures, by those, and how many finished trials kept none."""

    groups: list[Strips]
    missing: int


def compose_strips(done: Sequence[Trial], captions: Sequence[str]) -> Gallery | None:
    """The strips of finished trials, best first, below what they were made of. captions: one a trial.

    None where no trial kept a strip.
    """
    strips: list[Strip] = []
    groups: dict[tuple[Picture, ...], list[int]] = {}
    for place, (trial, caption) in enumerate(zip(done, captions, strict=True), start=1):
        found = _read_all(trial.path / "pictures" / name for name in (PREDICTED, INPUT, TRUTH))
        if len(found) == 3:
            groups.setdefault(tuple(found[1:]), []).append(len(strips))
            strips.append(Strip(found[0], caption, place))
    if not strips:
        return None
    pictures = [*(strip.picture for strip in strips), *(shared for group in groups for shared in group)]
    small = shrink(pictures, STRIP_BYTES)
    strips = [strip._replace(picture=picture) for strip, picture in zip(strips, small, strict=False)]
    common = iter(small[len(strips) :])
    shown = []
    for places in groups.values():
        rows = [strips[place] for place in places]
        shown.append(Strips(next(common), next(common), rows[:OPEN], rows[OPEN:]))
    return Gallery(shown, len(done) - len(strips))


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
