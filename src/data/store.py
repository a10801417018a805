"""Packed pictures on disk: decoded once, mapped into memory at every later start."""

import hashlib
import json
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from src.data.pictures import PictureSet
from src.files.atomic import write_atomically

LAYOUT = 1  # part of every key: a new layout makes new packs


class PackStore:
    """A folder of packs, each a NumPy file of pictures and a JSON file of labels, classes and origin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, origin: dict[str, Any], make: Callable[[], PictureSet]) -> PictureSet:
        """The pictures described by `origin`: mapped from their pack, or made and packed.

        origin: plain values that shape the pictures, all of them; a digest over them names the pack.
        A pack that is damaged or cut off is made again.
        """
        digest = hashlib.sha256(json.dumps([LAYOUT, origin], sort_keys=True).encode()).hexdigest()[:16]
        path = self.folder / f"{origin['source']}-{digest}.npy"
        try:
            return self._map(path)
        except (OSError, ValueError, KeyError, EOFError, pickle.UnpicklingError):
            made = make()
            self._write(path, made, origin)
            return self._map(path)

    def _map(self, path: Path) -> PictureSet:
        about = json.loads(path.with_suffix(".json").read_text())
        pictures = np.load(path, mmap_mode="r", allow_pickle=False)
        if list(pictures.shape) != about["shape"]:
            raise ValueError(f"{path} holds {pictures.shape}, not {about['shape']}")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            mapped = torch.from_numpy(pictures)
        return PictureSet(mapped, torch.tensor(about["labels"], dtype=torch.int64), about["classes"])

    def _write(self, path: Path, made: PictureSet, origin: dict[str, Any]) -> None:
        pictures = made.pictures.contiguous().numpy()
        about = {
            "origin": origin,
            "shape": list(pictures.shape),
            "classes": made.classes,
            "labels": made.labels.tolist(),
        }
        # The description comes last: without it the pack does not exist.
        write_atomically(path, lambda file: np.save(file, pictures, allow_pickle=False))
        write_atomically(path.with_suffix(".json"), lambda file: file.write(json.dumps(about).encode()))
