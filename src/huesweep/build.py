"""Turning plain descriptions into objects, of this project's own classes alone, and checking what they are given."""

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from huesweep.errors import UsageError, unknown
from huesweep.io.redacted import redact

T = TypeVar("T")
KEY = "_target_"  # as in Hydra: the dotted path of what to call


def build(description: Mapping[str, Any], base: type[T], where: str, *arguments: Any) -> T:
    """An object of the class that `description` names, which must be a subclass of `base` in this project.

    description: KEY and keyword arguments, as plain values. where: its place in the configuration, for messages.
    arguments: come first. Raises UsageError for another class, and for arguments that are missing, too many or of
    another type than declared.
    """
    found = _find(description)
    if not (inspect.isclass(found) and issubclass(found, base)):
        raise UsageError(f"{description[KEY]} is not one of this project's {base.__name__.lower()}s")
    return found(*arguments, **_options(found, description, where, len(arguments)))


def build_function(description: Mapping[str, Any], module: str, where: str, missing: int) -> Callable[..., Any]:
    """The function of a module that `description` names, waiting for its first `missing` arguments.

    Raises UsageError as build does.
    """
    found = _find(description)
    if not inspect.isfunction(found) or found.__module__ != module:
        raise UsageError(f"{description[KEY]} is not part of {module}")
    return partial(found, **_options(found, description, where, missing))


def check_options(function: Callable[..., Any], options: Mapping[str, Any], where: str, given: int = 0) -> None:
    """Raise UsageError unless `options` are what `function` takes beside its first `given` parameters.

    Names must be its parameters, values of their declared types, and none without a default may be missing.
    where: the place of the options in the configuration, for messages.
    """
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    signature = list(inspect.signature(function).parameters.items())[given:]
    parameters = {name: parameter for name, parameter in signature if parameter.kind in named}
    hints = get_type_hints(function.__init__ if inspect.isclass(function) else function)
    for option, value in options.items():
        if option not in parameters:
            raise unknown("option", f"{where}.{option}", parameters, short=option)
        try:
            adapter: TypeAdapter[Any] = TypeAdapter(
                hints.get(option, Any), config=ConfigDict(arbitrary_types_allowed=True)
            )
            adapter.validate_python(value, strict=True)
        except ValidationError as error:
            problems = dict.fromkeys(problem["msg"].replace("Input s", "s") for problem in error.errors())
            raise UsageError(
                f"{where}.{option}={redact(value, option)} does not fit: {', or '.join(problems)}"
            ) from None
    empty = inspect.Parameter.empty
    lacking = [name for name, parameter in parameters.items() if name not in options and parameter.default is empty]
    if lacking:
        raise UsageError(f"{where} needs a value for {', '.join(lacking)}")


def _find(description: Mapping[str, Any]) -> Any:
    path = str(description.get(KEY))
    module, _, name = _as_now_called(path).rpartition(".")
    if not module.startswith("huesweep."):
        raise UsageError(f"{path} is not part of this project")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise UsageError(f"this version of the project has no {path}") from None


def _as_now_called(path: str) -> str:
    """Where a class lies that a checkpoint from before the package had a name of its own calls by its old path."""
    return re.sub(r"^src\.(training\.)?", "huesweep.", path)


def _options(function: Callable[..., Any], description: Mapping[str, Any], where: str, given: int) -> dict[str, Any]:
    takes_name = "name" in inspect.signature(function).parameters  # elsewhere the name is for people
    options = {key: value for key, value in description.items() if key != KEY and (key != "name" or takes_name)}
    check_options(function, options, where, given)
    return options
