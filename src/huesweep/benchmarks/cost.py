"""How the time of training grows with the number of pictures, of colors and of pixels."""

from collections.abc import Iterator, Sequence

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.turns import TRAINING, seconds_in_turn

MOST = 1.15  # times what growth in proportion would be
SIDES = ((32, 100), (64, 24), (128, 6), (256, 2))  # of pictures, and how many make a batch of about as many pixels
STEPS = 10  # an epoch


def run(
    counts: Sequence[int] = (1000, 10_000, 50_000),
    colors: Sequence[int] = (8, 32, 128, 313),
    sides: Sequence[tuple[int, int]] = SIDES,
    epochs: int = 2,
) -> Iterator[Row]:
    """The cost of unet_fast, in microseconds a pixel: by pictures in the set, by colors, by side of the pictures."""
    by_count = [_microseconds(count, 32, 100, epochs, "target.colors=32") for count in counts]
    for count, cost in zip(counts, by_count, strict=True):
        yield Row(f"{count:,} pictures of 32x32, 32 colors", cost, "µs/pixel")
    growth = by_count[-1] / by_count[0]
    yield Row(f"a pixel's time among {counts[-1]:,} against {counts[0]:,}", growth, "times", 0, MOST, "lower")
    by_colors = [_microseconds(counts[0], 32, 100, epochs, f"target.colors={count}") for count in colors]
    for count, cost in zip(colors, by_colors, strict=True):
        yield Row(f"{count} colors", cost, "µs/pixel")
    growth = by_colors[-1] / by_colors[0] / (colors[-1] / colors[0])
    yield Row(f"growth from {colors[0]} to {colors[-1]} colors over theirs", growth, "times", 0, 1, "lower")
    by_side = [_microseconds(10 * batch, side, batch, epochs) for side, batch in sides]
    for (side, _), cost in zip(sides, by_side, strict=True):
        yield Row(f"pictures of {side}x{side}", cost, "µs/pixel")
    growth = by_side[-1] / by_side[0]
    yield Row(f"a pixel's time at {sides[-1][0]} against {sides[0][0]}", growth, "times", 0, MOST, "lower")


def _microseconds(pictures: int, side: int, batch: int, epochs: int, *overrides: str) -> float:
    few = f"trainer.limit_train_batches={STEPS}"
    steps = min(STEPS, -(-pictures // batch))
    options = (f"batch.size={batch}", few, "model=unet_fast", *overrides)
    seconds = seconds_in_turn(lambda _module, _data: {}, pictures, epochs, *options, side=side, validation=100)
    return min(seconds[TRAINING]) / (steps * batch * side * side) * 1e6
