"""What the suite adds to training: its epochs against those of a bare loop, same network, data in memory."""

from collections.abc import Iterator, Sequence

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.turns import TRAINING, bare_loop, ratio, seconds_in_turn

LEAST = 0.97


def run(
    models: Sequence[str] = ("yeung_unet", "unet_fast", "unet_s"), pictures: int = 2000, epochs: int = 3
) -> Iterator[Row]:
    """Speed against the bare loop's, by network: the smaller one is, the more it shows."""
    for model in models:
        seconds = seconds_in_turn(
            lambda module, data: {"bare": bare_loop(module, data)}, pictures, epochs, f"model={model}"
        )
        share, spread = ratio(seconds["bare"], seconds[TRAINING])
        yield Row(f"{model}: speed against a bare loop", share, "times", spread, LEAST)
        yield Row(f"{model}: pictures a second", pictures / min(seconds[TRAINING]), "pictures/s")
