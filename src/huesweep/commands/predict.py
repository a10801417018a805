"""Color photos with a checkpoint, or enlarge them: python -m src.predict img=PATH [ckpt=PATH] [out=PATH]."""

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import torch
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huesweep.checks import check_number, check_switches, check_whole
from huesweep.colorizer.coloring import ColorizeOptions
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.inference.device import choose_device
from huesweep.inference.photo_file import format_of
from huesweep.inference.photos import find_photos
from huesweep.inference.pipeline import Files, PhotoPipeline
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.checkpoints import find_checkpoint


@torch.no_grad()
def main(config: DictConfig, ckpt: str = "", img: str | Sequence[str] = "", out: str = "") -> list[Path]:
    """Color (or enlarge) photos, and give the paths written."""
    if not img:
        raise UsageError("img= is missing: python -m src.predict img=PHOTO_OR_FOLDER [ckpt=CHECKPOINT_OR_FOLDER]")
    check_metric(config.rank)
    check_whole(config, "batch_size", 1)
    check_number(config, "max_megapixels")
    check_switches(config, "overwrite", "compare")
    device = choose_device(config.device)
    if config.format is not None:
        format_of(Path(out), str(config.format))
    wanted = [img] if isinstance(img, str) else img
    photos = find_photos(wanted)
    checkpoint = find_checkpoint(ckpt, config.rank)
    colorizer = Colorizer.load(checkpoint).to(device)
    options = ColorizeOptions(**{field.name: config[field.name] for field in fields(ColorizeOptions)})
    files = Files(**{field.name: config[field.name] for field in fields(Files)})
    pipeline = PhotoPipeline(colorizer, options, files, device)
    print(f"checkpoint {checkpoint}")
    return run(pipeline, photos, out, is_one=len(wanted) == 1 and Path(wanted[0]).is_file())


def run(pipeline: PhotoPipeline, photos: list[Path], out: str, is_one: bool) -> list[Path]:
    """Process photos under a progress bar, and give the paths written. Raises UsageError with all that failed."""
    written, failed = [], []
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stdout), disable=len(photos) < 2, transient=True) as progress:
        task = progress.add_task("photos", total=len(photos))
        for outcome in pipeline.process(photos, out, is_one):
            if isinstance(outcome, str):
                failed.append(outcome)
            else:
                for path in outcome:
                    shown = str(path).encode(errors="replace").decode()  # a name may be in no encoding
                    progress.console.print(f"wrote {shown}", soft_wrap=True, markup=False, highlight=False)
                written += outcome
            progress.advance(task)
    if len(failed) > 1:
        raise UsageError(f"{len(failed)} of {len(photos)} photos failed:\n  " + "\n  ".join(failed))
    if failed:
        raise UsageError(failed[0])
    return written
