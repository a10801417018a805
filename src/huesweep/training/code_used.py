"""Which code a trial was trained with: what its parts are called stays the same when somebody edits them."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from huesweep.configuration import TARGET
from huesweep.io.digest import source_digest

OURS = "huesweep."


def code_used(config: Mapping[str, Any]) -> dict[str, str]:
    """A digest of the code of each module of this package that a configuration names; layout and comments don't count.

    config: of a trial, as plain values.
    """
    found = {}
    for module in sorted(set(_modules(config))):
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            found[module] = source_digest(Path(spec.origin))
    return found


def changed_code(result: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    """The modules that are other code now than when a result was made, as far as the result says what that was."""
    before = result.get("code")
    if not isinstance(before, Mapping):
        return []
    return [module for module, digest in code_used(config).items() if before.get(module, digest) != digest]


def _modules(config: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _modules(value)
        elif name == TARGET and str(value).startswith(OURS):
            yield str(value).rpartition(".")[0]
