"""Which pictures a trial was trained for, told by its folder, which may be a stranger's."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from huesweep.configuration import TARGET
from huesweep.errors import UsageError, shortened, unknown
from huesweep.io.digest import digest_of
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.resources import CONF
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import PLACES

# Where pictures are, come from and are kept is for whoever evaluates to say, and not for a trial.
NOT_OF_TRIAL = (TARGET, "name", *PLACES, "home", "cache", "download", "url", "md5")
NAME = re.compile(r"[A-Za-z0-9._-]+")


def chosen_data(config: Mapping[str, Any], checkpoint: Path) -> dict[str, Any]:
    """The data set that conf/evaluate.yaml, composed, names; or else that of the trial that the checkpoint lies in.

    Raises UsageError as data_of_trial does, for a name set apart from what it names, and for one that can't be the
    scores' folder's.
    """
    given = config.get("data") or {}
    if not is_of_trial(config) and TARGET not in given:
        raise UsageError(f"data.name={shortened(given['name'])} alone names no data set: type data=, as data=cifar10")
    data = data_of_trial(checkpoint, config["paths"], given) if is_of_trial(config) else dict(given)
    check_name(data["name"])
    return data


def is_of_trial(config: Mapping[str, Any]) -> bool:
    """Whether conf/evaluate.yaml, composed, leaves it to the checkpoint's trial which data set it is."""
    return "name" not in (config.get("data") or {})


def data_of_trial(checkpoint: Path, paths: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data set of the trial that a checkpoint lies in: conf/data's description, with the trial's plain options.

    paths: as composed. given: options from the command line, which count before all others. Of the trial's config.yaml
    come the data set's name, which must be one of conf/data, and options that say which pictures: numbers and names, as
    they stand there. Raises UsageError for everything else, and where there is no trial.
    """
    path = TrialFolder(checkpoint.parent.parent).config
    if not path.exists():
        raise UsageError(
            f"{checkpoint} lies in no trial's folder: name the data set to score it on, such as data=cifar10"
        )
    described = read_plain_yaml(path).get("data")
    if not isinstance(described, dict) or not isinstance(described.get("name"), str):
        raise UsageError(f"{path} names no data set: name the one to score on, such as data=cifar10")
    name = described["name"]
    check_name(name, f"{path}: ")
    choices = [choice.stem for choice in (CONF / "data").glob("*.yaml")]
    if name not in choices:
        raise unknown(f"{path}: data", name, choices)
    composed = OmegaConf.create({"paths": dict(paths), "data": OmegaConf.load(CONF / "data" / f"{name}.yaml")})
    ours = OmegaConf.to_container(composed.data, resolve=True)
    assert isinstance(ours, dict)
    taken = {key: value for key, value in described.items() if key not in NOT_OF_TRIAL}
    for key, value in taken.items():
        if key not in ours:
            raise unknown("option", f"{path}: data.{ascii(key)[1:-1]}", ours, short=key)
        _check_plain(f"{path}: data.{key}", value)
    data = {**{str(key): value for key, value in ours.items()}, **taken, **given}
    for place in PLACES:
        if place in data and "home" not in data and data[place] is None:  # a person's own pictures
            raise UsageError(f"{path} is of somebody's own pictures: say where yours are, with +data.{place}=")
    return data


def evaluation_folder(outputs: Path, checkpoint: Path, about: Mapping[str, Any]) -> Path:
    """Where scores go: named after the trial, or the checkpoint itself, the data set and the split.

    about: `data`, `split` and all else that shapes the scores, plain values. What differs in it, or is of another
    checkpoint, goes elsewhere, so that none replaces the other.
    """
    is_trial = TrialFolder(checkpoint.parent.parent).config.exists()
    name = checkpoint.parent.parent.name if is_trial else checkpoint.stem
    digest = digest_of(str(checkpoint.resolve()), dict(about))[:8]
    return outputs / "evaluations" / "-".join([name, about["data"], about["split"], digest])


def check_name(name: str, before: str = "") -> None:
    """Raise UsageError where a data set's name could not be pasted into an override or name a folder."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UsageError(f"{before}data.name={shortened(name)} may hold letters, digits, ., _ and - alone")


def _check_plain(what: str, value: Any) -> None:
    """Raise UsageError for what is no number, no name and no list of them: neither a path nor something to look up."""
    for item in value if isinstance(value, list) else [value]:
        is_name = isinstance(item, str) and NAME.fullmatch(item) and item.strip(".")
        if not (item is None or isinstance(item, bool | int | float) or is_name):
            raise UsageError(
                f"{what}={shortened(item)} is not taken from a trial: name the data set and its options, "
                "such as data=cifar10"
            )
