"""What a trial is called, and what makes it the same trial as another."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from huesweep.configuration import PICTURES, TARGET, composed_model, misnamed
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
WITHOUT_CHOICE = {  # what trials had before there was a choice: they stay the same trials
    "start_from": None,
    "data.test_fraction": 1.0,
    "batch.order": "new",
    "trainer.watch": "validation",
    "model.output": "linear",
    "model.enlarging": "bilinear",
    "model.encoder.stride": None,
}
STARTS = ("ckpt", "start_from", "model.encoder.weights")  # checkpoints that a trial begins from
LONGEST = 60  # characters of a model's word


def folder_name(config: Config) -> str:
    """A trial's folder: words to read and a hash of the whole configuration, which makes it unique and stable.

    Holds only letters, digits, `.`, `_` and `-`, so that it can be pasted into an override.
    """
    words = [_data_word(config), model_word_of(config), target_word(config["target"]), config["loss"]["name"]]
    if config["task"]["name"] != "colorize":
        words.insert(1, config["task"]["name"])
    return name_of(words, config)


def name_of(words: Sequence[Any], config: Config) -> str:
    """Words in letters that need no quotes, cut off where they are many, and the hash of a configuration."""
    readable = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", str(word)) for word in words)
    return f"{readable[:100]}-{config_hash(config)}"


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


def _data_word(config: Config) -> str:
    classes = config["data"].get("classes") or []
    classes = [classes] if isinstance(classes, str) else classes
    return "_".join([config["data"]["name"], *classes[:3]])


def model_word_of(config: Config) -> str:
    """A trial's model in a word, which doesn't repeat what `pretext` says."""
    return model_word(but_for_starts(config)["model"])


def model_word(model: Mapping[str, Any]) -> str:
    """A model in a word: its name, and what was changed of it: unet_m, unet-dilated, unet-widths_4_8.

    model: conf/model, as plain values. What conf/ doesn't have under that name keeps the name alone.
    """
    name = str(model["name"])
    parts = {place: model[place] for place in ("encoder", "decoder")}
    usual = composed_model(name)
    if usual is None:
        return name
    words = [word for place, part in parts.items() for word in _part_words(part, usual[place], (name,), place)]
    words += _changes({key: value for key, value in model.items() if key not in parts}, usual)
    return "-".join([name, *words])[:LONGEST]


def _part_words(part: Mapping[str, Any], usual: Mapping[str, Any], choices: Sequence[str], *places: str) -> list[str]:
    """What a part is and what was changed of it, and of the parts within it.

    choices: the model's name and overrides by which conf/ has what it is part of. places: where it is in the model.
    """
    words, left = [], dict(part)
    if part.get(TARGET) != usual.get(TARGET):
        kind = str(part.get(TARGET, "")).split(".")[-2:-1]
        words += [str(part["name"])] if "name" in part else kind
        place = "" if len(places) == 1 else f"@model.{'.'.join(places)}"
        choices = (*choices, f"model/{places[0]}{place}={''.join(kind)}")
        other: Any = composed_model(*choices)
        for step in places:
            other = other and other.get(step)
        left.pop("name", None)
        usual = other or left
    for name, value in part.items():
        if isinstance(value, Mapping) and TARGET in value:
            words += _part_words(left.pop(name), usual.get(name) or {}, choices, *places, name)
    return words + _changes(left, usual)


def check_model_name(model: Any, choice: object) -> None:
    """Raise UsageError where a model is called otherwise than the file of conf/model that it is made of.

    choice: that file, without .yaml, as Hydra noted it. Other parts are held to their names where they are made.
    """
    usual = composed_model(choice) if isinstance(choice, str) else None
    if usual is None or not isinstance(model, Mapping) or model.get("name") == usual.get("name"):
        return
    raise misnamed("model", model.get("name"), usual.get("name"))


def _changes(options: Mapping[str, Any], usual: Mapping[str, Any]) -> list[str]:
    """What differs from how it is in conf/; what is computed there is not compared."""
    changed = [
        (name, value)
        for name, value in options.items()
        if value != usual.get(name) and not str(usual.get(name)).startswith("${")
    ]
    return [str(value) if name == "name" else f"{name}_{_in_a_word(value)}" for name, value in changed]


def _in_a_word(value: Any) -> str:
    if isinstance(value, str) and "/" in value and Path(value).suffix in ("", ".ckpt"):
        return checkpoint_word(value)
    return "_".join(map(str, value)) if isinstance(value, list) else str(value)


def checkpoint_word(path: str) -> str:
    """What a checkpoint is called: as its trial's folder, or else as its file."""
    found = Path(path)
    is_of_trial = found.parent.name == "checkpoints"
    return found.parent.parent.name if is_of_trial else found.name.removesuffix(".ckpt")


def target_word(target: Mapping[str, Any]) -> str:
    """A target in a word: ab, palette16, palette32ab."""
    space = "" if target.get("space", "rgb") == "rgb" else target["space"]
    return f"{target['name']}{target.get('colors', '')}{space}"
