"""Several data sets as one: a network sees more of the world than any of them shows."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import torch

from huesweep.data.augmentation import to_side
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import stratified_order
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.errors import UsageError, unknown
from huesweep.io.digest import digest_of
from huesweep.ranges import Count
from huesweep.registry import build

CHUNK = 256  # pictures copied at a time
OF_MIXTURE = ("data", "share", "scored")  # options of a part that are not its source's


class MixtureSource(Source):
    """The pictures of several sources, one source after another.

    parts: of each, `data`, a name in `sources`; `share`, how often its training pictures come in an epoch (0.5: half
    of them; 1, if left out: each once; 2: each twice); `scored`, which share of its validation and test pictures counts
    (1, if left out); and the options of its source that differ from those there.
    sources: the description of every source there is. size: of the pictures; sources of another are brought to it.
    cache: folder of packs. Raises UsageError for a part that is none.
    """

    name = "mixture"
    beside = ("pictures",)

    def __init__(
        self,
        parts: Sequence[Mapping[str, Any]] | None,
        sources: Mapping[str, Mapping[str, Any]],
        size: Count,
        cache: str,
    ) -> None:
        if not parts:
            raise UsageError("data=mixture needs parts: 'data.parts=[{data: folder, root: PATH}, {data: cifar100}]'")
        self.side = size
        self.store = PackStore(Path(cache))
        self.parts = [_part(part, sources, size, f"data.parts[{place}]") for place, part in enumerate(parts)]
        self.shares = [_share(part, "share", f"data.parts[{place}]") for place, part in enumerate(parts)]
        self.scored = [_share(part, "scored", f"data.parts[{place}]", most=1) for place, part in enumerate(parts)]
        self.names = [f"{place}-{part['data']}" for place, part in enumerate(parts)]

    def check(self) -> None:
        for place, part in enumerate(self.parts):
            try:
                part.check()
            except UsageError as error:
                raise UsageError(f"data.parts[{place}]: {error}") from None

    def load(self, split: Split) -> PictureSet:
        """One split of every part; a class is called after its part as well, as pictures of two may share a name."""
        loaded = [part.load(split) for part in self.parts]
        shares = self.shares if split == "train" else self.scored
        chosen = [_repeated(pictures.labels.numpy(), share) for pictures, share in zip(loaded, shares, strict=True)]
        classes = [f"{name}/{kind}" for name, part in zip(self.names, loaded, strict=True) for kind in part.classes]
        origin = {
            "source": self.name,
            "split": split,
            "size": self.side,
            "classes": classes,
            "parts": [digest_of(part.pictures, part.labels) for part in loaded],
            "shares": shares,
        }
        return self.store.load(origin, lambda: Contents(classes, self._chunks(loaded, chosen), []))

    def _chunks(self, loaded: list[PictureSet], chosen: list[np.ndarray]) -> Iterator[Chunk]:
        before = 0
        for part, indices in zip(loaded, chosen, strict=True):
            for start in range(0, len(indices), CHUNK):
                rows = torch.from_numpy(indices[start : start + CHUNK])
                pictures = part.pictures.index_select(0, rows)
                if pictures.shape[-1] != self.side:
                    pictures = to_side(pictures, self.side)
                yield Chunk(pictures.numpy(), part.labels[rows].numpy() + before)
            before += len(part.classes)


def _part(part: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]], size: int, where: str) -> Source:
    name = str(part.get("data"))
    if name not in sources:
        raise unknown(f"{where}.data", name, sources)
    options = {**sources[name]["options"], **{key: value for key, value in part.items() if key not in OF_MIXTURE}}
    if "size" in sources[name]["options"] and "size" not in part:
        options["size"] = size
    return build(Source, {"kind": sources[name]["kind"], "options": options}, where)


def _share(part: Mapping[str, Any], name: str, where: str, most: float = inf) -> float:
    share = part.get(name, 1.0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= most or share == inf:
        bound = "" if most == inf else f" and at most {most:g}"
        raise UsageError(f"{where}.{name}={share} must be a number above 0{bound}")
    return float(share)


def _repeated(labels: np.ndarray, share: float) -> np.ndarray:
    """Indices of pictures: all of them so many times, and of what is left of the share each class's part."""
    whole, rest = int(share), share % 1
    part = np.sort(stratified_order(labels, seed=0)[: round(rest * len(labels))])
    return np.concatenate([*[np.arange(len(labels))] * whole, part]).astype(np.int64)
