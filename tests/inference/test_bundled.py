"""The bundled network: better than gray on photographs it was not trained on, and the same at every size."""

import cv2
import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

from huesweep.benchmarks.look import photographs
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.pictures import open_picture
from huesweep.resources import BUNDLED

PHOTOS = {path.stem: path for path in photographs() if path.stem != "camera"}


@pytest.fixture(scope="module")
def bundled() -> Colorizer:
    return Colorizer.load(BUNDLED)


def read(name: str) -> np.ndarray:
    return np.asarray(open_picture(PHOTOS[name]).convert("RGB"))


def resized(photo: np.ndarray, width: int, height: int) -> np.ndarray:
    method = cv2.INTER_AREA if width < photo.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(photo, (width, height), interpolation=method)


def test_photographs_come_out_better_than_gray(bundled: Colorizer) -> None:
    over = []
    for name in PHOTOS:
        truth = read(name)
        lightness = rgb2lab(truth)[..., :1]
        gray = (lab2rgb(np.concatenate([lightness, np.zeros((*truth.shape[:2], 2))], axis=-1)) * 255).round()
        colored = bundled.color(truth, manner="accurate")
        over.append(peak_signal_noise_ratio(truth, colored) - peak_signal_noise_ratio(truth, gray.astype(np.uint8)))
        assert np.abs(rgb2lab(colored)[..., :1] - lightness).mean() < 0.5
    assert np.mean(over) > 1.5
    assert np.mean(np.array(over) > 0) > 0.8
    assert min(over) > -1.5


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "grace_hopper", "lion"])
def test_sizes_of_a_photo_are_colored_alike(bundled: Colorizer, name: str) -> None:
    photo = read(name)
    height, width = photo.shape[:2]

    def chroma(factor: float) -> np.ndarray:
        sized = photo if factor == 1 else resized(photo, round(width * factor), round(height * factor))
        return rgb2lab(resized(bundled.color(sized), 128, 128))[..., 1:]

    usual = chroma(1)
    strength = np.linalg.norm(usual, axis=-1).mean()
    for factor in (0.5, 2):
        assert np.linalg.norm(chroma(factor) - usual, axis=-1).mean() < strength / 3


def test_it_is_small_and_tells_how_vivid_it_may_be(bundled: Colorizer) -> None:
    assert BUNDLED.stat().st_size <= 12e6
    assert 1.2 < bundled.strength("vivid") < 3
    assert bundled.strength(None) == bundled.strength("vivid")
