"""Color photos with a checkpoint, or enlarge them: python -m src.predict ckpt=PATH img=PATH [out=PATH] [overrides]."""

from pathlib import Path

import torch
from omegaconf import DictConfig

from src.data.tasks.super_resolution import SuperResolution
from src.door import run_door
from src.errors import UsageError, unknown
from src.inference.checkpoint import find_checkpoint, load_colorizer
from src.inference.colorize import colorize
from src.inference.enlarge import enlarge
from src.inference.photos import find_photos, read_photo, write_photo
from src.sweeps.table import check_metric


def main(config: DictConfig, ckpt: str = "", img: str = "", out: str = "") -> list[Path]:
    """The door: color (or enlarge) one photo or a folder of them, and give the paths written."""
    for name, value in (("ckpt", ckpt), ("img", img)):
        if not value:
            raise UsageError(f"{name}= is missing: python -m src.predict ckpt=CHECKPOINT_OR_FOLDER img=PHOTO_OR_FOLDER")
    if config.luminance not in ("keep", "predicted"):
        raise unknown("luminance", config.luminance, ("keep", "predicted"))
    if not isinstance(config.max_side, int) or config.max_side < 1:
        raise UsageError(f"max_side must be a whole number from 1, not {config.max_side}")
    check_metric(config.rank)
    checkpoint = find_checkpoint(Path(ckpt), config.rank)
    photos = find_photos(Path(img))
    colorizer = load_colorizer(checkpoint)
    enlarges = isinstance(colorizer.task, SuperResolution)
    print(f"checkpoint {checkpoint}")
    written, failed = [], []
    for photo in photos:
        try:
            path = output_path(photo, out, Path(img).is_file(), "enlarged" if enlarges else "colored")
            pixels = read_photo(photo)
            if enlarges:
                write_photo(path, enlarge(colorizer, pixels))
            else:
                write_photo(path, colorize(colorizer, pixels, config.max_side, config.luminance == "keep"))
        except UsageError as error:
            failed.append(str(error))
        else:
            print(f"wrote {path}")
            written.append(path)
    if failed:
        raise UsageError("; ".join(failed))
    return written


def output_path(photo: Path, out: str, is_one: bool, how: str) -> Path:
    """Where the result for a photo goes: `out` itself for one, in the folder `out` for several, else beside the photo.

    how: what was done, for the name.

    Raises UsageError where that is the photo itself.
    """
    name = f"{photo.stem}-{how}{photo.suffix}"
    if not out:
        path = photo.with_name(name)
    elif is_one and not Path(out).is_dir():
        path = Path(out)
    else:
        path = Path(out) / name
    if path.exists() and path.samefile(photo):
        raise UsageError(f"out={out} is the photo itself")
    return path


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    run_door(main, "predict", literal=("ckpt", "img", "out"))
