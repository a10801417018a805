"""From what Hydra composes to plain values and objects: configuration goes no further than this."""

import importlib
import importlib.util
import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Annotated, Any, TypeVar

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import Field
from pydantic.dataclasses import dataclass

from huesweep.errors import UsageError, unknown
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.registry import CHECKS, Registered, build, call, check_arguments
from huesweep.resources import CONF

T = TypeVar("T", bound=Registered)
Options = TypeVar("Options")
TARGET = "_target_"  # Hydra's key for the dotted path of what to call
OF_TRAINING_PICTURES = ("fraction", "per_class")
OF_EVERY_SOURCE = (*OF_TRAINING_PICTURES, "test_fraction")  # options in conf/data that no source has to know
PICTURES = "pictures"  # an option of sources that read a person's folders: what those hold, see fingerprint
Folder = Annotated[str, Field(min_length=1)]
BETWEEN = ("inputs", "channels")  # parameters of a network that task and target decide
TRUSTED = (  # what a person's configuration may have called
    "huesweep.*",
    "torch.optim.*",
    "timm.optim.*",
    "pytorch_lightning.callbacks.*",
    "pytorch_lightning.loggers.*",
)


@dataclass(frozen=True, config=CHECKS)
class Paths:
    """conf/paths.yaml: where things are kept."""

    outputs: Folder
    cache: Folder
    data: Folder


