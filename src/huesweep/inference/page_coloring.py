"""Coloring one photo for a visitor of the page: what is shown of it, and files to download."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch

from huesweep.colorizer.coloring import ColorizeOptions, colorize, grayscale
from huesweep.colorizer.colorizer import Colorizer
from huesweep.inference.page_limits import MOST_BYTES, MOST_FILES, keep_newest
from huesweep.inference.photo_file import Photo, read_photo, write_photo
from huesweep.inference.photo_formats import OPAQUE, format_of
from huesweep.inference.photo_pixels import count_pages, tell_first
from huesweep.inference.photos import result_paths
from huesweep.registry import call

SHOWN = 1400  # pixels of the longer side that is shown; the file to download has the photo's own size
KEPT = 3600  # seconds for which a result can be downloaded
NEAR = 2  # of 255 levels, between the channels of a gray picture that a scanner saved in color


class Colored(NamedTuple):
    """A photo in its colorings.

    gray, colorings, original: as shown, (h, w, 3 or 1) uint8; original is None for a photo that is gray itself.
    files: of the colorings, in full size. size: the photo's width and height. told: what a person should know of
    the photo and of what was written.
    """

    gray: np.ndarray
    colorings: list[np.ndarray]
    original: np.ndarray | None
    files: list[Path]
    size: tuple[int, int]
    told: list[str]


class PageColoring:
    """Colors photos with checkpoints, each loaded when it is first asked for.

    checkpoints: by name. megapixels: of the largest photo. Results go into a folder that is removed at the end.
    """

    def __init__(self, checkpoints: Mapping[str, Path], device: torch.device, megapixels: float) -> None:
        self.checkpoints = checkpoints
        self.device = device
        self.megapixels = megapixels
        self.folders = [path.parent for path in checkpoints.values()]
        self.loaded: dict[str, Colorizer] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="huesweep-")  # removed when the process ends
        self.results = Path(self._folder.name)

    def load(self, name: str) -> Colorizer:
        """The colorizer of a checkpoint. Raises UsageError for one that can't be loaded."""
        if name not in self.loaded:
            self.loaded[name] = Colorizer.load(self.checkpoints[name]).to(self.device)
        return self.loaded[name]

    def color(self, path: Path, name: str, chosen: Mapping[str, Any]) -> Colored:
        """Color a photo with a checkpoint. chosen: of ColorizeOptions. Raises UsageError where that can't be done."""
        photo = read_photo(path, self.megapixels)
        pages = count_pages(path, self.megapixels)
        told = [*photo.remarks, *([tell_first(pages)] if pages > 1 else [])]
        colorizer = self.load(name)
        options: ColorizeOptions = call(ColorizeOptions, chosen, "")
        options.check(colorizer)
        (coloring,) = colorize(colorizer, [photo.pixels], options, self.device)
        colorings = list(coloring)
        files, lost = self._save(photo, colorings, path)
        original = shown(photo.pixels)
        is_gray = photo.is_gray or np.ptp(original.astype(np.int16), axis=2).max() <= NEAR
        return Colored(
            gray=shown(grayscale(colorizer, photo.pixels)),
            colorings=[shown(coloring) for coloring in colorings],
            original=None if is_gray else original,
            files=files,
            size=(photo.pixels.shape[1], photo.pixels.shape[0]),
            told=[*told, *lost],
        )

    def _save(self, photo: Photo, colorings: list[np.ndarray], path: Path) -> tuple[list[Path], list[str]]:
        self._make_room()
        numbers = range(1, len(colorings) + 1)
        words = [f"colored-{number}" for number in numbers] if len(colorings) > 1 else ["colored"]
        files = result_paths(path, tempfile.mkdtemp(dir=self.results), False, words, None, self.megapixels)
        if photo.alpha is not None and format_of(files[0]) in OPAQUE:
            files = [file.with_suffix(".png") for file in files]
        lost: list[str] = []
        for file, coloring in zip(files, colorings, strict=True):
            lost = write_photo(file, photo._replace(pixels=coloring), format_of(file))
        return files, [f"{format_of(files[0])} does not take {part} of the photo" for part in lost]

    def _make_room(self) -> None:
        for earlier in self.results.iterdir():
            if time.time() - earlier.stat().st_mtime > KEPT:
                shutil.rmtree(earlier, ignore_errors=True)
        keep_newest(self.results, MOST_FILES, MOST_BYTES)


def shown(pixels: np.ndarray) -> np.ndarray:
    """A picture as large as the page shows it, 8 bits a value."""
    levels = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    factor = SHOWN / max(levels.shape[:2])
    if factor >= 1:
        return levels
    size = max(1, round(levels.shape[1] * factor)), max(1, round(levels.shape[0] * factor))
    return cv2.resize(np.ascontiguousarray(levels), size, interpolation=cv2.INTER_AREA)
