"""What trials on the same pictures share: the fit of a target and the scores of the baselines, computed once."""

import io
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import huesweep
from huesweep.color.targets.base import Target
from huesweep.data.tasks.base import Task
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.digest import digest_of
from huesweep.metrics.scoring import score_pictures

Described = Mapping[str, Any]


def fit_target(target: Target, description: Described, pictures: Tensor, seed: int, cache: Path) -> None:
    """Fit `target` to uint8 training pictures (N, 3, H, W), or take an earlier fit from the folder `cache`.

    description: of the target, as in conf/target. The key of a fit is made of it, the seed, the pixels, the palette
    that a file may have given, and the code.
    """
    key = digest_of(code("color"), version("scikit-learn"), dict(description), seed, pictures, *target.buffers())
    path = cache / "fits" / f"{target.name}-{key}.pt"
    if path.exists():
        target.load_state_dict(torch.load(path, weights_only=True))
        return
    target.fit(pictures, seed)
    if target.state_dict():
        content = io.BytesIO()
        torch.save(target.state_dict(), content)
        write_atomically(path, lambda file: file.write(content.getvalue()))


def score_baselines(
    task: Task,
    task_description: Described,
    target: Target,
    target_description: Described,
    pictures: Tensor,
    batch_size: int,
    cache: Path,
) -> dict[str, dict[str, float]]:
    """Scores of the rows that need no network: the task's own (`gray`), and `ceiling`, the truth encoded, then decoded.

    pictures: uint8 (N, 3, H, W). Earlier scores are taken from the folder `cache`, as long as the code is the same.
    """

    def ceiling(rgb: Tensor) -> dict[str, Tensor]:
        return {"ceiling": target.reconstruct(target.encode(rgb), task.kept_lightness(task.input(rgb)))}

    def own(rgb: Tensor) -> dict[str, Tensor]:
        return task.baselines(task.input(rgb))

    shared = digest_of(code("color", "data/tasks", "metrics"), dict(task_description), pictures)
    of_target = digest_of(shared, dict(target_description), *target.buffers())

    def scores(make: Callable[[Tensor], dict[str, Tensor]], key: str) -> dict[str, dict[str, float]]:
        path = cache / "baselines" / f"{key}.json"
        if path.exists():
            return json.loads(path.read_text())
        rows = score_pictures(make, pictures, batch_size)
        write_text_atomically(path, json.dumps(rows))
        return rows

    return {**scores(own, shared), **scores(ceiling, of_target)}


def code(*folders: str) -> str:
    """Names the code in folders below huesweep/, so that a change of it makes anew what was computed with it.

    Raises FileNotFoundError for a folder without code: what was kept under its name would never be made anew.
    """
    root = Path(huesweep.__path__[0])
    found = {folder: sorted((root / folder).rglob("*.py")) for folder in folders}
    for folder, files in found.items():
        if not files:
            raise FileNotFoundError(f"no code in {root / folder}")
    return digest_of(*(file.read_bytes() for files in found.values() for file in files))
