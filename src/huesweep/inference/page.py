"""A page on which a person drops a photo and sees it colored."""

import html
import logging
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import torch

from huesweep.colorizer.colorizer import MANNER, VIVIDNESS, Colorizer
from huesweep.errors import UsageError
from huesweep.inference.examples import write_examples
from huesweep.inference.expectation import purpose
from huesweep.inference.page_coloring import KEPT, Colored, PageColoring
from huesweep.inference.photo_formats import readable

FONTS = ["system-ui", "sans-serif"]  # none that would have to be fetched
MOST_COLORINGS = 6
USUAL_VARIETY = 0.38
STEP = 0.01  # of it
LEFT, TOP = 280, 164  # width of what is set, and height of the row above, in pixels
HEIGHT = 440  # of what is compared, in pixels
STYLE = f"#examples .thumbnail-lg {{ height: {TOP - 40}px; }}"  # else captions leave the shelf on wide screens
MANNERS = ["accurate", "vivid"]


class _Controls(NamedTuple):
    """What a person sets, in the order in which it is given to `color`."""

    name: gr.Dropdown
    manner: gr.Radio
    strength: gr.Slider
    detail: gr.Slider
    ways: gr.Slider
    variety: gr.Slider


class _Result(NamedTuple):
    """Where an answer goes, and an answer itself. chosen, files: what later events go back to."""

    chosen: Any
    files: Any
    drop: Any
    compared: Any
    others: Any
    original: Any
    download: Any
    caption: Any


def make_page(checkpoints: Mapping[str, Path], device: torch.device, megapixels: float) -> gr.Blocks:
    """The page, to be launched. megapixels: of the largest photo that it takes."""
    coloring = PageColoring(checkpoints, device, megapixels)
    examples = write_examples(Path(tempfile.mkdtemp()))
    gr.set_static_paths([thumbnail for _, _, thumbnail in examples])  # not among what is removed after a while

    def color(file: str | None, *settings: Any) -> Any:
        if file is None:
            return _leave("Choose a photo first.")
        try:
            name, options = settings[0], _options(coloring, *settings)
            return _answer(file, name, coloring.color(Path(file), name, options))
        except UsageError as error:
            return _leave(_in_words(error, [Path(file).parent, coloring.results, *coloring.folders]))
        except Exception:
            logging.getLogger(__name__).exception("coloring a photo failed")
            return _leave("This photo could not be colored.")

    def color_example(event: gr.SelectData, *settings: Any) -> Any:
        return color(str(examples[event.index][1]), *settings)

    with gr.Blocks(title="Color a photo", analytics_enabled=False, delete_cache=(KEPT, KEPT)) as page:
        gr.Markdown("# Color a photo\nDrop one, gray or not, or click an example: it is turned gray, then colored.")
        with gr.Row():
            drop = gr.File(
                label="Photo", file_types=list(readable()), elem_id="photo", height=TOP, scale=1, min_width=LEFT
            )
            thumbnails = [(thumbnail, name) for name, _, thumbnail in examples]
            shelf = _gallery(thumbnails, "examples", TOP, fit="cover", scale=3, min_width=2 * LEFT)
        with gr.Row():
            with gr.Column(scale=1, min_width=LEFT):
                controls = _controls(list(checkpoints))
                button = gr.Button("Color again", variant="primary", elem_id="color")
            with gr.Column(scale=3, min_width=2 * LEFT):
                result = _result(drop)
        turn = {"concurrency_limit": 1, "concurrency_id": "coloring", "show_progress_on": result.compared}
        gr.on(drop.upload, color, [drop, *controls], [*result], api_name="color", **turn)
        gr.on(button.click, color, [result.chosen, *controls], [*result], api_visibility="private", **turn)
        gr.on(shelf.select, color_example, [*controls], [*result], api_visibility="private", **turn)
        quick = {"api_visibility": "private", "show_progress": "hidden"}
        which = [result.files, result.others, result.compared]
        gr.on(result.others.select, _compare, which, [result.compared, result.download], **quick)
        about = [controls.name, controls.variety, controls.ways, controls.manner]
        gr.on([page.load, controls.name.change], lambda name: _fit(coloring, name), controls.name, about, **quick)
    return page


def _controls(names: list[str]) -> _Controls:
    with gr.Group():
        return _Controls(
            name=gr.Dropdown(names, value=names[0], label="Network", info=" ", elem_id="network"),
            manner=gr.Radio(MANNERS, value="accurate", label="Colors", visible=False),
            strength=gr.Slider(0, 3, 1, step=0.05, label="Color strength"),
            detail=gr.Slider(0.5, 4, 1, step=0.25, label="Detail: more is finer"),
            ways=gr.Slider(1, MOST_COLORINGS, 1, step=1, label="Different colorings", visible=False, elem_id="ways"),
            variety=gr.Slider(0.05, 1, USUAL_VARIETY, step=STEP, label="Variety: less is bolder", visible=False),
        )


