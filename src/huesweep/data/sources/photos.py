"""Patches of the color photographs that ship inside scikit-image: real pictures without a download."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.errors import UsageError
from huesweep.io.pictures import open_picture

PHOTOGRAPHS = (  # in scikit-image's wheel; of the stereo pair motorcycle_{left,right} only one, as they show the same
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
)
SCALES = (1.0, 1.5, 2.0, 3.0, 4.0)
BLOCK = 120  # about the side of the blocks that photographs are divided into, in pixels
STRIDE = 4  # between patches of a block, in pixels of the patch
CONTRAST = 4.0  # least standard deviation of a patch's levels: flat sky and black borders teach nothing
SHARES = {"validation": 0.15, "test": 0.2}  # of a photograph's blocks; training has the rest


class PhotosSource(Source):
    """Square patches at several scales, from blocks of the photographs that belong to one split each.

    size: side of a patch. margin: pixels cut from every side of a block, so that patches of different splits are at
    least twice that far apart. train, validation, test: patches in each split, spread evenly over photographs and
    scales. seed: chooses blocks and patches. cache: folder of packs. Raises UsageError for counts that can't be served.
    """

    name = "photos"

    def __init__(self, size: int, margin: int, train: int, validation: int, test: int, seed: int, cache: str) -> None:
        if not 8 <= size <= BLOCK // 2:
            raise UsageError(f"data.size must be from 8 to {BLOCK // 2} for data=photos, not {size}")
        if not 0 <= margin <= (BLOCK - size) // 2 - 8:
            raise UsageError(f"data.margin must be from 0 to {(BLOCK - size) // 2 - 8}, not {margin}")
        for split, count in (("train", train), ("validation", validation), ("test", test)):
            if count < (0 if split == "validation" else 1):
                raise UsageError(f"data.{split} must be a number of patches, not {count}")
        self.side = size
        self.margin = margin
        self.counts = {"train": train, "validation": validation, "test": test}
        self.seed = seed
        self.store = PackStore(Path(cache))

    def load(self, split: Split) -> PictureSet:
        origin = {
            "source": self.name,
            "split": split,
            "size": self.side,
            "margin": self.margin,
            "count": self.counts[split],
            "seed": self.seed,
            "version": version("scikit-image"),
        }
        classes = [Path(name).stem for name in PHOTOGRAPHS]
        return self.store.load(origin, lambda: Contents(classes, self._cut(split), []))

    def _cut(self, split: Split) -> Iterator[Chunk]:
        for label, name in enumerate(PHOTOGRAPHS):
            share = len(range(label, self.counts[split], len(PHOTOGRAPHS)))
            random = np.random.default_rng([self.seed, label])
            with open_picture(Path(skimage.__file__).parent / "data" / name) as photograph:
                blocks = self._blocks(photograph.convert("RGB"), split, random)
            chosen = self._choose(blocks, share, random)
            if len(chosen) < share:
                raise UsageError(
                    f"data.{split}={self.counts[split]}: photographs have only {len(chosen)} patches a piece to give"
                )
            yield Chunk(chosen.transpose(0, 3, 1, 2), np.full(share, label))

    def _blocks(self, photograph: Image.Image, split: Split, random: np.random.Generator) -> list[Image.Image]:
        """The blocks of one photograph that belong to a split, their margins cut off."""
        boxes = block_boxes(photograph.size, self.margin)
        order = random.permutation(len(boxes))
        cuts = np.cumsum([max(1, round(len(boxes) * share)) for share in SHARES.values()])
        parts = dict(zip(("validation", "test", "train"), np.split(order, cuts), strict=True))
        return [photograph.crop(boxes[index]) for index in sorted(parts[split])]

    def _choose(self, blocks: list[Image.Image], count: int, random: np.random.Generator) -> np.ndarray:
        """`count` patches (count, size, size, 3), as evenly from the scales as they can give, coarse scales first."""
        chosen: list[np.ndarray] = []
        left = count
        for index, scale in enumerate(reversed(SCALES)):
            patches = np.concatenate([cut_patches(block, scale, self.side) for block in blocks])
            quota = min(len(patches), -(-left // (len(SCALES) - index)))
            chosen.append(patches[np.sort(random.permutation(len(patches))[:quota])])
            left -= quota
        return np.concatenate(chosen)


def block_boxes(size: tuple[int, int], margin: int) -> list[tuple[int, int, int, int]]:
    """Divide a photograph of (width, height) into near-square blocks: (left, top, right, bottom), less the margin."""
    columns, rows = (max(1, length // BLOCK) for length in size)
    xs, ys = (np.linspace(0, length, n + 1).astype(int) for length, n in zip(size, (columns, rows), strict=True))
    return [
        (int(xs[i] + margin), int(ys[j] + margin), int(xs[i + 1] - margin), int(ys[j + 1] - margin))
        for j in range(rows)
        for i in range(columns)
    ]


def cut_patches(block: Image.Image, scale: float, size: int) -> np.ndarray:
    """The patches of a block shrunk by `scale`, antialiased, less the flat ones. Gives uint8 (N, size, size, 3)."""
    width, height = (round(length / scale) for length in block.size)
    if min(width, height) < size:
        return np.empty((0, size, size, 3), np.uint8)
    pixels = np.asarray(block.resize((width, height), Image.Resampling.LANCZOS))
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (size, size), axis=(0, 1))[::STRIDE, ::STRIDE]
    patches = windows.reshape(-1, 3, size, size).transpose(0, 2, 3, 1)
    return patches[patches.std(axis=(1, 2)).mean(axis=1) >= CONTRAST]
