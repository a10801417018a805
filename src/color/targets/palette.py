"""Color as a choice among K palette colors."""

from typing import Literal

import torch
from torch import Tensor

from src.color.palette_file import read_palette
from src.color.palette_fit import fit_palette
from src.color.spaces import lab_to_rgb, rgb_to_lab, to_float, with_luminance
from src.color.targets.base import Target
from src.errors import UsageError, unknown

Space = Literal["rgb", "ab"]
DECODINGS = ("argmax", "mean", "annealed")
FIT_PICTURES, FIT_PIXELS = (
    2000,
    50_000,
)  # what k-means sees: more moves the centers by less than their spread over seeds
CHUNK = 256  # pictures encoded at once while counting


class PaletteTarget(Target):
    """K classes a pixel: the nearest palette color, by Euclidean distance in the palette's space.

    colors: K. space: `rgb` (a color is brightness too) or `ab` (chroma alone). palette: a file in the Toronto
    assignment's format, or None to have the colors fitted to the training pictures (`fit`). decoding: `argmax` takes
    the likeliest color, `mean` the expected one, `annealed` the mean after sharpening by `temperature` (Zhang, Isola &
    Efros 2016, section 2.3: 0.38). Raises UsageError for values outside these.
    """

    name = "palette"
    encoding = "classes"

    def __init__(
        self,
        colors: int,
        space: Space = "rgb",
        palette: str | None = None,
        decoding: str = "annealed",
        temperature: float = 0.38,
    ) -> None:
        super().__init__()
        if not isinstance(colors, int) or colors < 1:
            raise UsageError(f"target.colors must be a whole number from 1, not {colors}")
        if space not in ("rgb", "ab"):
            raise unknown("target.space", space, ("rgb", "ab"))
        if decoding not in DECODINGS:
            raise unknown("target.decoding", decoding, DECODINGS)
        if not 0 < temperature <= 1:
            raise UsageError(f"target.temperature must be above 0 and at most 1, not {temperature}")
        self.channels = colors
        self.space = space
        self.has_luminance = space == "rgb"
        self.decoding = decoding
        self.temperature = temperature
        self.from_file = palette is not None
        # The palette itself, in its space (RGB in [0, 1] or ab), and how often each color is used in training.
        self.register_buffer("centers", torch.zeros(colors, 3 if space == "rgb" else 2))
        self.register_buffer("frequencies", torch.full((colors,), 1 / colors))
        self.centers: Tensor
        self.frequencies: Tensor
        if palette is not None:
            self._read(palette)

    def _read(self, palette: str) -> None:
        rgb = torch.tensor(read_palette(palette), dtype=torch.float32)
        if len(rgb) != self.channels:
            raise UsageError(
                f"{palette} holds {len(rgb)} colors but target.colors is {self.channels}: set target.colors={len(rgb)}"
            )
        self.centers.copy_(self._coordinates(rgb.T[None, :, None]).reshape(-1, self.channels).T)

    def _coordinates(self, rgb: Tensor) -> Tensor:
        return rgb if self.space == "rgb" else rgb_to_lab(rgb)[:, 1:]

    def pixels(self, rgb: Tensor) -> Tensor:
        """Pixels in the palette's space. rgb: (N, 3, H, W) float in [0, 1]. Gives (N * H * W, 3 or 2)."""
        return self._coordinates(rgb).movedim(1, -1).flatten(0, -2)

    def fit(self, pictures: Tensor, seed: int) -> None:
        """Take the colors from training pictures, unless a file gave them, and count how often each is used.

        Raises UsageError where the pictures have fewer different colors than asked for.
        """
        if not self.from_file:
            generator = torch.Generator().manual_seed(seed)
            sample = torch.randperm(len(pictures), generator=generator)[:FIT_PICTURES]
            pixels = self.pixels(to_float(pictures[sample.sort().values]))
            pixels = pixels[torch.randperm(len(pixels), generator=generator)[:FIT_PIXELS]]
            self.centers.copy_(torch.from_numpy(fit_palette(pixels.numpy(), self.channels, seed)))
        counts = torch.zeros(self.channels, dtype=torch.int64)
        for chunk in pictures.split(CHUNK):
            counts += torch.bincount(self.encode(to_float(chunk)).flatten(), minlength=self.channels)
        self.frequencies.copy_(counts / counts.sum())

    def colors_rgb(self) -> Tensor:
        """The palette as it looks, (K, 3) RGB in [0, 1]; a palette in ab is shown at L = 65."""
        coordinates = self.centers.T[None, :, None]
        luminance = None if self.space == "rgb" else torch.full_like(coordinates[:, :1], 65.0)
        return self._picture(coordinates, luminance)[0, :, 0].T

    def encode(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) float in [0, 1] to (N, H, W) int64, the index of each pixel's nearest color."""
        # |x|^2 less |x - c|^2; matrix products, unlike convolutions, are not rounded to fewer bits on a GPU.
        pixels = self._coordinates(rgb).movedim(1, -1)
        return (pixels @ (2 * self.centers.T) - self.centers.square().sum(1)).argmax(-1)

    def reconstruct(self, encoded: Tensor, luminance: Tensor | None) -> Tensor:
        return self._picture(self.centers[encoded].movedim(-1, 1), luminance)

    def decode(self, outputs: Tensor, luminance: Tensor | None) -> Tensor:
        if self.decoding == "argmax":
            return self.reconstruct(outputs.argmax(1), luminance)
        temperature = self.temperature if self.decoding == "annealed" else 1.0
        weights = (outputs / temperature).softmax(1)
        return self._picture(torch.einsum("nkhw,kc->nchw", weights, self.centers), luminance)

    def _picture(self, coordinates: Tensor, luminance: Tensor | None) -> Tensor:
        if self.space == "rgb":
            rgb = coordinates.clamp(0, 1)
            return rgb if luminance is None else with_luminance(rgb, luminance)
        if luminance is None:
            raise UsageError("a palette in ab predicts no brightness: use luminance=keep, or target.space=rgb")
        return lab_to_rgb(torch.cat([luminance, coordinates], dim=1))
