"""How long a sweep took: the sum over its trials, the time on the clock, and how many trained at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from huesweep.sweeps.results import Result

PAUSE = 300.0  # seconds without any training after which a sweep is thought to have stopped
TOUCH = 1.0  # seconds by which trials may overlap that came one after the other: clocks are read at different moments


class Times(NamedTuple):
    """Seconds of training of finished trials, seconds on the clock, and how many trained at once.

    wall and most are None where some trial did not note when it ended.
    """

    total: float
    wall: float | None
    most: int | None

    @property
    def is_under_load(self) -> bool:
        """Whether trials trained side by side, and so took longer than each would alone."""
        return self.most is not None and self.most > 1


def times_of(results: Sequence[Result]) -> Times:
    """How long trials trained. wall: without pauses of more than PAUSE. most: trials at the same time."""
    total = sum(result["seconds"] for result in results)
    spans = sorted((result["ended"] - result["seconds"], result["ended"]) for result in results if result.get("ended"))
    if not results or len(spans) < len(results):
        return Times(total, None, None)
    wall, reached = 0.0, spans[0][0]
    for start, end in spans:
        wall += max(0.0, end - reached) - (start - reached if start - reached > PAUSE else 0.0)
        reached = max(reached, end)
    steps = [(moment, step) for start, end in spans for moment, step in ((start + TOUCH, 1), (end, -1))]
    now, most = 0, 1
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return Times(total, wall, most)


def in_words(seconds: float) -> str:
    """A time to a digit after the point, in minutes or hours."""
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"


def told(times: Times) -> list[tuple[str, str]]:
    """The times as the head of a page shows them: a number, and what it is."""
    found = [(in_words(times.total), "of training, finished trials")]
    if times.wall is not None:
        at_once = f", up to {times.most} at a time" if times.is_under_load else ""
        found.append((in_words(times.wall), f"on the clock{at_once}"))
    return found


def about_seconds(times: Times) -> str:
    """What the column of seconds is, in a line."""
    load = f", measured under load: up to {times.most} trials trained at a time" if times.is_under_load else ""
    return f"seconds of training, with the scoring after each epoch, without that at the end{load}"
