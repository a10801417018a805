"""The suite's readers of files from strangers: valid files to damage, how each is read, and how it may refuse.

To add one, write a function that gives its Reader, with its imports inside, and name it in READERS.
"""

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests import python2


class Reader(NamedTuple):
    """seeds: gives valid files, of a few KB. read: raises one of `refusals` for a bad file, and no other exception.

    file: the path that it is told to read, below an empty folder. wrap: what is done to damaged content before it is
    written, for content that lies within another file.
    """

    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    refusals: tuple[type[Exception], ...]
    file: str
    wrap: Callable[[bytes], bytes] = bytes


def _cifar() -> Reader:
    from huesweep.data.sources.cifar_batch import read_batch
    from huesweep.errors import UsageError

    def seeds() -> list[bytes]:
        rows = np.arange(3 * 3072).astype(np.uint8).reshape(3, 3072)
        batch = {b"data": rows, b"labels": [1, 2, 3], b"filenames": [b"a.png", b"b.png", b"c.png"]}
        return [python2.dumps(batch), *(pickle.dumps(batch, protocol) for protocol in (3, 4))]

    return Reader(seeds, lambda path: read_batch(path, "cifar10", b"labels", 10, None), (UsageError,), "test_batch")


def _pickle() -> Reader:
    from huesweep.io.safe_pickle import load_arrays

    def seeds() -> list[bytes]:
        values: list[Any] = [None, True, -1, 1 << 40, 0.5, b"bytes", "text", np.float32(3), np.eye(2, dtype=np.int16)]
        mixed = {"values": values, b"array": _toronto(), b"order": np.asfortranarray(np.ones((2, 3), ">f4"))}
        return [python2.dumps(_toronto()), *(pickle.dumps(mixed, protocol) for protocol in (3, 4))]

    return Reader(seeds, lambda path: load_arrays(path.read_bytes()), (pickle.UnpicklingError,), "arrays.pkl")


def _toronto() -> np.ndarray:
    objects = np.empty(2, dtype=object)
    objects[:] = [np.linspace(0, 1, 48).reshape(16, 3), np.float64(0.07)]
    return objects


def _palette() -> Reader:
    from huesweep.color.palette_file import read_palette
    from huesweep.errors import UsageError

    def seeds() -> list[bytes]:
        arrays = (np.linspace(0, 1, 12).reshape(4, 3), np.arange(12, dtype=np.uint8).reshape(4, 3), _toronto())
        files = [python2.npy_of_objects(_toronto())]
        for array in arrays:
            file = io.BytesIO()
            np.save(file, array, allow_pickle=True)
            files.append(file.getvalue())
        return files

    return Reader(seeds, read_palette, (UsageError,), "palette.npy")


def _palette_text() -> Reader:
    from huesweep.color.palette_file import read_palette
    from huesweep.errors import UsageError

    texts = (b"# of horses\n255 0 0\n0,128,7\n#00FF7f # leaves\n\n1, 2, 3\r\n", "\ufeff#fff000\n#ü\n".encode())
    return Reader(lambda: list(texts), read_palette, (UsageError,), "palette.txt")


def _photo() -> Reader:
    from huesweep.errors import UsageError
    from huesweep.inference.photo_file import read_photo

    return Reader(lambda: _pictures() + _deep_pictures(), lambda path: read_photo(path, 20), (UsageError,), "photo.png")


def _picture() -> Reader:
    from huesweep.data.decoding import UnreadableError, read_rgb

    return Reader(
        lambda: _pictures() + _deep_pictures() + _animations(), read_rgb, (UnreadableError,), "class/picture.png"
    )


def _levels() -> np.ndarray:
    rows, columns = np.mgrid[0:12, 0:20]
    return np.stack([rows * 20, columns * 12, rows * columns], axis=2).astype(np.uint8)


