"""Trial folders written by hand, as training leaves them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from huesweep.metrics.catalog import CATALOG, RANKING

OF_PICTURES = tuple(name for name in RANKING if CATALOG[name].needs == "")
STRIPS = ("wall", "wall-input", "wall-truth")


def scores(psnr: float, **also: float | None) -> dict[str, Any]:
    return {**dict.fromkeys(OF_PICTURES, 0.5), "psnr": psnr, "cf": 20.0, "cf_truth": 34.0, **also}


def write_trial(
    sweep: Path,
    name: str,
    psnr: float = 22.0,
    *,
    model: str = "unet_m",
    colors: int = 16,
    seed: int = 0,
    lr: float = 0.01,
    side: int = 32,
    noise: int = 0,
    **also: Any,
) -> Path:
    """A finished trial: everything but checkpoints. psnr: validation; the test pictures score one less."""
    folder = sweep / name
    (folder / "pictures").mkdir(parents=True)
    config = {
        "data": {"name": "photos", "classes": []},
        "task": {"name": "colorize"},
        "model": {"name": model, "encoder": {"name": "plain", "widths": [16, 32]}},
        "target": {"name": "palette", "colors": colors, "space": "rgb"},
        "loss": {"name": "cross_entropy"},
        "optimizer": {"lr": lr},
        "trainer": {"max_epochs": 3},
        "logger": {"wandb": {"tags": [model, name]}},
        "seed": seed,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    rows = [f"{epoch},{1 / epoch},{psnr - 3 + epoch}" for epoch in (1, 2, 3)]
    (folder / "metrics.csv").write_text("\n".join(["epoch,val/loss,val/psnr", *rows]) + "\n")
    result = {
        "name": name,
        "data": "photos",
        "task": "colorize",
        "model": model,
        "target": f"palette{colors}",
        "loss": "cross_entropy",
        "seed": seed,
        "parameters": 1000,
        "epochs": 3,
        "seconds": 60.0,
        "validation": scores(psnr, cross_entropy=1.0),
        "test": scores(psnr - 1, cross_entropy=1.0),
        "baselines": {
            split: {"gray": scores(20.0, cf=0.0), "ceiling": scores(30.0)} for split in ("validation", "test")
        },
        "machine": {"device": "cpu: x86_64", "torch": "2.14.1"},
        **also,
    }
    (folder / "result.json").write_text(json.dumps(result))
    generator = np.random.default_rng(noise)
    for strip in STRIPS:
        shared = 0 if strip != "wall" else noise
        pixels = np.random.default_rng(shared).integers(0, 256, (side, 8 * side, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{strip}.png")
    palette = generator.integers(0, 256, (1, colors, 3), np.uint8).repeat(24, 0).repeat(24, 1)
    Image.fromarray(palette).save(folder / "pictures" / "palette.png")
    return folder


def write_unfinished(sweep: Path, name: str, error: str = "", **also: Any) -> Path:
    """A trial without a result: failed with an error, or unfinished without one."""
    folder = write_trial(sweep, name, **also)
    (folder / "result.json").unlink()
    (folder / "pictures" / "wall.png").unlink()
    if error:
        (folder / "error.txt").write_text(error)
    return folder


def set_options(folder: Path, **options: Any) -> None:
    """Change a trial's configuration. options: by dotted name, with __ for each dot."""
    config = yaml.safe_load((folder / "config.yaml").read_text())
    for name, value in options.items():
        node = config
        *parents, last = name.split("__")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def baselines(gray: float, ceiling: float = 30.0) -> dict[str, Any]:
    """Of both splits, as result.json holds them."""
    return {split: {"gray": scores(gray, cf=0.0), "ceiling": scores(ceiling)} for split in ("validation", "test")}
