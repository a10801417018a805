"""What needs no network, scored once for all trials on the same pictures."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

from torch import Tensor

from huesweep.colorizer.colorizer import Colorizer, ceiling
from huesweep.io.cache import BASELINES
from huesweep.io.digest import code_digest, digest_of
from huesweep.io.sealed import read_sealed, write_sealed
from huesweep.metrics.catalog import CEILING
from huesweep.metrics.scoring import score_pictures


def score_baselines(
    colorizer: Colorizer,
    pictures: Tensor,
    batch_size: int,
    cache: Path,
    decoding: str | None = None,
    temperature: float | None = None,
) -> dict[str, dict[str, float]]:
    """Scores of the task's own rows (`gray`), and of `ceiling`, the truth encoded, then decoded.

    pictures: uint8 (N, 3, H, W). decoding, temperature: see Target.decode. Earlier scores are taken from the folder
    `cache`, as long as the code that made them is the same. They are made on the CPU; the colorizer stays where it is.
    """
    task, target = colorizer.task, deepcopy(colorizer.target).to("cpu")
    described = colorizer.description
    shared = digest_of(code_digest("color", "colorizer", "data/tasks", "metrics"), described["task"], pictures)
    of_target = digest_of(shared, described["target"], decoding, temperature, *target.buffers())
    rows: list[tuple[str, Callable[[Tensor], dict[str, Tensor]]]] = [
        (shared, lambda rgb: task.baselines(task.input(rgb))),
        (of_target, lambda rgb: {CEILING: ceiling(task, target, rgb, decoding, temperature)}),
    ]
    scores: dict[str, dict[str, float]] = {}
    for key, make in rows:
        path = cache / BASELINES / f"{key}.json"
        kept = read_sealed(path)
        if kept is None:
            kept = json.dumps(score_pictures(make, pictures, batch_size)).encode()
            write_sealed(path, kept)
        scores |= json.loads(kept)
    return scores
