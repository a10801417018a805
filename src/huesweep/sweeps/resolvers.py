"""What the suite adds to Hydra: what configurations say in `${…:}`, and parts of them that are made of others."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from huesweep.color.palette_file import read_palette
from huesweep.configuration import OF_EVERY_SOURCE, PICTURES, plain
from huesweep.io.fingerprint import fingerprint
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.resources import CONF
from huesweep.sweeps.devices import trial_cpus, trial_gpus, whole_gpus
from huesweep.sweeps.kinds import check_parts, name_of, words_of
from huesweep.sweeps.search import study_in, trials_left

OWN_PICTURES = {"folder": "root", "arrays": "path"}  # options of sources of a person's own pictures


def register_with_hydra() -> None:
    """Make available what conf/ refers to; to be called before anything is composed.

    `trial_folder`: the name of the folder of the trial that a configuration describes; `words`: the trial in a few;
    `palette_colors`: how many colors a palette has, or without one a given number; `palette_space`: RGB where a
    palette says which colors, or brightness is to be predicted, else chroma; `pictures_in` and
    `pictures_of_parts`: names for what folders hold; `trial_cpus`, `trial_gpus` and `whole_gpus`: see devices.py;
    `trials_left`, `study_in`: see search.py. mix/parts: every loss of conf/loss, for loss=mix. mixture/sources: every
    source of conf/data, for data=mixture. Raises UsageError for a file of these two that can't be read.
    """

    def palette_colors(palette: Any, otherwise: int) -> int:
        return len(read_palette(palette)) if isinstance(palette, str) else otherwise

    def palette_space(palette: Any, luminance: Any) -> str:
        return "rgb" if isinstance(palette, str) or luminance == "predicted" else "ab"

    def trial_folder(*, _root_: DictConfig) -> str:
        check_parts(_shape(_root_))
        return name_of(plain(_root_))

    def words(*, _root_: DictConfig) -> list[str]:
        return words_of(_root_)

    OmegaConf.register_resolver("trial_folder", trial_folder, replace=True)
    OmegaConf.register_resolver("words", words, replace=True)
    for resolver in (
        palette_colors,
        palette_space,
        pictures_in,
        pictures_of_parts,
        trial_cpus,
        trial_gpus,
        whole_gpus,
        trials_left,
        study_in,
    ):
        OmegaConf.register_resolver(resolver.__name__, resolver, replace=True)
    store = ConfigStore.instance().store
    losses = _others("loss", "mix")
    store("parts", {"weights": dict.fromkeys(losses, 0.0), "parts": losses}, group="mix", replace=True)
    sources = _others("data", "mixture")
    for source in sources.values():
        for name in (*OF_EVERY_SOURCE, PICTURES):
            source.pop(name, None)
    store("sources", {"sources": sources}, group="mixture", replace=True)


def pictures_in(root: Any, cache: Any) -> str | None:
    """A name for the pictures in a folder or a file, None where there is none; see fingerprint."""
    if not root or not isinstance(root, str):
        return None
    from huesweep.data.decoding import SUFFIXES

    return fingerprint(Path(root).expanduser(), SUFFIXES, Path(str(cache)))


def pictures_of_parts(parts: Any, sources: Any, cache: Any) -> list[str | None] | None:
    """For each part of a mixture, a name for the pictures in the folder or the file that it is; None for other parts.

    sources: by name, with the places of parts that tell none.
    """
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return None
    names: list[str | None] = []
    for part in (part for part in parts if isinstance(part, Mapping)):
        name = str(part.get("data"))
        place = OWN_PICTURES.get(name)
        source = sources.get(name) if isinstance(sources, Mapping) else None
        options = {**(source if isinstance(source, Mapping) else {}), **part}
        names.append(pictures_in(options.get(place), cache) if place else None)
    return names if any(names) else None


def _shape(config: DictConfig) -> dict[str, Any]:
    """A trial's configuration as plain values: within its parts, what is computed stays as it is written."""
    shape: dict[str, Any] = {}
    for key in (str(key) for key in config if key != "hydra"):
        node = config._get_node(key)
        is_part = isinstance(node, DictConfig) and not node._is_none()
        shape[key] = OmegaConf.to_container(node, resolve=key in ("paths", "sweep")) if is_part else config[key]
    return shape


def _others(group: str, name: str) -> dict[str, dict[str, Any]]:
    """Every choice of a group of conf/ but the one that is made of them."""
    paths = sorted((CONF / group).glob("*.yaml"))
    changed = {path: path.stat().st_mtime_ns if path.exists() else 0 for path in paths}
    return {path.stem: deepcopy(_read(path, changed[path])) for path in paths if path.stem != name}


@cache
def _read(path: Path, _changed: int) -> dict[str, Any]:
    """A file of conf/, read once: a sweep composes each of its trials several times."""
    return read_plain_yaml(path)
