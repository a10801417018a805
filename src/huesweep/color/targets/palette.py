"""Color as a choice among K palette colors."""

from pathlib import Path
from typing import Literal, get_args

import torch
from pydantic import validate_call
from torch import Tensor

from huesweep.color.kept_tables import kept_table
from huesweep.color.nearest import look_up
from huesweep.color.palette_file import read_palette
from huesweep.color.palette_fit import ab_grid, fit_palette
from huesweep.color.soft_encoding import soft_encode
from huesweep.color.spaces import lab_to_rgb, rgb_to_lab, to_float, with_lightness
from huesweep.color.targets.base import Target
from huesweep.errors import UsageError, unknown
from huesweep.ranges import Count, Fraction, Positive
from huesweep.registry import CHECKS

Space = Literal["rgb", "ab"]
Decoding = Literal["argmax", "mean", "annealed"]
UNITS = {"rgb": 1 / 255, "ab": 1.0}  # what target.sigma counts in: 8-bit levels, CIELAB
# What k-means sees: more moves the centers by less than their spread over seeds.
FIT_PICTURES = 2000
FIT_PIXELS = 50_000
CHUNK = 2**25  # pixels times colors encoded at once while counting
WORTHWHILE = 2**26  # pixels times colors above which a table of all colors takes less time than comparing


