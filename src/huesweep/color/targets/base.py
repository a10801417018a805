"""What every target can do."""

from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from huesweep.color.sampling import coherent_gumbel
from huesweep.color.spaces import to_float
from huesweep.errors import UsageError
from huesweep.registry import Registered

Encoding = Literal["classes", "values"]


class Target(Registered, nn.Module):
    """A representation of color that a network can learn. Its buffers travel with the checkpoint.

    A subclass sets `name` (as in conf/target), `encoding` (what a loss compares: palette `classes` or `values`) and
    `channels` (network outputs a pixel), and gives encode; one of `values` also picture and chroma, another one decode.
    """

    needed = ("encoding", "channels")
    encoding: ClassVar[Encoding]
    channels: int
    has_lightness: bool = True  # whether it stands for brightness as well as for color
    decodings: tuple[str, ...] = ()  # ways to turn outputs into a picture, where there are several

    def encode(self, rgb: Tensor) -> Tensor:
        """What the loss compares with. rgb: (N, 3, H, W) float in [0, 1]."""
        raise NotImplementedError

    def encode_bytes(self, pictures: Tensor) -> Tensor:
        """As encode, of pictures as they are kept, uint8 (N, 3, H, W)."""
        return self.encode(to_float(pictures))

    def prepare(self, pixels: int, cache: Path | None = None) -> None:
        """Get ready to encode so many pixels, or more, where that saves time; from what a folder has, or for it."""

    def chroma(self, encoded: Tensor) -> Tensor:
        """How far from gray encoded values are. Gives (N, 1, H, W), 0 for gray, about 1 for the purest colors.

        encoded: (N, channels, H, W). Of targets of `values` alone.
        """
        raise NotImplementedError

    def picture(self, values: Tensor, lightness: Tensor | None) -> Tensor:
        """The picture that values stand for, (N, 3, H, W) float in [0, 1]; lightness as in decode.

        values: (N, channels, H, W). Raises UsageError where the target has no brightness of its own and none is kept.
        """
        raise NotImplementedError

    def fit(self, pictures: Tensor, seed: int) -> None:
        """Learn what the target needs from the training pictures, uint8 (N, 3, H, W). Most need nothing."""

    def keep_colors(self) -> None:
        """Let `fit` choose no colors from now on, and only count those that there are."""

    def has_colors_of(self, _other: "Target") -> bool:
        """Whether another target of this kind represents colors as this one does, as far as that is decided already."""
        return True

    def reconstruct(
        self,
        encoded: Tensor,
        lightness: Tensor | None,
        decoding: str | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        """The picture that an encoding stands for; outputs that mix palette colors can be nearer to the truth.

        encoded: as encode gives it. lightness: (N, 1, H, W) CIELAB L to keep, or None for the target's own brightness.
        decoding, temperature: as in decode, where an encoding is decoded like a network's outputs, as values are.
        Gives (N, 3, H, W) float in [0, 1].
        """
        return self.decode(encoded, lightness, decoding, temperature)

    def decode(
        self,
        outputs: Tensor,
        lightness: Tensor | None,
        decoding: str | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        """The picture that a network's outputs stand for.

        outputs: (N, channels, H, W). lightness: (N, 1, H, W) CIELAB L to keep, or None for the target's own brightness.
        decoding: one of `decodings`; temperature: in (0, 1], of an annealed one; None takes what was configured.
        Gives (N, 3, H, W) float in [0, 1]. Raises UsageError as picture does, and for a decoding that it doesn't have.
        """
        self.check_decoding(decoding, temperature)
        return self.picture(outputs, lightness)

    def check_decoding(self, decoding: str | None, temperature: float | None) -> None:
        """Raise UsageError unless `decode` takes these."""
        if decoding is not None or temperature is not None:
            raise UsageError(
                f"decoding= and temperature= are of checkpoints with a palette; this one predicts {self.name}"
            )

    def class_frequencies(self) -> Tensor | None:
        """How often each class is the true one in training, (channels,) summing to 1, where there are classes."""
        return None

    def palette(self) -> Tensor | None:
        """The colors to choose from as they look, (K, 3) RGB in [0, 1], where there are any."""
        return None

    def sample(
        self,
        outputs: Tensor,
        lightness: Tensor | None,
        count: int,
        seed: int,
        coherence: float = 8.0,
        decoding: str | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        """Several plausible pictures of one prediction. Gives (count, N, 3, H, W) float in [0, 1], on outputs' device.

        outputs, lightness, decoding, temperature: as in decode. seed: draws them. coherence: distance in pixels over
        which neighbors draw alike (coherent_gumbel). With decoding `argmax` each pixel takes one color, drawn with its
        probability; the other decodings soften the edges between them. Raises UsageError where outputs are no
        distribution to draw from: of targets without `decodings`.
        """
        if not self.decodings:
            raise UsageError(f"samples= needs a checkpoint with a palette; this one predicts {self.name}")
        generator = torch.Generator().manual_seed(seed)
        shape = (outputs.shape[0], outputs.shape[1], outputs.shape[2], outputs.shape[3])
        noises = (coherent_gumbel(shape, generator, coherence).to(outputs.device) for _ in range(count))
        return torch.stack([self.decode(outputs + noise, lightness, decoding, temperature) for noise in noises])
