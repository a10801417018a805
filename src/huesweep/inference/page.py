"""A page on which a person drops a photo and sees it colored."""

import logging
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import cv2
import gradio as gr
import numpy as np
import torch

from huesweep.colorizer.coloring import ColorizeOptions, Manner, colorize, grayscale
from huesweep.colorizer.colorizer import MANNER, VIVIDNESS, Colorizer
from huesweep.errors import UsageError
from huesweep.inference.photo_file import Photo, read_photo, result_ending, write_photo
from huesweep.inference.photo_formats import OPAQUE, format_of, readable
from huesweep.inference.visitors import MOST_BYTES, MOST_FILES, keep_newest
from huesweep.registry import call

SHOWN = 1400  # pixels of the longer side that the page shows; the file to download has the photo's own size
FONTS = ["system-ui", "sans-serif"]  # none that would have to be fetched
MOST_SAMPLES = 6
KEPT = 3600  # seconds for which a result can be downloaded


def make_page(checkpoints: Mapping[str, Path], device: torch.device, megapixels: float) -> gr.Blocks:
    """The page, to be launched. megapixels: of the largest photo that it takes."""
    loaded: dict[str, Colorizer] = {}
    results = tempfile.TemporaryDirectory(prefix="huesweep-")  # removed when the process ends

    def load(name: str) -> Colorizer:
        if name not in loaded:
            loaded[name] = Colorizer.load(checkpoints[name]).to(device)
        return loaded[name]

    def fit(name: str) -> list[Any]:
        """Show what a checkpoint can do: one without a palette has neither a temperature nor several colorings."""
        try:
            colorizer = load(name)
        except UsageError as error:
            raise gr.Error(_in_words(error), print_exception=False) from None
        has_palette = bool(colorizer.target.decodings)
        tells = VIVIDNESS in colorizer.description
        return [
            gr.Slider(visible=has_palette, value=0.38),
            gr.Slider(visible=has_palette, value=1),
            gr.Radio(visible=tells, value=colorizer.description.get(MANNER, "accurate")),
        ]

    def color(
        file: str | None, name: str, temperature: float, saturation: float, samples: float, manner: str
    ) -> tuple[Any, Any, Any, Any, str]:
        if file is None:
            raise gr.Error("Choose a photo first.", print_exception=False)
        try:
            photo = read_photo(Path(file), megapixels)
            colorizer = load(name)
            chosen = {
                "manner": manner,
                "saturation": saturation,
                "samples": int(samples) if samples > 1 else 0,
                "temperature": temperature if colorizer.target.decodings else None,
            }
            options: ColorizeOptions = call(ColorizeOptions, chosen, "")
            options.check(colorizer)
            (colored,) = colorize(colorizer, [photo.pixels], options, device)
            colorings = list(colored)
            paths = _save(photo, colorings, Path(file), Path(results.name))
        except UsageError as error:
            raise gr.Error(_in_words(error), print_exception=False) from None
        except Exception as error:
            logging.getLogger(__name__).exception("coloring a photo failed")
            raise gr.Error("This photo could not be colored.", print_exception=False) from error
        gray = grayscale(colorizer, photo.pixels)
        compared = (_shown(gray), _shown(colorings[0]))
        others = [_shown(coloring) for coloring in colorings] if len(colorings) > 1 else []
        height, width = photo.pixels.shape[:2]
        caption = f"{width} × {height} pixels, colored by {name}"
        return compared, _shown(photo.pixels), gr.Gallery(others, visible=bool(others)), paths, caption

    with gr.Blocks(title="Color a photo", analytics_enabled=False, delete_cache=(KEPT, KEPT)) as page:
        gr.Markdown("# Color a photo\nDrop a photo, gray or not: it is turned gray first, then colored.")
        with gr.Row():
            with gr.Column(scale=1, min_width=260):
                file = gr.File(label="Photo", file_types=list(readable()), elem_id="photo")
                name = gr.Dropdown(list(checkpoints), value=next(iter(checkpoints)), label="Checkpoint")
                temperature = gr.Slider(0.05, 1, 0.38, step=0.01, label="Temperature: lower is more vivid")
                saturation = gr.Slider(0, 3, 1, step=0.05, label="Saturation")
                samples = gr.Slider(1, MOST_SAMPLES, 1, step=1, label="How many different colorings")
                manner = gr.Radio(get_args(Manner), value="accurate", label="Manner")
                button = gr.Button("Color", variant="primary", elem_id="color")
            with gr.Column(scale=3):
                compared = gr.ImageSlider(label="Gray and colored", elem_id="compared", format="png", type="numpy")
                caption = gr.Markdown(elem_id="caption")
                others = gr.Gallery(label="Different colorings", visible=False, columns=3, format="png")
                original = gr.Image(label="Original", elem_id="original", format="png", buttons=["fullscreen"])
                download = gr.File(label="Download in full size", elem_id="download")
        given = [file, name, temperature, saturation, samples, manner]
        shown = [compared, original, others, download, caption]
        gr.on([file.upload, button.click], color, given, shown, api_name="color", concurrency_limit=1)
        gr.on([page.load, name.change], fit, name, [temperature, samples, manner], api_visibility="private")
    return page


def _save(photo: Photo, colorings: list[np.ndarray], file: Path, results: Path) -> list[str]:
    for earlier in results.iterdir():
        if time.time() - earlier.stat().st_mtime > KEPT:
            shutil.rmtree(earlier, ignore_errors=True)
    keep_newest(results, MOST_FILES, MOST_BYTES)
    folder = Path(tempfile.mkdtemp(dir=results))
    ending = result_ending(file)
    suffix = ".png" if photo.alpha is not None and format_of(Path(f"a{ending}")) in OPAQUE else ending
    paths = []
    for number, coloring in enumerate(colorings, start=1):
        which = f"-{number}" if len(colorings) > 1 else ""
        path = folder / f"{file.stem}-colored{which}{suffix}"
        write_photo(path, photo._replace(pixels=coloring), format_of(path))
        paths.append(str(path))
    return paths


def _in_words(error: UsageError) -> str:
    """What was wrong, without the places of this machine."""
    return re.sub(r"(img=|out=|ckpt=)?/(?:[^/\n]*/)+", "", str(error))


def _shown(pixels: np.ndarray) -> np.ndarray:
    levels = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    factor = SHOWN / max(levels.shape[:2])
    if factor >= 1:
        return levels
    size = max(1, round(levels.shape[1] * factor)), max(1, round(levels.shape[0] * factor))
    return cv2.resize(np.ascontiguousarray(levels), size, interpolation=cv2.INTER_AREA)
