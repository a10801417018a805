"""Color photos with a checkpoint, or enlarge them: python -m src.predict img=PATH [ckpt=PATH] [out=PATH]."""

from collections.abc import Sequence
from pathlib import Path

import torch
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.colorizer.coloring import ColorizeOptions
from huesweep.colorizer.colorizer import Colorizer
from huesweep.configuration import options_of
from huesweep.errors import UsageError, printable
from huesweep.inference.device import Device, choose_device
from huesweep.inference.expectation import warning
from huesweep.inference.photo_formats import format_of
from huesweep.inference.photos import check_place, find_photos
from huesweep.inference.pipeline import Files, PhotoPipeline, run_pipeline
from huesweep.registry import CHECKS
from huesweep.sweeps.checkpoints import find_checkpoint


@dataclass(frozen=True, config=CHECKS, kw_only=True)
class PredictOptions(ColorizeOptions, Files):
    """conf/predict.yaml."""

    device: Device
    rank: str | None


@torch.no_grad()
def main(config: DictConfig, ckpt: str = "", img: str | Sequence[str] = "", out: str = "") -> list[Path]:
    """Color (or enlarge) photos, and give the paths written."""
    if not img:
        raise UsageError("img= is missing: python -m src.predict img=PHOTO_OR_FOLDER [ckpt=CHECKPOINT_OR_FOLDER]")
    options = options_of(PredictOptions, config)
    device = choose_device(options.device)
    if options.format is not None:
        format_of(Path(out), options.format)
    wanted = [img] if isinstance(img, str) else img
    found = find_photos(wanted, out)
    for told in filter(None, (found.tell_others(), found.tell_folders())):
        print(printable(told))
    is_one = len(wanted) == 1 and Path(wanted[0]).is_file()
    check_place(found.photos, out, is_one)
    checkpoint = find_checkpoint(ckpt, options.rank)
    colorizer = Colorizer.load(checkpoint).to(device)
    pipeline = PhotoPipeline(colorizer, options, options, device)
    print(printable(f"checkpoint {checkpoint}"))
    written = run_pipeline(pipeline, found, out, is_one)
    if written and (expected := warning(colorizer)):
        print(f"{expected} Without ckpt= a network made for photos is taken.")
    return written
