"""Photographs to try the page on, which the packages bring along that the suite needs anyway."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from huesweep.io.pictures import open_picture

EXAMPLES = {  # what they show: the package, and where in it
    "temple": ("sklearn", "datasets/images/china.jpg"),
    "lion": ("gradio", "media_assets/images/lion.jpg"),
    "cat": ("skimage", "data/chelsea.png"),
    "officer": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "cameraman": ("skimage", "data/camera.png"),  # is gray, and nobody knows its colors
}
SIDE = 320  # of a thumbnail, in pixels


def write_examples(folder: Path) -> list[tuple[str, Path, Path]]:
    """Gray thumbnails of the photographs that are there: what each shows, its photograph, its thumbnail in `folder`."""
    return [(name, path, _thumbnail(path, folder / f"{name}.png")) for name, path in _existing()]


def _existing() -> Iterator[tuple[str, Path]]:
    for name, (package, place) in EXAMPLES.items():
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin).parent / place
            if path.is_file():  # another release may have it elsewhere
                yield name, path


def _thumbnail(path: Path, thumbnail: Path) -> Path:
    with open_picture(path) as picture:
        gray = picture.convert("L")
    gray.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    gray.save(thumbnail)
    return thumbnail
