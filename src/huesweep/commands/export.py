"""A network for use without this suite: python -m src.export ckpt=PATH format=onnx [out=PATH]."""

from pathlib import Path
from typing import Literal

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.colorizer.coloring import Manner
from huesweep.colorizer.colorizer import MANNER, Colorizer
from huesweep.configuration import options_of
from huesweep.errors import UsageError
from huesweep.inference.exporting import export_onnx, export_torch
from huesweep.io.disk import file_in_place
from huesweep.models.network import Network
from huesweep.registry import CHECKS
from huesweep.resources import BUNDLED
from huesweep.sweeps.checkpoints import find_checkpoint

Format = Literal["onnx", "torch_export", "checkpoint"]

ENDINGS: dict[Format, str] = {"onnx": ".onnx", "torch_export": ".pt2", "checkpoint": ".ckpt"}
SMALL = ".small.ckpt"  # beside the whole one


@dataclass(frozen=True, config=CHECKS)
class ExportOptions:
    """conf/export.yaml."""

    format: Format
    manner: Manner
    overwrite: bool
    rank: str | None


def main(config: DictConfig, ckpt: str = "", out: str = "") -> Path:
    """Write the file, say how far it is from the original, and give its path."""
    options = options_of(ExportOptions, config)
    ending = ENDINGS[options.format]
    if not ckpt:
        raise UsageError(f"ckpt= is missing: a checkpoint, a trial, a sweep, or ckpt={BUNDLED}, the bundled one")
    if out and Path(out).suffix != ending:
        raise UsageError(f"out={out} is no file of format={options.format}: its name ends in {ending}")
    checkpoint = find_checkpoint(ckpt, options.rank)
    if not out and checkpoint.samefile(BUNDLED):
        raise UsageError(f"out= is missing: the bundled network is exported elsewhere: out={BUNDLED.stem}{ending}")
    colorizer = Colorizer.load(checkpoint)
    if not isinstance(colorizer.network, Network):
        raise UsageError(f"{checkpoint} is an export already")
    colorizer.strength(options.manner)  # raises where there is none
    if options.manner != "accurate":
        colorizer.description[MANNER] = options.manner
    path = Path(out) if out else checkpoint.with_suffix(SMALL if options.format == "checkpoint" else ending)
    if path.exists() and path.samefile(checkpoint):
        raise UsageError(f"out={path} is the checkpoint itself")
    if path.exists() and not options.overwrite:
        raise UsageError(f"{path} exists: add overwrite=true, or name another place with out=")
    if file := file_in_place(path.parent):
        raise UsageError(f"out={path} can't be written: {file} is a file, and no folder")
    try:
        if options.format == "checkpoint":
            size = colorizer.save(path, half=True)
            print(f"wrote {path}: {size:,} bytes, weights in half precision")
            return path
        exported = (export_onnx if options.format == "onnx" else export_torch)(colorizer, path)
    except OSError as error:
        raise UsageError(f"out={path} can't be written: {error.strerror or error}") from None
    print(exported.summary(colorizer.side))
    return path
