"""Photo files of every kind, made of photographs that scikit-image ships."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import Image, ImageCms
from skimage import data

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
MAKER, TAKEN = "Leica", "1961:04:12 09:07:00"


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes, in both places where it writes."""
    written = Image.Exif()
    written[0x010F] = MAKER
    written[0x0112] = orientation
    written.get_ifd(0x8769)[0x9003] = TAKEN
    return written


def photograph(width: int, height: int) -> np.ndarray:
    """A part of a photograph, (height, width, 3) uint8."""
    return np.ascontiguousarray(data.astronaut()[100 : 100 + height, 150 : 150 + width])


def save(path: Path, pixels: np.ndarray, mode: str, depth: int) -> Path:
    """Write `pixels`, (H, W, 3) uint8, as `gray`, `rgb`, `rgba`, `palette` or `cmyk`."""
    rows = np.linspace(0, 255, len(pixels)).astype(np.uint8)[:, None]
    opacity = np.repeat(rows, pixels.shape[1], axis=1)
    gray = np.asarray(Image.fromarray(pixels).convert("L"))
    if depth == 16:
        values = {"gray": gray, "rgb": pixels, "rgba": np.dstack([pixels, opacity])}[mode].astype(np.uint16) * 257 + 3
        values = np.clip(values, 0, 65535).astype(np.uint16)
        if path.suffix == ".tiff":
            extra = ["unassalpha"] if mode == "rgba" else None
            kind = "minisblack" if mode == "gray" else "rgb"
            tags = [(271, "s", 0, MAKER, True)]
            icc = None if mode == "gray" else PROFILE
            tifffile.imwrite(path, values, photometric=kind, extrasamples=extra, iccprofile=icc, extratags=tags)
            return path
        order = {"gray": values, "rgb": values[..., ::-1], "rgba": values[..., [2, 1, 0, 3]] if mode == "rgba" else 0}
        kinds, blobs = [cv2.IMAGE_METADATA_EXIF], [np.frombuffer(exif().tobytes()[6:], np.uint8)]
        if mode != "gray":
            kinds, blobs = [*kinds, cv2.IMAGE_METADATA_ICCP], [*blobs, np.frombuffer(PROFILE, np.uint8)]
        done, encoded = cv2.imencodeWithMetadata(".png", np.ascontiguousarray(order[mode]), kinds, blobs)
        assert done
        path.write_bytes(encoded.tobytes())
        return path
    picture = {
        "gray": lambda: Image.fromarray(gray),
        "rgb": lambda: Image.fromarray(pixels),
        "rgba": lambda: Image.fromarray(np.dstack([pixels, opacity])),
        "palette": lambda: Image.fromarray(pixels).quantize(64),
        "cmyk": lambda: Image.fromarray(pixels).convert("CMYK"),
    }[mode]()
    options: dict[str, Any] = {"quality": 95} if path.suffix in (".jpg", ".webp") else {}
    if path.suffix != ".bmp":
        options |= {"exif": exif().tobytes()}
        if mode in ("rgb", "rgba", "palette"):
            options |= {"icc_profile": PROFILE}
    picture.save(path, **options)
    return path
