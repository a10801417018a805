"""A trial that has finished: told from others by what its folder holds, without reading what would train it."""

from collections.abc import Mapping
from typing import Any

from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.io.redacted import redact
from huesweep.io.terminal import remark
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import asks_for_more_epochs, config_hash
from huesweep.training.made_from import changed_since, is_of_another_copy

Result = dict[str, Any]


def finished_result(config: Mapping[str, Any], folder: TrialFolder) -> Result | None:
    """What the trial of just this configuration came to, if it has finished.

    config: composed and resolved, as plain values.
    """
    result = folder.read_result()
    return result if result is not None and result.get("config_hash") == config_hash(config) else None


def keep_finished(config: Mapping[str, Any], folder: TrialFolder) -> Result | None:
    """What a trial came to that has finished, with as many epochs as are asked for or more; None where it has not.

    Says that nothing is done for it, and what is other now than it was then.
    """
    result, longer = folder.read_result(), ""
    if result is None:
        return None
    if result.get("config_hash") != config_hash(config):
        kept = read_plain_yaml(folder.config) if folder.config.exists() else {}
        if not asks_for_more_epochs(redact(config), kept):
            return None
        longer = f", with {result['epochs']} epochs"
    folder.forget_error()
    print(f"{folder.path} has finished before{longer}: nothing to do (remove the folder to train it again)")
    if changed := changed_from(config, result):
        remark(f"since then {', '.join(changed)} changed: what it came to is of what was there before")
    return result


def changed_from(config: Mapping[str, Any], noted: Result) -> list[str]:
    """What is other now than what is noted of made_from, in words."""
    copy = [f"the copy of data={config['data']['name']}"] if is_of_another_copy(config, noted) else []
    return [*changed_since([noted]), *copy]
