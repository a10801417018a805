"""Which code a trial was trained with: what its parts are called stays the same when somebody edits them."""

from collections.abc import Iterable, Iterator, Mapping
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
    return _digests(_modules(config))


def changed_code(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The modules that are other code now than when results were made, as far as these say what that was."""
    noted = {pair for result in results for pair in _noted(result)}
    now = _digests(module for module, _ in noted)
    return sorted({module for module, digest in noted if now.get(module, digest) != digest})


def _noted(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = result.get("code")
    for module, digest in code.items() if isinstance(code, Mapping) else ():
        if str(module).startswith(OURS):  # a stranger's result may name anything
            yield str(module), str(digest)


def _digests(modules: Iterable[str]) -> dict[str, str]:
    found = {}
    for module in sorted(set(modules)):
        try:
            spec = find_spec(module)
        except (ImportError, ValueError):  # nor need it be there any more
            continue
        if spec is not None and spec.origin is not None:
            found[module] = source_digest(Path(spec.origin))
    return found


def _modules(config: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _modules(value)
        elif name == TARGET and str(value).startswith(OURS):
            yield str(value).rpartition(".")[0]
