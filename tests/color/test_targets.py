"""Targets: what is learned of a picture, and the picture made of it."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from huesweep.color.spaces import rgb_to_lab, to_bytes
from huesweep.color.targets.ab import AbTarget
from huesweep.color.targets.base import Target
from huesweep.color.targets.palette import UNITS, Decoding, PaletteTarget, Space
from huesweep.color.targets.rgb import RgbTarget
from huesweep.errors import UsageError
from huesweep.registry import build

COLORS = np.array([[0.1, 0.1, 0.1], [0.9, 0.9, 0.9], [0.8, 0.2, 0.2], [0.2, 0.3, 0.8]])


@pytest.fixture
def rgb(generator: torch.Generator) -> torch.Tensor:
    return torch.rand(2, 3, 8, 9, generator=generator)


@pytest.fixture
def palette_path(tmp_path: Path) -> str:
    np.save(tmp_path / "palette.npy", COLORS)
    return str(tmp_path / "palette.npy")


def nearest(pixels: np.ndarray, centers: np.ndarray) -> np.ndarray:
    return np.linalg.norm(pixels[..., None, :] - centers, axis=-1).argmin(-1)


def lab_picture(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """scikit-image's uint8 picture of (..., 1) L and (..., 2) ab."""
    with np.testing.suppress_warnings() as quiet:
        quiet.filter(UserWarning)  # colors out of gamut
        return np.round(lab2rgb(np.concatenate([lightness, ab], -1)) * 255)


@pytest.mark.parametrize("space", ["rgb", "ab"])
def test_a_palette_encodes_the_nearest_color(rgb: torch.Tensor, palette_path: str, space: str) -> None:
    target = PaletteTarget(4, space=space, palette=palette_path)  # type: ignore[arg-type]
    pixels = rgb.movedim(1, -1).numpy()
    expected = (
        nearest(pixels, COLORS) if space == "rgb" else nearest(rgb2lab(pixels)[..., 1:], rgb2lab(COLORS)[..., 1:])
    )
    np.testing.assert_array_equal(target.encode(rgb).numpy(), expected)


def test_a_palettes_ceiling_is_the_nearest_color_at_the_inputs_lightness(rgb: torch.Tensor, palette_path: str) -> None:
    target = PaletteTarget(4, palette=palette_path)
    lightness = rgb_to_lab(rgb)[:, :1]
    pixels = rgb.movedim(1, -1).numpy()
    lab = rgb2lab(COLORS)[nearest(pixels, COLORS)]
    lab[..., 0] = rgb2lab(pixels)[..., 0]
    with np.testing.suppress_warnings() as quiet:
        quiet.filter(UserWarning)  # colors out of gamut
        expected = np.round(lab2rgb(lab) * 255)
    found = to_bytes(target.reconstruct(target.encode(rgb), lightness)).movedim(1, -1).numpy()
    assert np.abs(found - expected).max() <= 1


def test_mixed_colors_can_be_nearer_than_the_ceiling(palette_path: str) -> None:
    target = PaletteTarget(4, palette=palette_path, decoding="mean")
    truth = torch.tensor(0.4 * COLORS[2] + 0.6 * COLORS[3]).float().reshape(1, 3, 1, 1)
    shares = torch.tensor([1e-12, 1e-12, 0.4, 0.6]).log().reshape(1, 4, 1, 1)
    ceiling = target.reconstruct(target.encode(truth), None)
    torch.testing.assert_close(ceiling.flatten(), torch.tensor(COLORS[3]).float())
    torch.testing.assert_close(target.decode(shares, None), truth)


def test_a_palette_shown_as_it_is_gives_its_own_colors(rgb: torch.Tensor, palette_path: str) -> None:
    target = PaletteTarget(4, palette=palette_path)
    shown = target.reconstruct(target.encode(rgb), None).movedim(1, -1).reshape(-1, 3)
    np.testing.assert_allclose(shown.unique(dim=0), COLORS[np.lexsort(COLORS.T[::-1])], atol=1e-6)


def test_annealing_goes_from_the_mean_to_the_likeliest_color(palette_path: str, generator: torch.Generator) -> None:
    outputs = torch.randn(1, 4, 5, 5, generator=generator)

    def decode(decoding: Decoding, temperature: float = 1.0) -> torch.Tensor:
        target = PaletteTarget(4, palette=palette_path, decoding=decoding, temperature=temperature)
        return target.decode(outputs, None)

    mean = torch.einsum("nkhw,kc->nchw", outputs.softmax(1), torch.tensor(COLORS, dtype=torch.float32))
    torch.testing.assert_close(decode("mean"), mean)
    torch.testing.assert_close(decode("annealed", 1.0), mean)
    torch.testing.assert_close(decode("annealed", 1e-6), decode("argmax"), atol=1e-5, rtol=0)


def test_a_fitted_palette_finds_the_colors_that_are_there_and_counts_them() -> None:
    pictures = torch.zeros(4, 3, 8, 8, dtype=torch.uint8)
    pictures[1:, 0] = 200
    target = PaletteTarget(2)
    target.fit(pictures, seed=0)
    np.testing.assert_allclose(target.centers.numpy(), np.array([[0, 0, 0], [200 / 255, 0, 0]]), atol=1e-6)
    np.testing.assert_allclose(target.frequencies.numpy(), [0.25, 0.75])


