"""What a trial was made from that its configuration only names: somebody may have edited it since."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from huesweep.configuration import TARGET
from huesweep.io.digest import digest_of, source_digest
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import STARTS

OURS = "huesweep."
CODE, FILES, COPY = "code", "files", "copy"  # in result.json
READ = ("target.palette", *STARTS)  # options that may name a file; of a trial's folder, its best checkpoint


def made_from(config: Mapping[str, Any]) -> dict[str, Any]:
    """Digests of the modules of this package that a configuration names, and of the files that its trial starts from.

    config: of a trial, as plain values. Layout and comments of code don't count. Of a published set whose copy is not
    compared with it, the copy's digest as well.
    """
    named = {option: str(path) for option, path in _files(config)}
    digests = {option: _file_digest(path) for option, path in named.items()}
    files = {f"{option}={named[option]}": digest for option, digest in digests.items() if digest}
    copy = _copy_digest(config)
    return {
        CODE: _code_digests(_modules(config)),
        **({FILES: files} if files else {}),
        **({COPY: copy} if copy else {}),
    }


def is_of_another_copy(config: Mapping[str, Any], noted: Mapping[str, Any]) -> bool:
    """Whether a trial of a configuration would read other files, under its set's name, than one made earlier did.

    noted: of made_from; where it or the files say nothing, they are the same.
    """
    return COPY in noted and _copy_digest(config) not in (None, noted[COPY])


def changed_since(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """Modules and files that are other now than when results were made, as far as these say what that was.

    Files are named as option=path; what is no longer there has not changed.
    """
    results = list(results)
    code = {pair for result in results for pair in _noted(result, CODE) if pair[0].startswith(OURS)}
    now = _code_digests(module for module, _ in code)
    changed = {module for module, digest in code if now.get(module, digest) != digest}
    for option, digest in {pair for result in results for pair in _noted(result, FILES)}:
        if _file_digest(option.partition("=")[2]) not in (None, digest):
            changed.add(option)
    return sorted(changed)


def _noted(result: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    noted = result.get(kind)
    for name, digest in noted.items() if isinstance(noted, Mapping) else ():  # a stranger's result may hold anything
        yield str(name), str(digest)


def _code_digests(modules: Iterable[str]) -> dict[str, str]:
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


def _files(config: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    for option in READ:
        value: Any = config
        for key in option.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            path = Path(value)
            yield option, TrialFolder(path).best if path.is_dir() else path


def _copy_digest(config: Mapping[str, Any]) -> str | None:
    """Of a published set's files with data.verify=false, by their names and sizes. None for others, and without files.

    What such a trial learned from is not what its configuration's name for the set says.
    """
    data = config.get("data")
    if not isinstance(data, Mapping) or data.get("verify") is not False:
        return None
    from huesweep.training.assembly import make_source  # which reports, that import this file, do not need

    folder = getattr(make_source(data), "folder", None)
    if not isinstance(folder, Path) or not folder.is_dir():
        return None
    return digest_of(sorted((path.name, path.stat().st_size) for path in folder.iterdir() if path.is_file()))


def _file_digest(path: str) -> str | None:
    """The digest of a regular file's bytes. None for what is none, as the name of a palette that comes along."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:
        return None
