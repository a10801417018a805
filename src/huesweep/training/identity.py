"""What makes a trial the same trial as another."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from huesweep.configuration import PICTURES, TARGET
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.resources import CONF

Config = Mapping[str, Any]
# Where things are kept and shown, what they are called, and how fast they are computed, is not what a trial is.
NOT_IDENTITY = (
    *("paths", "logger", "sweep", "examples", "gpus_per_trial", "cpus_per_trial", "model.name"),
    *("data.sources", "data.cache", "data.home", "data.download", "data.url", "data.md5", "data.verify"),
    *("batch.device_gib", "batch.workers", "batch.score_size"),
    *("trainer.accelerator", "trainer.devices", "trainer.log_every_n_steps"),
)
PLACES = ("root", "path")  # options of sources that tell where their pictures lie
WITHOUT_CHOICE: dict[str, Any] = {  # what trials had before there was a choice: they stay the same trials
    "start_from": None,
    "data.test_fraction": 1.0,
    "batch.order": "new",
    "trainer.watch": "validation",
    "model.output": "linear",
    "model.enlarging": "bilinear",
    "model.views": [],
    "model.encoder.stride": None,
}
# Real numbers, which may be typed without a point too: 1 is 1.0. Of others, data.validation say, 1 is one picture.
REAL = (
    *("data.fraction", "data.test_fraction", "data.min_colorfulness", "batch.exposure", "batch.crop", "batch.coarsen"),
    *("model.encoder.dropout", "model.decoder.dropout", "target.sigma", "target.temperature", "labels"),
    *("loss.delta", "loss.gamma", "loss.saturation", "loss.smoothing", "loss.uniform"),
    *("optimizer.lr", "optimizer.momentum", "optimizer.decay", "optimizer.weight_decay"),
)
LARGEST = 2**53  # up to which a float has every whole number
STARTS = ("ckpt", "start_from", "model.encoder.weights")  # checkpoints that a trial begins from


def config_hash(config: Config) -> str:
    """Eight hexadecimal digits that change with every value that shapes a trial's result."""
    return hashlib.sha256(json.dumps(identity(config), sort_keys=True).encode()).hexdigest()[:8]


def identity(config: Config) -> dict[str, Any]:
    """The part of a configuration that shapes a trial's result."""
    found: dict[str, Any] = json.loads(json.dumps(config))
    encoder, _ = _place(found, "model.encoder.weights")
    if encoder.get("weights", "") is None and not _had_weights(encoder):
        del encoder["weights"]
    if changed := _changed_sources(found.get("data")):
        found["data"]["changed"] = changed
    _leave_out_places(found.get("data"))
    trainer = found.get("trainer")
    shares = isinstance(trainer, dict) and trainer.get("strategy") == "ddp"  # its batches among devices
    for path in NOT_IDENTITY:
        node, last = _place(found, path)
        if not (shares and path == "trainer.devices"):
            node.pop(last, None)
    for path in REAL:
        node, last = _place(found, path)
        if type(value := node.get(last)) is int and abs(value) <= LARGEST:
            node[last] = float(value)
    for path, usual in WITHOUT_CHOICE.items():
        node, last = _place(found, path)
        if node.get(last, usual) == usual:
            node.pop(last, None)
    return found


def but_for_starts(config: Config) -> dict[str, Any]:
    """A copy of a configuration, without what the trial begins from where its `pretext` says in a word what that is."""
    found: dict[str, Any] = json.loads(json.dumps(config))
    for path in STARTS if isinstance(config.get("pretext"), str) else ():
        node, last = _place(found, path)
        node.pop(last, None)
    return found


def _leave_out_places(data: Any) -> None:
    """Take away where pictures lie, as far as what they are is known: of published sets, and of folders that were read.

    data: conf/data, as plain values, changed in place.
    """
    if not isinstance(data, dict):
        return
    pictures = data.get(PICTURES)
    if pictures is None:
        data.pop(PICTURES, None)
    if "url" in data or isinstance(pictures, str):
        for place in PLACES:
            data.pop(place, None)
    parts = data.get("parts")
    if isinstance(parts, list):
        known = pictures if isinstance(pictures, list) and len(pictures) == len(parts) else [None] * len(parts)
        for part, name in zip(parts, known, strict=True):
            if isinstance(part, dict) and (name is not None or "url" in _source(data, part)):
                for place in PLACES:
                    part.pop(place, None)


def _changed_sources(data: Any) -> dict[str, dict[str, Any]]:
    """Options of a mixture's sources that differ from conf/data, by source, but for where their pictures lie."""
    if not (
        isinstance(data, dict) and isinstance(data.get("sources"), Mapping) and isinstance(data.get("parts"), list)
    ):
        return {}
    sources = data["sources"]
    named = {str(part.get("data")) for part in data["parts"] if isinstance(part, Mapping)}
    places = {path.removeprefix("data.") for path in NOT_IDENTITY} | set(PLACES)
    changed: dict[str, dict[str, Any]] = {}
    for name in named & sources.keys():
        usual = _usual_source(name)
        options = {
            key: value
            for key, value in sources[name].items()
            if key not in places and value != usual.get(key) and not str(usual.get(key)).startswith("${")
        }
        changed |= {name: options} if usual and options else {}
    return changed


@cache
def _usual_source(name: str) -> dict[str, Any]:
    path = CONF / "data" / f"{name}.yaml"
    return read_plain_yaml(path) if path.exists() else {}


def _source(data: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    """The source of a mixture's part, as conf/data has it."""
    sources = data.get("sources")
    found = sources.get(part.get("data")) if isinstance(sources, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _place(config: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """What holds an option, and its name there."""
    *parents, last = path.split(".")
    node: Any = config
    for parent in parents:
        node = node.get(parent) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}, last


def _had_weights(encoder: Mapping[str, Any]) -> bool:
    """Whether an encoder is one of those that always had weights to start from, which others have since."""
    return str(encoder.get(TARGET)).split(".")[-2:-1] in (["timm"], ["efficientnet_lite"])


def asks_for_more_epochs(kept: Config, asked: Config) -> bool:
    """Whether a configuration is that of an earlier trial but for more epochs."""
    few, many = (_epochs_of(config) for config in (kept, asked))
    if few is None or many is None or few >= many:
        return False
    return config_hash({**asked, "trainer": {**asked["trainer"], "max_epochs": few}}) == config_hash(kept)


def _epochs_of(config: Config) -> int | None:
    """How many epochs a configuration asks for; None where it doesn't say: a file may hold anything."""
    trainer = config.get("trainer")
    epochs = trainer.get("max_epochs") if isinstance(trainer, Mapping) else None
    return epochs if isinstance(epochs, int) else None