def test_no_more_pixels_are_converted_than_a_fit_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large pictures would take gigabytes."""
    converted: list[int] = []
    to_space = PaletteTarget.pixels

    def noted(target: PaletteTarget, rgb: torch.Tensor) -> torch.Tensor:
        converted.append(rgb[:, 0].numel())
        return to_space(target, rgb)

    monkeypatch.setattr(PaletteTarget, "pixels", noted)
    pictures = torch.randint(0, 256, (30, 3, 64, 64), dtype=torch.uint8)
    PaletteTarget(8).fit(pictures, seed=0)
    assert converted == [50_000]


def test_a_fit_repeats_to_the_last_bit(generator: torch.Generator) -> None:
    pictures = torch.randint(0, 256, (20, 3, 16, 16), generator=generator, dtype=torch.uint8)
    centers = []
    for _ in range(2):
        target = PaletteTarget(8, space="ab")
        target.fit(pictures, seed=3)
        centers.append(target.centers.clone())
    assert torch.equal(*centers)


def test_a_palette_from_a_file_keeps_its_colors_when_fitted(palette_path: str, generator: torch.Generator) -> None:
    target = PaletteTarget(4, palette=palette_path)
    target.fit(torch.randint(0, 256, (2, 3, 8, 8), generator=generator, dtype=torch.uint8), seed=0)
    np.testing.assert_allclose(target.centers.numpy(), COLORS, atol=1e-6)
    assert target.frequencies.sum().item() == pytest.approx(1)


def test_more_colors_than_there_are_is_refused() -> None:
    with pytest.raises(UsageError, match=r"target\.colors=2.* 1 "):
        PaletteTarget(2).fit(torch.zeros(3, 3, 8, 8, dtype=torch.uint8), seed=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colors": 0}, "target.colors=0"),
        ({"space": "hsv"}, "target.space=hsv.*rgb.*ab"),
        ({"decoding": "mode"}, "target.decoding=mode.*argmax.*mean.*annealed"),
        ({"temperature": 0}, "target.temperature=0"),
        ({"temperature": 1.5}, "target.temperature=1.5"),
        ({"method": "grid", "space": "ab"}, "target.space=ab target.colors=313"),
        ({"method": "grid", "colors": 313}, "target.space=ab target.colors=313"),
        ({"method": "means"}, "target.method=means.*did you mean kmeans"),
        ({"neighbors": 0}, "target.neighbors=0"),
        ({"neighbors": 5}, "target.neighbors=5.*target.colors=4"),
        ({"sigma": 0.0}, "target.sigma=0"),
    ],
)
def test_what_a_palette_can_not_be_made_of_is_refused(options: dict[str, Any], message: str) -> None:
    part = {"kind": "palette", "options": {"colors": 4, **options}}
    with pytest.raises(UsageError, match=message):
        build(Target, part, "target")


def test_every_space_has_its_unit() -> None:
    assert set(get_args(Space)) == set(UNITS)


@pytest.mark.parametrize(("decoding", "temperature"), [("mode", None), (None, 0.0), (None, 1.1), ("mean", 0.5)])
def test_a_decoding_that_there_is_not_is_refused(palette_path: str, decoding: str, temperature: float) -> None:
    with pytest.raises(ValueError, match=r"mode.*annealed, argmax, mean|0\.0|1\.1|temperature=.*mean"):
        PaletteTarget(4, palette=palette_path).decode(torch.zeros(1, 4, 1, 1), None, decoding, temperature)


def test_a_file_with_another_number_of_colors_is_refused(palette_path: str) -> None:
    with pytest.raises(UsageError, match=r" 4 colors.*16.*target\.colors=4"):
        PaletteTarget(16, palette=palette_path)


def test_chroma_and_lightness_together_give_the_picture_back(rgb: torch.Tensor) -> None:
    target = AbTarget()
    lightness = rgb_to_lab(rgb)[:, :1]
    torch.testing.assert_close(target.reconstruct(target.encode(rgb), lightness), rgb, atol=1e-4, rtol=0)


def test_chroma_alone_is_no_picture() -> None:
    with pytest.raises(UsageError, match=r"ab .*luminance=keep"):
        AbTarget().decode(torch.zeros(1, 2, 4, 4), None)


def test_rgb_is_its_own_picture(rgb: torch.Tensor) -> None:
    target = RgbTarget()
    assert torch.equal(target.reconstruct(target.encode(rgb), None), rgb)


@pytest.mark.parametrize("target", [AbTarget(), RgbTarget()])
def test_the_ceiling_of_regression_is_the_picture_itself(target: AbTarget | RgbTarget, rgb: torch.Tensor) -> None:
    lab = rgb2lab(rgb.movedim(1, -1).numpy())
    expected = lab_picture(lab[..., :1], lab[..., 1:])
    found = to_bytes(target.reconstruct(target.encode(rgb), rgb_to_lab(rgb)[:, :1])).movedim(1, -1).numpy()
    assert np.abs(found - expected).max() <= 1


def test_the_ceiling_of_an_ab_palette_is_its_nearest_chroma(rgb: torch.Tensor, palette_path: str) -> None:
    target = PaletteTarget(4, space="ab", palette=palette_path)
    lab, centers = rgb2lab(rgb.movedim(1, -1).numpy()), rgb2lab(COLORS)[:, 1:]
    expected = lab_picture(lab[..., :1], centers[nearest(lab[..., 1:], centers)])
    found = to_bytes(target.reconstruct(target.encode(rgb), rgb_to_lab(rgb)[:, :1])).movedim(1, -1).numpy()
    assert np.abs(found - expected).max() <= 1


def test_the_ceiling_of_the_grid_is_within_half_a_bin(rgb: torch.Tensor) -> None:
    target = PaletteTarget(313, space="ab", method="grid")
    lab = rgb2lab(rgb.movedim(1, -1).numpy())
    rounded = np.round(lab[..., 1:] / 10) * 10  # the nearest point of a square grid, where that is one of the 313
    found = target.centers[target.encode(rgb)].numpy()
    inside = (np.abs(found - rounded) < 1e-3).all(-1)
    assert inside.mean() > 0.98
    lightness = torch.tensor(lab[..., :1]).movedim(-1, 1).float()
    expected = lab_picture(lab[..., :1], rounded)
    shown = to_bytes(target.reconstruct(target.encode(rgb), lightness)).movedim(1, -1).numpy()
    assert np.abs(shown - expected)[inside].max() <= 1


@pytest.mark.parametrize("decoding", ["mean", "annealed", "argmax"])
def test_the_ceiling_of_a_soft_encoding_is_its_own_decoding(
    rgb: torch.Tensor, palette_path: str, decoding: Decoding
) -> None:
    target = PaletteTarget(4, space="ab", palette=palette_path, neighbors=3, sigma=20.0, decoding=decoding)
    lab, centers = rgb2lab(rgb.movedim(1, -1).numpy()), rgb2lab(COLORS)[:, 1:]
    distances = np.linalg.norm(lab[..., None, 1:] - centers, axis=-1)
    weights = np.exp(-(distances**2) / (2 * 20.0**2))
    weights[distances > np.sort(distances, -1)[..., 2:3]] = 0  # the farthest of four takes no part
    power = {"mean": 1.0, "annealed": 1 / 0.38, "argmax": 200.0}[decoding]
    weights = (weights / weights.max(-1, keepdims=True)) ** power
    expected = lab_picture(lab[..., :1], weights @ centers / weights.sum(-1, keepdims=True))
    found = to_bytes(target.reconstruct(target.encode(rgb), rgb_to_lab(rgb)[:, :1])).movedim(1, -1).numpy()
    assert np.mean(np.abs(found - expected) <= 1) > 0.999


def test_the_grid_is_zhangs() -> None:
    grid = PaletteTarget(313, space="ab", method="grid").centers
    assert grid.shape == (313, 2)
    assert len({tuple(center) for center in grid.tolist()}) == 313
    assert (grid % 10 == 0).all()
    # Every color of sRGB is within a bin, or within one step of it.
    levels = torch.linspace(0, 1, 18)
    rgb = torch.stack(torch.meshgrid(levels, levels, levels, indexing="ij")).reshape(1, 3, 18, -1)
    ab = rgb_to_lab(rgb)[0, 1:].flatten(1).T
    assert torch.cdist(ab, grid).amin(1).max() < 10


def test_frequencies_of_a_soft_palette_are_those_of_its_encodings(generator: torch.Generator) -> None:
    pictures = torch.randint(0, 256, (3, 3, 8, 8), generator=generator, dtype=torch.uint8)
    target = PaletteTarget(313, space="ab", method="grid", neighbors=5)
    target.fit(pictures, seed=0)
    expected = target.encode(pictures / 255).mean((0, 2, 3))
    torch.testing.assert_close(target.frequencies, expected)


@pytest.mark.parametrize(
    "target",
    [
        AbTarget(),
        RgbTarget(),
        *(PaletteTarget(313, space="ab", method="grid", decoding=decoding) for decoding in ("mean", "annealed")),
    ],
    ids=["ab", "rgb", "mean", "annealed"],
)
@pytest.mark.parametrize("level", [0.0, 1.0, 0.5])
def test_gradients_are_finite_at_black_at_white_and_out_of_gamut(
    target: AbTarget | RgbTarget | PaletteTarget, level: float
) -> None:
    lightness = torch.full((1, 1, 4, 4), 100 * level)
    for scale in (0.0, 1.0, 30.0):  # far out of gamut, and no color at all
        torch.manual_seed(0)
        outputs = (scale * torch.randn(1, target.channels, 4, 4)).requires_grad_()
        rgb = torch.full((1, 3, 4, 4), level).requires_grad_()
        target.decode(outputs, rgb_to_lab(rgb)[:, :1]).square().sum().backward()
        target.decode(outputs, lightness).square().sum().backward()
        for leaf in (outputs, rgb):
            assert leaf.grad is not None
            assert torch.isfinite(leaf.grad).all()
