"""Maps of a frozen encoder, computed once for each picture and view, and kept on disk in half precision."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from huesweep.colorizer.colorizer import Colorizer
from huesweep.data.module import PairDataModule
from huesweep.errors import UsageError
from huesweep.io.atomic import write_atomically
from huesweep.io.cache import MAPS
from huesweep.io.digest import code_digest, digest_of
from huesweep.io.disk import FULL
from huesweep.models.network import Encoded, Network

GIB = 2**30
LAYOUT = 2  # part of every key: a new layout makes new files
MADE_BY = ("color", "data/augmentation.py", "data/tasks", "models")  # so is this code
NOTED = 1000  # pictures between two times that the disk is told which ones are done
NAME = 16  # random bytes by which a file of maps and what is done of it belong together


class FrozenMaps:
    """Gives the maps of batches: from disk, or else computed and put there; trainings that are alike share them.

    network: with a frozen encoder, on the device, in evaluation mode. pictures: uint8 (N, 3, H, W), all of them; with
    `origin`, plain values, they decide what the inputs are. folder: a file a view, and one that says which pictures
    are done: a killed process loses the last few. most: bytes in all; views beyond that are computed every time.
    """

    def __init__(
        self, network: Network, pictures: Tensor, origin: Mapping[str, Any], folder: Path, most: float, views: int
    ) -> None:
        self.network = network
        self.count = len(pictures)
        self.folder = folder
        self.most = most
        self.views = views
        weights = network.encoder.state_dict().values()
        self.name = f"maps-{digest_of(LAYOUT, code_digest(*MADE_BY), dict(origin), pictures, *weights)}"
        self._shapes: list[tuple[int, ...]] = []
        self._views: dict[int, _View | None] = {}

    def __call__(self, inputs: Tensor, indices: Tensor, view: int) -> Encoded:
        """inputs: (n, channels, H, W); indices: (n,), of the pictures that they are of; view: which of the views."""
        if not self._shapes:
            self._shapes = [tuple(features.shape[1:]) for features in self._computed(inputs[:1])]
        if view not in self._views:
            self._views[view] = self._opened(view)
        stored = self._views[view]
        if stored is None:
            return Encoded(inputs, self._computed(inputs))
        rows = indices.numpy()
        missing = np.flatnonzero(~stored.done[rows])
        if len(missing):
            maps = self._computed(inputs[torch.from_numpy(missing).to(inputs.device)])
            flat = torch.cat([features.flatten(1) for features in maps], dim=1)
            stored.put(rows[missing], flat.half().cpu().numpy())
        # What was computed just now is read as well: rounded like everything else.
        flat = torch.from_numpy(stored.maps[rows]).to(inputs.device).float()
        parts = flat.split([prod(shape) for shape in self._shapes], dim=1)
        maps = [part.unflatten(1, shape) for part, shape in zip(parts, self._shapes, strict=True)]
        return Encoded(inputs, [features.contiguous(memory_format=torch.channels_last) for features in maps])

    def _computed(self, inputs: Tensor) -> list[Tensor]:
        with torch.no_grad():
            return self.network.encode(inputs.contiguous(memory_format=torch.channels_last))

    def _opened(self, view: int) -> "_View | None":
        length = sum(prod(shape) for shape in self._shapes)
        size = 2 * self.count * length
        if (view + 1) * size > self.most:
            if view == 0 or view * size <= self.most:
                print(f"maps of {self.views - view} of {self.views} views are not kept: batch.maps_gib is too small")
            return None
        try:
            return _View(self.folder / f"{self.name}-{view}", self.count, length)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise UsageError(
                f"no room for the encoder's maps in {self.folder} ({size / GIB:.1f} GiB a view): free some, "
                "set batch.maps_gib=0, or point paths.cache elsewhere"
            ) from None


def keep_maps(colorizer: Colorizer, data: PairDataModule, cache: Path) -> None:
    """Let a data module, set up, hand out the maps of a frozen encoder, kept in a cache folder."""
    network = colorizer.network
    if not (isinstance(network, Network) and network.encoder.frozen and data.maps_gib):
        return
    about = {**colorizer.description["model"]["encoder"], "task": colorizer.description["task"], "side": data.side}
    about["centered"] = network.centered
    if data.side < network.smallest:
        about["smallest"] = network.smallest
    folder, most = cache / MAPS, data.maps_gib * GIB
    if data.views is not None:
        origin = {**about, "augmentation": asdict(data.augmentation), "seed": data.seed}
        train = data.splits["train"].pictures
        data.encode_train = FrozenMaps(network, train, origin, folder, most, data.views)
    if data.watched is not None:
        shown = data.splits[data.watched].pictures
        data.encode_validation = FrozenMaps(network, shown, about, folder, most, 1)


class _View:
    """The maps of one view. maps: half (N, numbers of all maps), mapped from disk; done: bool (N,).

    Where the files are removed meanwhile, and made anew by another, what is noted as done of these is of no use there.
    """

    def __init__(self, path: Path, count: int, length: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._done_path = path.with_suffix(".done")
        content = path.with_suffix(".f16")
        size = 2 * count * length
        with FileLock(path.with_suffix(".lock")):  # of trainings that begin at once, one makes the file
            if not (content.exists() and content.stat().st_size == size + NAME):
                self._done_path.unlink(missing_ok=True)
                with content.open("wb") as file:
                    _take_room(file, size + NAME)
                    file.seek(size)
                    file.write(os.urandom(NAME))
            with content.open("r+b") as file:
                self.maps = np.memmap(file, np.float16, "r+", shape=(count, length))
                file.seek(size)
                self._name = file.read(NAME)
        noted = self._done_path.read_bytes() if self._done_path.exists() else b""
        is_ours = len(noted) == count + NAME and noted[count:] == self._name
        self.done = np.frombuffer(noted, bool, count).copy() if is_ours else np.zeros(count, dtype=bool)
        self._new = 0

    def put(self, rows: np.ndarray, values: np.ndarray) -> None:
        self.maps[rows] = values
        self.done[rows] = True
        self._new += len(rows)
        if self._new >= NOTED or self.done.all():
            self.maps.flush()
            write_atomically(self._done_path, lambda file: file.write(self.done.tobytes() + self._name))
            self._new = 0


def _take_room(file: BinaryIO, size: int) -> None:
    """Take it at once where the system can: writing to a mapped file on a full disk would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        file.truncate(size)
