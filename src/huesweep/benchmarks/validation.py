"""What scoring costs: validation with all metrics against a training epoch of as many pictures."""

from collections.abc import Iterator, Mapping, Sequence

import torch

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.turns import TRAINING, VALIDATION, Loop, precomputed, ratio, seconds_in_turn
from huesweep.data.module import PairDataModule
from huesweep.training.module import ColorizationModule

MOST = 0.15  # of a training epoch, beside the network's forward pass, which no scoring can do without


def run(models: Sequence[str] = ("unet_s", "unet_fast"), pictures: int = 2000, epochs: int = 3) -> Iterator[Row]:
    """Whole, and without the forward pass, in shares of a training epoch."""
    for model in models:
        seconds = seconds_in_turn(_forward, pictures, epochs, f"model={model}")
        whole, spread = ratio(seconds[VALIDATION], seconds[TRAINING])
        yield Row(f"{model}: validation against a training epoch", whole, "times", spread)
        forward, spread = ratio(seconds["forward"], seconds[TRAINING])
        yield Row(f"{model}: the forward pass alone", forward, "times", spread)
        target = MOST if model == models[0] else None
        pairs = zip(seconds[VALIDATION], seconds["forward"], strict=True)
        scoring, spread = ratio([both - alone for both, alone in pairs], seconds[TRAINING])
        yield Row(f"{model}: decoding and all metrics", scoring, "times", spread, target, "lower")


def _forward(module: ColorizationModule, data: PairDataModule) -> Mapping[str, Loop]:
    inputs, _ = precomputed(module, data.splits["validation"].pictures)

    def loop() -> None:
        module.eval()
        with torch.inference_mode():
            for part in inputs.split(data.score_size):
                module.colorizer(part)
        module.train()

    return {"forward": loop}