def plain(config: DictConfig) -> dict[str, Any]:
    """A composed configuration as plain values, resolved, without Hydra's own part."""
    kept = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    container = OmegaConf.to_container(kept, resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


@cache
def composed_model(name: str, *overrides: str) -> dict[str, Any] | None:
    """A model as conf/ has it, as plain values; what is computed stays as it is written. None where there is none."""
    running = nullcontext() if GlobalHydra.instance().is_initialized() else initialize_config_dir(str(CONF))
    try:
        with running:
            model = compose(f"model/{name}", list(overrides)).model
            return OmegaConf.to_container(model, resolve=False)  # type: ignore[return-value]
    except (HydraException, OmegaConfBaseException):
        return None


def describe(configured: Mapping[str, Any], base: type[T], where: str) -> dict[str, Any]:
    """A part as a checkpoint describes it, {"kind": name, "options": {…}}, from how a person configures it.

    configured: TARGET, options as plain values, and maybe the kind's name, for people. Raises UsageError for what is no
    class of `base` in this project, and for the name of another.
    """
    kind = _locate(configured, where)
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise UsageError(f"{where}.{TARGET}={configured[TARGET]} is no {base.__name__.lower()}")
    if "name" not in dir(kind):
        raise UsageError(f"{where}.{TARGET}={configured[TARGET]} sets no name, by which conf/ and checkpoints call it")
    options = {name: value for name, value in configured.items() if name != TARGET}
    if "name" in options and "name" not in inspect.signature(kind).parameters:
        if options["name"] != kind.name:
            raise misnamed(where, options["name"], kind.name)
        del options["name"]
    for name in kind.beside:
        if name not in inspect.signature(kind).parameters:
            options.pop(name, None)
    return {"kind": kind.name, "options": {name: _described(base, value, where) for name, value in options.items()}}


def misnamed(where: str, given: object, real: object) -> UsageError:
    """A UsageError for a name that was set apart from what it names, saying what to type instead.

    where: a group of conf/, with dots, or a part of one, which has no group.
    """
    group = where.replace(".", "/")
    choices = sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    if given in choices:
        path = CONF / group / f"{given}.yaml"
        written = read_plain_yaml(path)
        if TARGET in written and getattr(_locate(written, where), "name", None) == real:
            return UsageError(f"{path}: its name must be {real}, as its class is called; the file's own may differ")
    advice = f"; type {group}={given}" if given in choices else ""
    if choices and not advice:
        advice = f"; choose with {group}=, one of: {', '.join(choices)}"
    return UsageError(f"{where}.name={given} would change a label alone: what it names is {real}{advice}")


def _described(base: type[T], value: Any, where: str) -> Any:
    """Parts within an option, as those of the loss mix, are described as well."""
    if not isinstance(value, Mapping):
        return value
    if TARGET in value:
        return describe(value, base, where)
    return {name: _described(base, part, f"{where}.{name}") for name, part in value.items()}


def describe_model(configured: Mapping[str, Any]) -> dict[str, Any]:
    """A model, conf/model, as a checkpoint describes it: name, encoder, decoder, and the options that join them."""
    # Read here: commands that build nothing, and processes that only pass trials on, start without torch.
    from huesweep.models.decoders.base import Decoder
    from huesweep.models.encoders.base import Encoder
    from huesweep.models.network import Network

    taken = ("name", *inspect.signature(Network).parameters)
    for name in configured:
        if name not in taken or name in BETWEEN:
            raise unknown("option", f"model.{name}", [name for name in taken if name not in BETWEEN], short=name)
    parts = {
        "name": configured["name"],
        "encoder": describe(configured["encoder"], Encoder, "model.encoder"),
        "decoder": describe(configured["decoder"], Decoder, "model.decoder"),
    }
    return {**parts, "options": {name: value for name, value in configured.items() if name not in parts}}


def make(configured: Mapping[str, Any], base: type[T], where: str, *arguments: Any) -> T:
    """The object of a class of `base` that a configuration names. Raises UsageError as describe and build do."""
    return build(base, describe(configured, base, where), where, *arguments)


def make_call(configured: Mapping[str, Any], where: str) -> Callable[..., Any]:
    """What a configuration names, ours or a trusted library's, waiting for the arguments that come first.

    Raises UsageError for what is not trusted or doesn't exist, and when called for options that it refuses.
    """
    function = _locate(configured, where)
    options = {name: value for name, value in configured.items() if name != TARGET}

    def waiting(*arguments: Any, **more: Any) -> Any:
        check_call(configured, where, given=len(arguments), also=tuple(more))
        try:
            return call(function, {**options, **more}, where, *arguments)
        except UsageError:
            raise
        except Exception as error:  # of a library, in its own words
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise UsageError(f"{where}: {configured[TARGET]} refuses its options: {reason}") from None

    return waiting


def check_call(configured: Mapping[str, Any], where: str, given: int = 0, also: Sequence[str] = ()) -> None:
    """Raise UsageError as make_call does, and for options that what is named does not take; see check_arguments."""
    options = {name: value for name, value in configured.items() if name != TARGET}
    check_arguments(_locate(configured, where), options, where, given, also)


def options_of(kind: type[Options], config: DictConfig, *others: str) -> Options:
    """What a command was given, checked by the types of a dataclass's fields. others: names that are not options."""
    return call(kind, {name: value for name, value in plain(config).items() if name not in others}, "")


def paths_of(config: DictConfig) -> Paths:
    """Where a command keeps things. Raises UsageError for what is no path."""
    return check_paths(plain(config).get("paths"))


def check_paths(configured: Any) -> Paths:
    """conf/paths, as plain values. Raises UsageError for what is no path."""
    if not isinstance(configured, Mapping):
        raise UsageError("paths need values: paths.outputs, paths.cache and paths.data")
    return call(Paths, configured, "paths")


def _locate(configured: Mapping[str, Any], where: str) -> Any:
    path = configured.get(TARGET)
    if not isinstance(path, str):
        raise UsageError(f"{where}.{TARGET} is missing: the dotted path of what to make")
    try:
        found = instantiate({TARGET: path}, _partial_=True, _execution_whitelist_=list(TRUSTED))
    except HydraException:
        trusted = ", ".join(TRUSTED)
        reason = _why_not_imported(path) or f"does not exist, or is not among {trusted}"
        raise UsageError(f"{where}.{TARGET}={path} {reason}") from None
    return found.func


def _why_not_imported(path: str) -> str:
    """What is wrong with the file of this package that a dotted path leads to, in words, or nothing."""
    module = path.rpartition(".")[0]
    if not module.startswith(f"{__package__}."):
        return ""
    try:
        if importlib.util.find_spec(module) is None:
            return ""
        importlib.import_module(module)
    except Exception as error:  # whatever stands in the file
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", None)
        if isinstance(error, SyntaxError):
            file, line = error.filename or file, error.lineno
        return f"can't be imported: {type(error).__name__}: {error.args[0] if error.args else ''} ({file}, line {line})"
    return ""