def _result(drop: gr.File) -> _Result:
    with gr.Row():
        download = gr.DownloadButton(
            "Download in full size", elem_id="download", interactive=False, scale=0, min_width=220
        )
        with gr.Column(min_width=LEFT):
            caption = gr.Markdown(elem_id="caption")
    return _Result(
        chosen=gr.State(),
        files=gr.State([]),
        drop=drop,
        compared=gr.ImageSlider(
            label="Gray and colored",
            elem_id="compared",
            format="png",
            type="filepath",
            height=HEIGHT,
            interactive=False,
            buttons=["fullscreen"],
        ),
        others=_gallery([], "others", TOP, fit="contain", visible=False),
        original=gr.Image(
            label="Original", elem_id="original", format="png", buttons=["fullscreen"], height=HEIGHT, visible=False
        ),
        download=download,
        caption=caption,
    )


def _gallery(pictures: list[Any], name: str, height: int, fit: Any, **place: Any) -> gr.Gallery:
    """Thumbnails in one row, to click."""
    return gr.Gallery(
        pictures,
        show_label=False,
        elem_id=name,
        columns=MOST_COLORINGS,
        height=height,
        format="png",
        object_fit=fit,
        fit_columns=False,
        allow_preview=False,
        buttons=[],
        interactive=False,
        **place,
    )


def _options(
    coloring: PageColoring, name: str, manner: str, strength: float, detail: float, ways: float, variety: float
) -> dict[str, Any]:
    """What ColorizeOptions takes, from what was set."""
    colorizer = coloring.load(name)
    has_palette = bool(colorizer.target.decodings)
    is_own = abs(variety - _own_variety(colorizer)) < STEP / 2  # then also its own decoding, as predict takes it
    return {
        "manner": manner,
        "saturation": strength,
        "detail": detail,
        "samples": int(ways) if ways > 1 and has_palette else 0,
        "temperature": variety if has_palette and not is_own else None,
    }


def _own_variety(colorizer: Colorizer) -> float:
    """Where the slider stands for what a checkpoint does by itself."""
    return float(getattr(colorizer.target, "temperature", USUAL_VARIETY))


def _fit(coloring: PageColoring, name: str) -> list[Any]:
    """Show what a network can do: one without a palette has neither variety nor several colorings."""
    try:
        colorizer = coloring.load(name)
    except UsageError as error:
        _warn(_in_words(error, coloring.folders))
        return [gr.Dropdown(info="This one can't be loaded."), gr.skip(), gr.skip(), gr.skip()]
    has_palette = bool(colorizer.target.decodings)
    manner = colorizer.description.get(MANNER, "accurate")
    return [
        gr.Dropdown(info=purpose(colorizer)),
        gr.Slider(visible=has_palette, value=_own_variety(colorizer)),
        gr.Slider(visible=has_palette, value=1),
        gr.Radio(visible=VIVIDNESS in colorizer.description, value=manner),
    ]


def _answer(file: str, name: str, colored: Colored) -> _Result:
    width, height = colored.size
    lines = [f"{Path(file).name}, {width} × {height} pixels, colored by {name}"]
    has_several = len(colored.colorings) > 1
    lines += ["Click a small picture to compare it and to download it."] * has_several
    lines += [f"Note: {told}" for told in colored.told]
    return _Result(
        chosen=file,
        files=[str(path) for path in colored.files],
        drop=None,
        compared=(colored.gray, colored.colorings[0]),
        others=gr.Gallery(
            colored.colorings if has_several else [], visible=has_several, selected_index=0 if has_several else None
        ),
        original=gr.Image(colored.original, visible=colored.original is not None),
        download=gr.DownloadButton(value=colored.files[0], interactive=True),
        caption="<br>".join(map(html.escape, lines)),
    )


def _leave(reason: str) -> Any:
    """Tell once why there is no result, and leave the page as it was, ready for another photo."""
    _warn(reason)
    return _Result(*[gr.skip()] * len(_Result._fields))._replace(drop=None)


def _compare(event: gr.SelectData, files: list[str], others: list[tuple[str, str]], compared: tuple[str, str]) -> Any:
    """Put the coloring that was clicked beside gray, and under the button."""
    file = Path(files[event.index])
    if not file.exists():
        _warn("This coloring is not kept any longer: color the photo again.")
        return gr.skip(), gr.skip()
    return (compared[0], others[event.index][0]), gr.DownloadButton(value=file)


def _warn(text: str) -> None:
    """Show a text as it is: parts of it may be a file's."""
    gr.Warning(html.escape(text))


def _in_words(error: UsageError, folders: Iterable[Path]) -> str:
    """What was wrong, without the places of this machine: the folders that are known, and what looks like one."""
    inner = r"[^/\s'\"]+/"
    places = [f"{re.escape(str(folder))}/(?:{inner})*" for folder in folders if folder.is_absolute()]
    places += [f"/(?:{inner})+"]
    return re.sub(rf"(?<![\w:/])(img=|out=|ckpt=)?(?:{'|'.join(places)})", "", str(error))
