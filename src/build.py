"""Turning plain descriptions into objects, of this project's own classes alone."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from src.errors import UsageError, unknown

T = TypeVar("T")
KEY = "_target_"  # as in Hydra: the dotted path of what to call
NOT_PASSED = (KEY, "name")  # the name is for people


def build(description: Mapping[str, Any], base: type[T], *arguments: Any) -> T:
    """An object of the class that `description` names, which must be a subclass of `base` in this project.

    description: KEY and keyword arguments, as plain values. arguments: come first.
    Raises UsageError for another class, and for arguments that it doesn't take or lacks.
    """
    found = _find(description)
    if not (inspect.isclass(found) and issubclass(found, base)):
        raise UsageError(f"{description[KEY]} is not one of this project's {base.__name__.lower()}s")
    return found(*arguments, **_options(found, description, len(arguments)))


def build_function(description: Mapping[str, Any], module: str, missing: int) -> Callable[..., Any]:
    """The function of a module that `description` names, waiting for its first `missing` arguments.

    Raises UsageError for a function of another module, and for arguments that it doesn't take or lacks.
    """
    found = _find(description)
    if not inspect.isfunction(found) or found.__module__ != module:
        raise UsageError(f"{description[KEY]} is not part of {module}")
    return partial(found, **_options(found, description, missing))


def _find(description: Mapping[str, Any]) -> Any:
    path = str(description.get(KEY))
    module, _, name = path.rpartition(".")
    if not module.startswith("src."):
        raise UsageError(f"{path} is not part of this project")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        raise UsageError(f"this version of the project has no {path}") from None


def _options(function: Callable[..., Any], description: Mapping[str, Any], given: int) -> dict[str, Any]:
    options = {key: value for key, value in description.items() if key not in NOT_PASSED}
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    signature = list(inspect.signature(function).parameters.items())[given:]
    parameters = {name: parameter for name, parameter in signature if parameter.kind in named}
    for option in options:
        if option not in parameters:
            raise unknown(f"option of {function.__name__}:", option, parameters)
    lacking = [
        name
        for name, parameter in parameters.items()
        if name not in options and parameter.default is inspect.Parameter.empty
    ]
    if lacking:
        raise UsageError(f"{function.__name__} needs a value for {', '.join(lacking)}")
    return options