class PaletteTarget(Target):
    """K classes a pixel: the nearest palette color, by Euclidean distance in the palette's space.

    colors: K. space: `rgb` (a color is brightness too) or `ab` (chroma alone). palette: a name or a file, see
    read_palette, or None. method: without a file, `kmeans` fits the colors to the training pictures (`fit`);
    `grid` takes the 313 bins of the ab plane of Zhang, Isola & Efros 2016. neighbors: 1 names the nearest color;
    more spread a pixel over so many (soft_encode), sigma in CIELAB units, in rgb 8-bit levels. decoding: `argmax` takes
    the likeliest color, `mean` the expected one, `annealed` the mean after sharpening by `temperature` (their section
    2.3: 0.38). Raises UsageError for more neighbors than colors.
    """

    name = "palette"
    encoding = "classes"
    decodings = get_args(Decoding)

    def __init__(
        self,
        colors: Count,
        space: Space = "rgb",
        palette: str | None = None,
        method: Literal["kmeans", "grid"] = "kmeans",
        neighbors: Count = 1,
        sigma: Positive = 5.0,
        decoding: Decoding = "annealed",
        temperature: Fraction = 0.38,
    ) -> None:
        super().__init__()
        self.decoding = decoding
        self.temperature = temperature
        self.channels = colors
        self.space = space
        self.has_lightness = space == "rgb"
        self.neighbors = neighbors
        self.sigma = sigma * UNITS[space]
        # The palette itself, in its space (RGB in [0, 1] or ab), and how often each color is used in training.
        self.register_buffer("centers", torch.zeros(colors, 3 if space == "rgb" else 2))
        self.register_buffer("frequencies", torch.full((colors,), 1 / colors))
        self.centers: Tensor
        self.frequencies: Tensor
        if method == "grid" and palette is not None:
            raise UsageError(f"target.palette={palette} and target.method=grid both choose the colors: set one")
        if neighbors > colors:
            raise UsageError(f"target.neighbors={neighbors} must be at most target.colors={colors}")
        self.is_fixed = method == "grid" or palette is not None
        self._has_colors = self.is_fixed
        self._table: tuple[Tensor, Tensor] | None = None  # of the centers beside it
        if palette is not None:
            self._read(palette)
        elif method == "grid":
            self._take_grid()

    @validate_call(config=CHECKS)
    def check_decoding(self, decoding: str | None, temperature: Fraction | None) -> None:
        if decoding is not None and decoding not in self.decodings:
            raise unknown("decoding", decoding, self.decodings)
        if temperature is not None and decoding not in (None, "annealed"):
            raise UsageError(f"temperature= is of decoding=annealed, not of decoding={decoding}")

    def class_frequencies(self) -> Tensor | None:
        return self.frequencies

    def _check_fitted(self) -> None:
        """Raise ValueError for a palette whose colors nobody has chosen: it would show everything black."""
        self._has_colors = self._has_colors or bool(self.centers.any())
        if not self._has_colors:
            raise ValueError("this palette has no colors yet: fit it to pictures, or load a checkpoint")

    def _take_grid(self) -> None:
        grid = ab_grid()
        if self.space != "ab" or self.channels != len(grid):
            raise UsageError(
                f"target.method=grid divides the ab plane into {len(grid)} bins: "
                f"set target.space=ab target.colors={len(grid)}"
            )
        self.centers.copy_(grid)

    def _read(self, palette: str) -> None:
        rgb = torch.tensor(read_palette(palette), dtype=torch.float32)
        if len(rgb) != self.channels:
            raise UsageError(
                f"{palette} holds {len(rgb)} colors but target.colors is {self.channels}: set target.colors={len(rgb)}"
            )
        self.centers.copy_(self._coordinates(rgb.T[None, :, None]).reshape(-1, self.channels).T)

    def _coordinates(self, rgb: Tensor) -> Tensor:
        return _coordinates(self.space, rgb)

    def pixels(self, rgb: Tensor) -> Tensor:
        """Pixels in the palette's space. rgb: (N, 3, H, W) float in [0, 1]. Gives (N * H * W, 3 or 2)."""
        return self._coordinates(rgb).movedim(1, -1).flatten(0, -2)

    def fit(self, pictures: Tensor, seed: int) -> None:
        """Take the colors from training pictures, unless they are fixed, and count how often each is used.

        Raises UsageError where the pictures have fewer different colors than asked for.
        """
        if not self.is_fixed:
            generator = torch.Generator().manual_seed(seed)
            sample = torch.randperm(len(pictures), generator=generator)[:FIT_PICTURES]
            height, width = pictures.shape[-2:]
            places = torch.randperm(len(sample) * height * width, generator=generator)[:FIT_PIXELS]
            rows = places // width
            levels = pictures[sample.sort().values[rows // height], :, rows % height, places % width]
            pixels = self.pixels(to_float(levels.T[None, :, None]))
            self.centers.copy_(torch.from_numpy(fit_palette(pixels.numpy(), self.channels, seed)))
            self._has_colors = True
        counts = torch.zeros(self.channels, dtype=torch.float64)
        self.prepare(pictures[:, 0].numel())
        for chunk in pictures.split(max(1, CHUNK // (self.channels * pictures[0, 0].numel()))):
            encoded = self.encode_bytes(chunk)
            counts += (
                encoded.sum((0, 2, 3), dtype=torch.float64)
                if encoded.is_floating_point()
                else torch.bincount(encoded.flatten(), minlength=self.channels)
            )
        self.frequencies.copy_(counts / counts.sum())

    def keep_colors(self) -> None:
        self.is_fixed = True

    def has_colors_of(self, other: Target) -> bool:
        if not self.is_fixed or not isinstance(other, PaletteTarget):
            return not self.is_fixed
        return self.centers.shape == other.centers.shape and torch.allclose(self.centers, other.centers, atol=1e-3)

    def palette(self) -> Tensor:
        """The palette as it looks, (K, 3) RGB in [0, 1]; a palette in ab is shown at L = 65."""
        coordinates = self.centers.T[None, :, None]
        lightness = None if self.space == "rgb" else torch.full_like(coordinates[:, :1], 65.0)
        return self.picture(coordinates, lightness)[0, :, 0].T

    def classify(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) float in [0, 1] to (N, H, W) int64, the index of each pixel's nearest color."""
        # |x|^2 less |x - c|^2; matrix products, unlike convolutions, are not rounded to fewer bits on a GPU. Of equal
        # ones the first counts, as with argmax, which takes twice the time.
        pixels = self._coordinates(rgb).movedim(1, -1)
        return (pixels @ (2 * self.centers.T) - self.centers.square().sum(1)).max(-1).indices

    def encode(self, rgb: Tensor) -> Tensor:
        """The index of each pixel's nearest color, (N, H, W) int64, or with neighbors > 1 (N, K, H, W), summing to 1.

        rgb: (N, 3, H, W) float in [0, 1].
        """
        self._check_fitted()
        if self.neighbors == 1:
            return self.classify(rgb)
        return soft_encode(self._coordinates(rgb), self.centers, self.neighbors, self.sigma)

    def prepare(self, pixels: int, cache: Path | None = None) -> None:
        is_settled = self.neighbors == 1 and self.centers.device.type == "cpu"
        if not is_settled or pixels * self.channels < WORTHWHILE:
            return
        if self._ready_table() is None:
            self._check_fitted()
            centers = self.centers.clone()
            self._table = centers, kept_table(self.space, centers, self._coordinates, cache)
        elif cache is not None:
            kept_table(self.space, self.centers, self._coordinates, cache)

    def encode_bytes(self, pictures: Tensor) -> Tensor:
        """As in Target. After `prepare` every pixel's color is looked up, and not compared with the palette again."""
        table = self._ready_table() if pictures.device.type == "cpu" else None
        return super().encode_bytes(pictures) if table is None else look_up(table, pictures)

    def _ready_table(self) -> Tensor | None:
        if self._table is None or not torch.equal(self._table[0], self.centers):
            return None
        return self._table[1]

    def reconstruct(
        self,
        encoded: Tensor,
        lightness: Tensor | None,
        decoding: str | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        """As in Target. Of a soft encoding: the picture of a network that gives exactly these probabilities."""
        if encoded.is_floating_point():
            return self.decode(encoded.log(), lightness, decoding, temperature)
        return self.picture(self.centers[encoded].movedim(-1, 1), lightness)

    def decode(
        self,
        outputs: Tensor,
        lightness: Tensor | None,
        decoding: str | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        self.check_decoding(decoding, temperature)
        self._check_fitted()
        decoding = decoding or ("annealed" if temperature is not None else self.decoding)
        if decoding == "argmax":
            return self.reconstruct(outputs.argmax(1), lightness)
        temperature = (temperature or self.temperature) if decoding == "annealed" else 1.0
        weights = outputs.movedim(1, -1).div(temperature).softmax(-1)  # colors last: networks give them so
        return self.picture((weights @ self.centers).movedim(-1, 1), lightness)

    def picture(self, values: Tensor, lightness: Tensor | None) -> Tensor:
        if self.space == "rgb":
            rgb = values.clamp(0, 1)
            return rgb if lightness is None else with_lightness(rgb, lightness)
        if lightness is None:
            raise UsageError("a palette in ab predicts no brightness: use luminance=keep, or target.space=rgb")
        return lab_to_rgb(torch.cat([lightness, values], dim=1))


def _coordinates(space: Space, rgb: Tensor) -> Tensor:
    return rgb if space == "rgb" else rgb_to_lab(rgb)[:, 1:]
