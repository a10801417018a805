"""What a trial, and each of its parts, is called: words for people and for folders."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huesweep.configuration import TARGET, composed_model, misnamed
from huesweep.training.identity import Config, but_for_starts, config_hash

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
    if not isinstance(value, list):
        return str(value)
    words = [[f"{name}_{part}" for name, part in item.items()] if isinstance(item, dict) else [item] for item in value]
    return "_".join(str(word) for item in words for word in item)


def checkpoint_word(path: str) -> str:
    """What a checkpoint is called: as its trial's folder, or else as its file."""
    found = Path(path)
    is_of_trial = found.parent.name == "checkpoints"
    return found.parent.parent.name if is_of_trial else found.name.removesuffix(".ckpt")


def target_word(target: Mapping[str, Any]) -> str:
    """A target in a word: ab, palette16, palette32ab."""
    space = "" if target.get("space", "rgb") == "rgb" else target["space"]
    return f"{target['name']}{target.get('colors', '')}{space}"
