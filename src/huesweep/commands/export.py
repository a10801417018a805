"""A network for use without this suite: python -m src.export ckpt=PATH format=onnx [out=PATH]."""

from pathlib import Path

from omegaconf import DictConfig

from huesweep.checks import check_switches
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError, pick
from huesweep.inference.exporting import Exported, export_onnx, export_torch
from huesweep.metrics.catalog import check_metric
from huesweep.models.network import Network
from huesweep.sweeps.checkpoints import find_checkpoint

ENDINGS = {"onnx": ".onnx", "torch_export": ".pt2", "checkpoint": ".small.ckpt"}


def main(config: DictConfig, ckpt: str = "", out: str = "") -> Path:
    """write the file, say how far it is from the original, and give its path."""
    check_metric(config.rank)
    ending = pick("format", config.format, ENDINGS)
    checkpoint = find_checkpoint(ckpt, config.rank)
    colorizer = Colorizer.load(checkpoint)
    if not isinstance(colorizer.network, Network):
        raise UsageError(f"{checkpoint} is an export already")
    path = Path(out) if out else checkpoint.with_suffix(ending)
    check_switches(config, "overwrite")
    if path.exists() and path.samefile(checkpoint):
        raise UsageError(f"out={path} is the checkpoint itself")
    if path.exists() and not config.overwrite:
        raise UsageError(f"{path} exists: add overwrite=true, or name another place with out=")
    try:
        if config.format == "checkpoint":
            size = colorizer.save(path, half=True)
            print(f"wrote {path}: {size:,} bytes, weights in half precision")
            return path
        exported = (export_onnx if config.format == "onnx" else export_torch)(colorizer, path)
    except OSError as error:
        raise UsageError(f"out={path} can't be written: {error.strerror or error}") from None
    print_exported(exported, colorizer.side)
    return path


def print_exported(exported: Exported, side: int | None) -> None:
    """What was written, for which pictures, and how it compares."""
    pictures = f"of {side}x{side}" if side else "of any size"
    if exported.multiple > 1:
        pictures = f"whose sides are multiples of {exported.multiple}"
    sizes = ", ".join(f"{height}x{width}" for height, width in exported.sizes)
    print(f"wrote {exported.path}: takes any number of pictures {pictures}")
    print(f"largest difference from the original on random pictures ({sizes}): {exported.difference:.2g}")