def _saved(image: Any, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _pictures() -> list[bytes]:
    from PIL import Image, ImageCms

    rgb = Image.fromarray(_levels())
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Leica", 6
    exif.get_ifd(0x8769)[0x9003] = "1961:04:12 09:07:00"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    transparent = rgb.convert("RGBA")
    transparent.putalpha(100)
    return [
        _saved(rgb, "PNG", exif=exif, icc_profile=profile, dpi=(72, 72)),
        _saved(rgb.quantize(16), "PNG", transparency=3),
        _saved(rgb.convert("1"), "PNG"),
        _saved(rgb, "JPEG", exif=exif, icc_profile=profile),
        _saved(rgb.convert("CMYK"), "JPEG"),
        _saved(rgb, "JPEG", progressive=True),
        *(_saved(transparent, "TIFF", compression=kind, exif=exif) for kind in ("raw", "tiff_lzw", "packbits")),
        _saved(rgb, "TIFF", compression="jpeg"),
        _saved(rgb, "WEBP", exif=exif),
        _saved(transparent, "WEBP", lossless=True),
        _saved(rgb, "BMP"),
        _saved(rgb.quantize(16), "BMP"),
    ]


def _deep_pictures() -> list[bytes]:
    import cv2
    import tifffile

    files = []
    for values in (_levels().astype(np.uint16) * 257, _levels()[..., 0].astype(np.uint16) * 257):
        files.append(cv2.imencode(".png", values)[1].tobytes())
        for compression in (None, "zlib"):
            file = io.BytesIO()
            photometric = "rgb" if values.ndim == 3 else "minisblack"
            tifffile.imwrite(file, values, photometric=photometric, compression=compression)
            files.append(file.getvalue())
    return files


def _animations() -> list[bytes]:
    from PIL import Image

    frames = [Image.fromarray(_levels()).quantize(16), Image.fromarray(_levels()[::-1]).quantize(16)]
    return [_saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), _saved(frames[0], "GIF", transparency=2)]


def _config() -> Reader:
    import yaml

    from huesweep.errors import UsageError
    from huesweep.io.plain_yaml import read_plain_yaml

    config = {
        "data": {"name": "photos", "classes": ["a"], "test": 0.5},
        "seed": 0,
        "model": {"encoder": {"widths": [4]}},
    }
    texts = [yaml.safe_dump(config), yaml.safe_dump(config, default_flow_style=True)]
    return Reader(lambda: [text.encode() for text in texts], read_plain_yaml, (UsageError,), "config.yaml")


def _result() -> Reader:
    from huesweep.sweeps.results import RESULT_BYTES, TrialResult

    scores = {"psnr": 21.5, "ssim": 0.9, "cf": None}
    words = {"name": "a", "data": "photos", "task": "colorize", "model": "unet_s", "target": "ab", "loss": "mse"}
    counts = {"seed": 0, "parameters": 1000, "epochs": 3, "seconds": 60.0}
    beside = {"validation": scores, "test": scores, "baselines": {"test": {"gray": scores}}}
    return _of_json({**words, **counts, **beside}, TrialResult, RESULT_BYTES, "result.json")


def _sweep() -> Reader:
    from huesweep.sweeps.manifest import MANIFEST_BYTES, Content

    return _of_json({"started": 1.5, "total": 3, "trials": ["a", "b-1", "c_2"]}, Content, MANIFEST_BYTES, "sweep.json")


def _of_json(content: dict[str, Any], model: Any, most: int, file: str) -> Reader:
    from huesweep.errors import UsageError
    from huesweep.io.checked_json import read_json

    def read(path: Path) -> object:
        found = read_json(path, model, most)
        if found is None:  # told in a line, and passed over
            raise UsageError("is damaged")
        return found

    return Reader(
        lambda: [json.dumps(content, indent=indent).encode() for indent in (None, 1)], read, (UsageError,), file
    )


def _of_networks(name: str) -> Callable[[], Reader]:
    def make() -> Reader:
        from tests.fuzz import networks

        return getattr(networks, name)()

    return make


READERS: dict[str, Callable[[], Reader]] = {
    "cifar": _cifar,
    "pickle": _pickle,
    "palette": _palette,
    "palette_text": _palette_text,
    "photo": _photo,
    "picture": _picture,
    "config": _config,
    "result": _result,
    "sweep": _sweep,
    **{name: _of_networks(name) for name in ("checkpoint", "checkpoint_pickle", "onnx_file", "onnx_description")},
}
