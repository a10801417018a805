"""Photos on disk: which files are meant, reading them, writing them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from src.data.decoding import UnreadableError, read_rgb
from src.errors import UsageError
from src.files.atomic import write_atomically

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp")

OURS = ("-colored", "-enlarged")  # how the names of results end


def find_photos(path: Path) -> list[Path]:
    """The photo that `path` is, or those in the folder that it is, less earlier results.

    Raises UsageError where there are none.
    """
    if path.is_dir():
        files = (file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        photos = sorted(file for file in files if not file.stem.endswith(OURS))
        if not photos:
            raise UsageError(f"img={path} holds no photos ({', '.join(SUFFIXES)})")
        return photos
    if not path.exists():
        raise UsageError(f"img={path} does not exist: give a photo or a folder of photos")
    return [path]


def read_photo(path: Path) -> Tensor:
    """A photo as uint8 (3, H, W), upright, as read_rgb gives it. Raises UsageError for a file that can't be read."""
    try:
        upright = read_rgb(path)
    except UnreadableError as error:
        raise UsageError(f"img={path} can't be read: {error}") from None
    return torch.from_numpy(np.array(upright)).permute(2, 0, 1)


def write_photo(path: Path, photo: Tensor) -> None:
    """Write uint8 (3, H, W) in the format of the path's ending, in one step."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"out={path} must end in one of {', '.join(SUFFIXES)}")
    image = Image.fromarray(photo.permute(1, 2, 0).contiguous().numpy())
    options = {"quality": 95} if suffix in (".jpg", ".jpeg", ".webp") else {}
    try:
        write_atomically(path, lambda file: image.save(file, format=Image.registered_extensions()[suffix], **options))
    except OSError as error:
        raise UsageError(f"out={path} can't be written: {error.strerror or error}") from None
