"""The pictures on a sweep's page: the same few colored by every trial, and the palettes."""

from collections.abc import Sequence
from html import escape

from huesweep.sweeps.report.contents import Trial
from huesweep.sweeps.report.images import Picture, as_image, read_picture, shrink
from huesweep.training.strips import INPUT, PREDICTED, TRUTH

SIDE = 96  # pixels of the screen that a picture of the wall is high at least
OPEN = 24  # rows of a wall, and palettes, that show without being asked for
STRIP_BYTES = 6_000_000
PALETTE_BYTES = 1_000_000
NAMED = 6  # trials of a palette


def compose_wall(done: Sequence[Trial], captions: Sequence[str]) -> str:
    """The strips of finished trials, best first, below what they were made of. captions: one a trial.

    Trials on other pictures get a wall of their own. Empty where no trial kept a strip.
    """
    strips: list[tuple[Picture, str]] = []
    walls: dict[tuple[Picture, ...], list[int]] = {}
    for trial, caption in zip(done, captions, strict=True):
        names = (PREDICTED, INPUT, TRUTH)
        found = [picture for name in names if (picture := read_picture(trial.path / "pictures" / name))]
        if len(found) == len(names):
            walls.setdefault(tuple(found[1:]), []).append(len(strips))
            strips.append((found[0], caption))
    if not strips:
        return ""
    small = shrink([*(strip for strip, _ in strips), *(shown for wall in walls for shown in wall)], STRIP_BYTES)
    common = iter(small[len(strips) :])
    parts = []
    for places in walls.values():
        rows = [_row(small[place], strips[place][1]) for place in places]
        top = _row(next(common), "input") + _row(next(common), "truth", "truth")
        parts.append(f'<div class="wall">{top}{"".join(rows[:OPEN])}{_folded(rows[OPEN:], "trials")}</div>')
    missing = len(done) - len(strips)
    note = f'<p class="note">Without strips, and so not shown: {missing} finished trials.</p>' if missing else ""
    return "\n".join(parts) + note


def _folded(rest: Sequence[str], what: str) -> str:
    return f"<details><summary>{len(rest)} more {what}</summary>{''.join(rest)}</details>" if rest else ""


def _row(strip: Picture, caption: str, kind: str = "") -> str:
    image = as_image(strip, f"the pictures: {caption}", enlarged=-(-SIDE // strip.height))
    return f'<figure class="strip {kind}"><figcaption>{escape(caption)}</figcaption>{image}</figure>\n'


def compose_palettes(trials: Sequence[Trial], labels: Sequence[str]) -> str:
    """Each palette once, with the trials that use it."""
    users: dict[Picture, list[int]] = {}
    for place, trial in enumerate(trials):
        palette = read_picture(trial.path / "pictures" / "palette.png")
        if palette:
            users.setdefault(palette, []).append(place)
    parts = []
    for palette, places in zip(shrink(list(users), PALETTE_BYTES) if users else [], users.values(), strict=True):
        targets = ", ".join(dict.fromkeys(trials[place].words.get("target", "") for place in places))
        names = ", ".join(labels[place] for place in places[:NAMED])
        more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
        image = as_image(palette, f"palette of {targets}")
        parts.append(
            f'<figure class="palette">{image}<figcaption><strong>{escape(targets)}</strong> '
            f"{escape(names + more)}</figcaption></figure>"
        )
    return "\n".join(parts[:OPEN]) + _folded(parts[OPEN:], "palettes")
