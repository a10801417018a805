"""The wall of a sweep's page: the pictures on which trials differ most, colored by the best trials and by the worst."""

import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from huesweep.io.pictures import open_picture
from huesweep.metrics.catalog import as_text
from huesweep.metrics.fidelity import psnr_per_picture
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.heading import ranking_score
from huesweep.sweeps.report.pictures import SHOWN, Picture, read_picture, shrink
from huesweep.sweeps.report.trials import Trial
from huesweep.training.folder import STRIP_OF_INPUTS, STRIP_OF_PREDICTIONS, STRIP_OF_TRUTHS
from huesweep.training.plots import as_png

PICTURES = 6  # of a strip, at most
ENDS = 3  # trials that show without being asked for, of the best and of the worst
MOST = 24  # trials of a group at most
BYTES = 6_000_000  # of all strips


class Strip(NamedTuple):
    """What a trial made of the pictures. trial: its number on the page."""

    picture: Picture
    caption: str
    trial: int


class Wall(NamedTuple):
    """What trials were given, the truth, and what the best and the worst made of it; those to unfold apart.

    shown, kept: how many pictures are shown, of how many that trials keep.
    """

    given: Picture
    truth: Picture
    best: list[Strip]
    worst: list[Strip]
    folded: list[Strip]
    shown: int
    kept: int


class Gallery(NamedTuple):
    """Walls of trials on the same pictures, how many finished trials kept none, and how many are left out."""

    walls: list[Wall]
    missing: int
    more: int


def compose_wall(groups: Sequence[Group], metric: str) -> Gallery | None:
    """The walls of finished trials; None where no trial kept a strip. metric: by which they are ranked."""
    walls: list[Wall] = []
    missing = more = 0
    for group in groups:
        kept = [
            place for place, trial in enumerate(group.done) if (trial.path / "pictures" / STRIP_OF_PREDICTIONS).exists()
        ]
        chosen = kept if len(kept) <= MOST else kept[: MOST - ENDS] + kept[-ENDS:]
        alike: dict[tuple[bytes, bytes], list[tuple[int, list[Picture]]]] = {}
        for place in chosen:
            read = _read(group.done[place])
            if read:
                alike.setdefault((read[1].content, read[2].content), []).append((place, read))
        walls += [_wall(group, metric, strips) for strips in alike.values()]
        missing += len(group.done) - len(kept) + len(chosen) - sum(map(len, alike.values()))
        more += len(kept) - len(chosen)
    return Gallery(_within(walls), missing, more) if walls else None


def _read(trial: Trial) -> list[Picture]:
    """What a trial made, what it was given, and the truth; nothing where one of them can't be read."""
    paths = (trial.path / "pictures" / name for name in (STRIP_OF_PREDICTIONS, STRIP_OF_INPUTS, STRIP_OF_TRUTHS))
    found = [picture for path in paths if (picture := read_picture(path))]
    alike = len(found) == 3 and len({(picture.width, picture.height) for picture in found}) == 1
    return found if alike and found[0].width % found[0].height == 0 else []


def _wall(group: Group, metric: str, strips: Sequence[tuple[int, list[Picture]]]) -> Wall:
    given, truth = strips[0][1][1:]
    made = [read[0] for _, read in strips]
    chosen = most_different(map(_pixels, made), truth.width // truth.height)
    cut = [_cut(_pixels(picture), chosen) for picture in (given, truth, *made)]
    shown = []
    for (place, _), pixels in zip(strips, cut[2:], strict=True):
        score = as_text("psnr", _psnr(pixels, cut[1]))
        caption = (
            f"{place + 1}. {group.labels[place]}{ranking_score(group.results[place], metric)}, {score} dB on these"
        )
        shown.append(Strip(_as_picture(pixels), caption, group.first + place))
    best = shown[:ENDS]
    worst = shown[max(ENDS, len(shown) - ENDS) :]
    folded = shown[len(best) : len(shown) - len(worst)]
    kept = truth.width // truth.height
    return Wall(_as_picture(cut[0]), _as_picture(cut[1]), best, worst, folded, len(chosen), kept)


def most_different(made: Iterable[np.ndarray], count: int) -> list[int]:
    """On which of so many pictures strips differ most, by their mean standard deviation; in the strips' order.

    made: uint8 (H, count · H, 3), by each trial.
    """
    number, total, squares = 0, np.zeros(1, np.float32), np.zeros(1, np.float32)
    for strip in made:
        pixels = strip.astype(np.float32)
        number, total, squares = number + 1, total + pixels, squares + pixels**2
    spread = np.sqrt(np.maximum(squares / number - (total / number) ** 2, 0))
    by_picture = [float(part.mean()) for part in np.split(spread, count, axis=1)]
    return sorted(np.argsort([-value for value in by_picture], kind="stable")[:PICTURES].tolist())


def _psnr(made: np.ndarray, truth: np.ndarray) -> float:
    """The mean over the pictures of strips, uint8 (H, N · H, 3)."""
    return psnr_per_picture(_pictures(made), _pictures(truth)).mean().item()


def _pictures(strip: np.ndarray) -> Tensor:
    parts = np.split(strip, strip.shape[1] // len(strip), axis=1)
    return torch.from_numpy(np.stack(parts)).movedim(-1, 1)


def _cut(strip: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
    side = len(strip)
    return np.concatenate([strip[:, place * side : (place + 1) * side] for place in chosen], axis=1)


def _pixels(picture: Picture) -> np.ndarray:
    return np.asarray(open_picture(io.BytesIO(picture.content), formats=SHOWN).convert("RGB"))


def _as_picture(pixels: np.ndarray) -> Picture:
    return Picture(as_png(Image.fromarray(pixels)), pixels.shape[1], pixels.shape[0])


def _within(walls: Sequence[Wall]) -> list[Wall]:
    """Walls whose pictures take at most BYTES together."""
    strips = [[*wall.best, *wall.worst, *wall.folded] for wall in walls]
    pictures = [
        [wall.given, wall.truth, *(strip.picture for strip in of)] for wall, of in zip(walls, strips, strict=True)
    ]
    small = iter(shrink([picture for of_wall in pictures for picture in of_wall], BYTES))
    found = []
    for wall in walls:
        given, truth = next(small), next(small)
        parts = [
            [strip._replace(picture=next(small)) for strip in part] for part in (wall.best, wall.worst, wall.folded)
        ]
        found.append(wall._replace(given=given, truth=truth, best=parts[0], worst=parts[1], folded=parts[2]))
    return found
