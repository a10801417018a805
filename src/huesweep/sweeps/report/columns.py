"""The columns of a page's tables: their headings, how they sort, and what they are, in a line."""

from collections.abc import Collection
from typing import NamedTuple

from huesweep.metrics.catalog import BETTER, CATALOG, LOWER_IS_BETTER
from huesweep.sweeps.report.times import Times, about_seconds
from huesweep.sweeps.swept import WORDS
from huesweep.sweeps.table import NUMBERS, heading

TEXTS = ("sweep", *WORDS, "trial", "standing")
ABOUT = {
    "rank": "place by the score that ranks",
    "target": "how color is represented: a palette of so many colors, chroma (ab) or RGB",
    "seed": "what random numbers start from: trials that differ in it alone repeat each other",
    "seeds": "trials that differ in the seed alone; of those, how many have a score",
    "standing": "whether the mean can be told from that of the first row",
    "parameters": "numbers that are learned, without those of frozen parts",
    "epochs": "passes over the training pictures",
}


class Column(NamedTuple):
    """A heading, how its column is ordered, by what a first click puts on top, and what it is."""

    heading: str
    is_number: bool = False
    is_highest_first: bool = False
    about: str = ""


def column_of(name: str, options: Collection[str], times: Times) -> Column:
    """The column of a row's `name`. options: names of swept options. times: of the trials in the table."""
    short = name.removeprefix("val_")
    is_lowest_first = short in (*options, *TEXTS, *NUMBERS, "rank", *LOWER_IS_BETTER)
    about = "an option that was swept over" if name in options else _about(name, times)
    return Column(heading(name), name not in TEXTS, not is_lowest_first, about)


def _about(name: str, times: Times) -> str:
    metric = CATALOG.get(name.removeprefix("val_"))
    if metric is None:
        return about_seconds(times) if name == "seconds" else ABOUT.get(name, "")
    unit = f", in {metric.unit}" if metric.unit else ""
    pictures = "validation pictures" if name.startswith("val_") else "test pictures"
    return f"{metric.about}{unit}; on the {pictures}, {metric.of}; {BETTER[metric.better]}"
