"""Color photos with a checkpoint, or enlarge them: python -m src.predict img=PATH [ckpt=PATH] [out=PATH]."""

import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huesweep.colorizer.coloring import ColorizeOptions
from huesweep.colorizer.colorizer import Colorizer
from huesweep.configuration import options_of
from huesweep.errors import UsageError
from huesweep.inference.device import Device, choose_device
from huesweep.inference.photo_file import format_of
from huesweep.inference.photos import find_photos
from huesweep.inference.pipeline import Files, PhotoPipeline
from huesweep.metrics.catalog import check_metric
from huesweep.registry import CHECKS
from huesweep.sweeps.checkpoints import find_checkpoint


@dataclass(frozen=True, config=CHECKS, kw_only=True)
class PredictOptions(ColorizeOptions, Files):
    """conf/predict.yaml."""

    device: Device
    rank: str


@torch.no_grad()
def main(config: DictConfig, ckpt: str = "", img: str | Sequence[str] = "", out: str = "") -> list[Path]:
    """Color (or enlarge) photos, and give the paths written."""
    if not img:
        raise UsageError("img= is missing: python -m src.predict img=PHOTO_OR_FOLDER [ckpt=CHECKPOINT_OR_FOLDER]")
    options = options_of(PredictOptions, config)
    check_metric(options.rank)
    device = choose_device(options.device)
    if options.format is not None:
        format_of(Path(out), options.format)
    wanted = [img] if isinstance(img, str) else img
    photos = find_photos(wanted)
    checkpoint = find_checkpoint(ckpt, options.rank)
    colorizer = Colorizer.load(checkpoint).to(device)
    pipeline = PhotoPipeline(colorizer, options, options, device)
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
