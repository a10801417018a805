"""Whether the suite has become slower, in about two minutes: the ratios that others measure, on fewer pictures.

Fails where one is more than a tenth worse than its bar.
"""

from collections.abc import Iterator

from huesweep.benchmarks import encode, start, step, validation, yeung
from huesweep.benchmarks.report import Row

SLACK = 0.1
REACHED = {"NumPy's time against ours": 10.0}  # of fewer pixels, among which making the table counts more
UNITS = ("times", "times the time", "")  # of ratios and counts: seconds depend on the machine


def run(pictures: int = 1000, epochs: int = 3, repetitions: int = 2) -> Iterator[Row]:
    """Those rows that have a bar and are no seconds."""
    parts = (
        step.run(("yeung_unet", "unet_fast"), pictures, epochs),
        validation.run(("unet_s",), pictures, epochs),
        yeung.run(pictures, epochs),
        encode.run(10 * pictures, (32,), repetitions),
        start.run(repetitions),
    )
    for rows in parts:
        yield from (loosened(row) for row in rows if row.target is not None and row.unit in UNITS)


def loosened(row: Row) -> Row:
    """A row whose bar is a tenth lower, or higher where less is better."""
    target = next((bar for name, bar in REACHED.items() if row.name.endswith(name)), row.target)
    assert target is not None
    return row._replace(target=target * (1 - SLACK if row.better == "higher" else 1 + SLACK))
