"""Colors at full size: along edges, within the gamut, whatever the size, strip by strip as at once."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data
from skimage.color import lab2rgb, rgb2lab

from huesweep.color.gamut import lab_to_rgb_keeping_lightness
from huesweep.colorizer import coloring as module
from huesweep.colorizer.coloring import ColorizeOptions, colorize, grayscale, shrink, working_size
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.guided import follow_lightness
from huesweep.errors import UsageError

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def colorizer(by_lightness: Path) -> Colorizer:
    return Colorizer.load(by_lightness / "checkpoints" / "best.ckpt")


def one(colorizer: Colorizer, photo: np.ndarray, **options: object) -> np.ndarray:
    ((colored,),) = colorize(colorizer, [photo], ColorizeOptions(**options), CPU)  # type: ignore[arg-type]
    return colored


def test_what_is_out_of_gamut_gives_up_chroma_alone() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 100, 21), np.linspace(-120, 120, 25), np.linspace(-120, 120, 25)), -1)
    lab = torch.from_numpy(grid.reshape(1, -1, 1, 3)).float().movedim(-1, 1)
    rgb = lab_to_rgb_keeping_lightness(lab)
    assert 0 <= float(rgb.min()) <= float(rgb.max()) <= 1
    found = rgb2lab(rgb.movedim(1, -1).double().numpy())[0, :, 0]
    wanted = grid.reshape(-1, 3)
    np.testing.assert_allclose(found[:, 0], wanted[:, 0], atol=0.15)
    inside = np.abs(rgb2lab(lab2rgb(wanted)) - wanted).max(1) < 0.05
    assert 0.1 < inside.mean() < 0.9
    np.testing.assert_allclose(found[inside], wanted[inside], atol=0.15)
    lengths = [np.hypot(values[:, 1], values[:, 2]) for values in (found, wanted)]
    assert (lengths[0] <= lengths[1] + 0.2).all()
    saturated = ~inside & (lengths[0] > 5)
    across = found[:, 1] * wanted[:, 2] - found[:, 2] * wanted[:, 1]
    assert np.abs(across[saturated] / (lengths[0] * lengths[1])[saturated]).max() < 0.05, "the hue stays"


def test_colors_follow_edges() -> None:
    # Two surfaces of other brightness and color; the small picture's edge lies within a pixel.
    high, low = (80.0, 40.0), (30.0, -40.0)
    full = np.full((3, 256, 256), low[1], np.float32)
    full[0] = low[0]
    full[0, :, 131:], full[1:, :, 131:] = high[0], high[1]
    small = torch.from_numpy(np.stack([cv2.resize(part, (32, 32), interpolation=cv2.INTER_AREA) for part in full]))
    lightness = torch.from_numpy(full[0])
    guided = follow_lightness(small[1:], small[0]).rows(0, lightness, 256)
    plain = torch.nn.functional.interpolate(small[None, 1:], (256, 256), mode="bicubic", align_corners=False)[0]
    errors = [float((found.numpy() - full[1:])[:, :, 123:139].__abs__().mean()) for found in (guided, plain)]
    assert errors[0] < 0.4 * errors[1]


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_true_colors_are_enlarged_with_less_error_than_by_bicubic_interpolation(name: str) -> None:
    photo = getattr(data, name)()
    height, width = photo.shape[:2]
    factor = 128 / max(height, width)
    small = cv2.resize(photo, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    lab, small_lab = (torch.from_numpy(rgb2lab(pixels)).float().movedim(-1, 0) for pixels in (photo, small))
    guided = follow_lightness(small_lab[1:], small_lab[0]).rows(0, lab[0], height)
    size = (height, width)
    plain = torch.nn.functional.interpolate(small_lab[None, 1:], size, mode="bicubic", align_corners=False)[0]
    errors = [float((found - lab[1:]).square().mean().sqrt()) for found in (guided, plain)]
    assert errors[0] < 0.93 * errors[1]


@pytest.mark.parametrize("size", [(300, 401), (48, 1000), (97, 64)])
def test_rows_together_are_the_picture_enlarged_bicubically(generator: torch.Generator, size: tuple[int, int]) -> None:
    height, width = size
    small = torch.rand(3, 48, 64, generator=generator)
    guided = follow_lightness(small[1:], torch.full((48, 64), 50.0))  # flat: the colors don't follow it
    strips = [(top, min(40, height - top)) for top in range(0, height, 40)]
    rows = [guided.rows(top, torch.full((count, width), 50.0), height) for top, count in strips]
    expected = torch.nn.functional.interpolate(small[None, 1:], size, mode="bicubic")[0]
    torch.testing.assert_close(torch.cat(rows, dim=1), expected, atol=1e-4, rtol=0)


def test_strips_have_no_seams(colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = data.coffee()
    whole = one(colorizer, photo)
    monkeypatch.setattr(module, "STRIP", 7 * photo.shape[1])
    assert (one(colorizer, photo) == whole).all()


def test_the_colors_hardly_depend_on_the_photos_size(colorizer: Colorizer) -> None:
    photo = data.astronaut()
    colored = one(colorizer, photo)
    for side in (192, 320, 1024):
        resized = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA if side < 512 else cv2.INTER_CUBIC)
        found = rgb2lab(cv2.resize(one(colorizer, resized), (96, 96), interpolation=cv2.INTER_AREA))
        wanted = rgb2lab(cv2.resize(colored, (96, 96), interpolation=cv2.INTER_AREA))
        difference = np.hypot(*(found - wanted)[..., 1:].transpose(2, 0, 1)).mean()
        strength = np.hypot(wanted[..., 1], wanted[..., 2]).mean()
        assert difference < 0.15 * strength


def test_photos_colored_together_are_as_alone(colorizer: Colorizer) -> None:
    photos = [data.astronaut(), np.ascontiguousarray(data.astronaut()[::-1])]
    together = [next(iter(colorings)) for colorings in colorize(colorizer, photos, ColorizeOptions(), CPU)]
    for found, photo in zip(together, photos, strict=True):
        assert np.abs(found.astype(int) - one(colorizer, photo)).max() <= 1


def test_the_network_computes_on_a_bounded_number_of_pixels(
    colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [data.astronaut()] * 5
    height, width = working_size(colorizer, photos[0], ColorizeOptions())
    monkeypatch.setattr(module, "SEEN", 2 * height * width)
    seen: list[int] = []
    with colorizer.network.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0]))):
        colored = [next(iter(colorings)) for colorings in colorize(colorizer, photos, ColorizeOptions(), CPU)]
    assert seen == [2, 2, 1]
    assert np.abs(colored[4].astype(int) - one(colorizer, photos[0])).max() <= 1


def test_options_do_what_they_say(colorizer: Colorizer) -> None:
    photo = data.astronaut()

    def chroma(**options: object) -> np.ndarray:
        return np.hypot(*rgb2lab(one(colorizer, photo, **options))[..., 1:].transpose(2, 0, 1)).mean()

    usual = chroma()
    assert chroma(saturation=0) < 0.5
    assert chroma(saturation=1.5) > 1.3 * usual
    assert chroma(temperature=0.05) != pytest.approx(chroma(temperature=1.0), rel=0.1)
    samples = list(next(iter(colorize(colorizer, [photo], ColorizeOptions(samples=3, seed=1), CPU))))
    other = np.ascontiguousarray(photo[::-1])
    again = [list(drawn) for drawn in colorize(colorizer, [other, photo], ColorizeOptions(samples=3, seed=1), CPU)][1]
    assert len(samples) == 3
    assert (samples[0] != samples[1]).any()
    pairs = zip(samples, again, strict=True)
    assert all(np.abs(left.astype(int) - right).max() <= 1 for left, right in pairs), "in whatever company"


def test_a_photo_of_palette_colors_has_no_others(trial: Path) -> None:
    colorizer = Colorizer.load(trial / "checkpoints" / "best.ckpt")  # its palette tells brightness too
    found = one(colorizer, data.astronaut(), palette=True, samples=1, luminance="predicted")
    palette = (colorizer.target.palette() * 255).round().numpy()  # type: ignore[operator, union-attr]
    colors = np.unique(found.reshape(-1, 3), axis=0).astype(int)
    assert len(colors) > 1
    assert max(np.abs(palette - color).max(1).min() for color in colors) <= 1


def test_the_working_size_follows_the_training_pictures(colorizer: Colorizer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert colorizer.description["side"] == 32
    photo = np.zeros((600, 300, 3), np.uint8)
    assert working_size(colorizer, photo, ColorizeOptions()) == (128, 64)
    assert working_size(colorizer, photo, ColorizeOptions(detail=0.5)) == (64, 32)
    assert working_size(colorizer, photo, ColorizeOptions(detail=8)) == (600, 300)
    assert working_size(colorizer, photo[:50, :40], ColorizeOptions()) == (50, 40)
    assert working_size(colorizer, photo[:1], ColorizeOptions()) == (1, 128)
    for side, expected in ((64, (256, 128)), (128, (256, 128)), (320, (320, 160)), (512, (512, 256))):
        monkeypatch.setitem(colorizer.description, "side", side)
        assert working_size(colorizer, photo, ColorizeOptions()) == expected
    monkeypatch.setitem(colorizer.description, "side", 128)
    assert working_size(colorizer, photo[:100, :40], ColorizeOptions()) == (100, 40)
    monkeypatch.setattr(colorizer.network, "smallest", 64)
    assert working_size(colorizer, photo[:100, :40], ColorizeOptions()) == (256, 102)
    assert working_size(colorizer, photo[:100, :40], ColorizeOptions(detail=8)) == (256, 102)
    assert working_size(colorizer, photo, ColorizeOptions(detail=8)) == (600, 300)


def test_a_small_copy_averages(colorizer: Colorizer) -> None:
    photo = np.arange(16 * 16 * 3, dtype=np.uint16).reshape(16, 16, 3) * 80
    expected = photo.reshape(4, 4, 4, 4, 3).mean((1, 3)) / 65535
    np.testing.assert_allclose(shrink(photo, (4, 4))[0].movedim(0, -1), expected, atol=1e-5)
    gray = grayscale(colorizer, photo)
    assert gray.shape == photo.shape
    assert (gray[..., 0] == gray[..., 2]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"luminance": "kept"}, "luminance=kept.*keep.*predicted.*did you mean keep"),
        ({"luminance": "predicted"}, "luminance=predicted"),
        ({"detail": 0}, "detail=0"),
        ({"detail": 9}, "detail=9"),
        ({"detail": float("nan")}, "detail=nan"),
        ({"manner": "bold"}, "manner=bold.*accurate.*vivid"),
        ({"saturation": -1}, "saturation=-1"),
        ({"samples": -1}, "samples=-1"),
        ({"samples": 65}, "samples=65"),
        ({"palette": "no"}, "palette='no'"),
        ({"sample": 1}, r"sample .*did you mean samples\?"),
        ({"temperature": 2}, "temperature=2"),
    ],
)
def test_a_wrong_value_is_told(colorizer: Colorizer, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        colorizer.color(np.zeros((8, 8), np.uint8), **options)
