"""Kinds of a thing: classes that are looked up by name, and whose options are checked against their declared types."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, validate_call

from huesweep.errors import UsageError, unknown
from huesweep.io.redacted import redact

T = TypeVar("T", bound="Registered")
NOT_TAKEN = ("unexpected_keyword_argument", "multiple_argument_values")  # pydantic's names
CHECKS = ConfigDict(strict=True, arbitrary_types_allowed=True)


class Registered:
    """What a base class of interchangeable parts is made with.

    Such a base (Encoder, Decoder, Target, Loss, Task, Source) has a table `kinds` of its own. A subclass that sets
    `name` stands in it under that name. Each subclass's constructor takes only values of the types it declares, ranges
    included, and raises pydantic's ValidationError, a ValueError, for others: from a notebook as from a configuration.
    """

    kinds: ClassVar[dict[str, type[Any]]]
    name: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kinds" in vars(cls):
            return
        if "__init__" in vars(cls):
            checked = validate_call(config=CHECKS)(vars(cls)["__init__"])
            cls.__init__ = checked  # type: ignore[method-assign]
        if "name" in vars(cls):
            other = cls.kinds.setdefault(cls.name, cls)
            if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"{cls.__qualname__} and {other.__qualname__} are both named {cls.name}")
            cls.kinds[cls.name] = cls


def all_kinds(base: type[T]) -> dict[str, type[T]]:
    """Every class of a base by its name, those of files that nobody has imported yet too."""
    package = importlib.import_module(base.__module__.rpartition(".")[0])
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return base.kinds


def kind_of(base: type[T], name: str, where: str) -> type[T]:
    """The class of a base by its name. Raises UsageError, with those there are, for another name."""
    if name in base.kinds:
        return base.kinds[name]
    package = base.__module__.rpartition(".")[0]
    if name.isidentifier() and importlib.util.find_spec(f"{package}.{name}"):  # a kind lies in the file of its name
        importlib.import_module(f"{package}.{name}")
    found = base.kinds if name in base.kinds else all_kinds(base)
    if name not in found:
        raise unknown(where, name, found)
    return found[name]


def build(base: type[T], part: Mapping[str, Any], where: str, *arguments: Any) -> T:
    """The object that a plain description names: {"kind": name, "options": {…}}.

    arguments: come first. where: the place of the options in the configuration, for messages. Raises UsageError for a
    kind that does not exist and for options that it does not take.
    """
    kind = kind_of(base, str(part["kind"]), where)
    return call(kind, part["options"], where, *arguments)


def call(function: Callable[..., Any], options: Mapping[str, Any], where: str, *arguments: Any) -> Any:
    """Call something that checks its arguments; what it refuses becomes a UsageError that names the option."""
    try:
        return function(*arguments, **options)
    except ValidationError as error:
        raise UsageError(in_words(error, function, where)) from None


def in_words(error: ValidationError, function: Callable[..., Any], where: str) -> str:
    """One line for what a checked function refused: the option's path, what it got and what is allowed."""
    problems = error.errors(include_url=False)
    # A misspelled option is missing as well: the misspelling says more.
    problem = next((found for found in problems if found["type"] in NOT_TAKEN), problems[0])
    option, *inside = [str(part) for part in problem["loc"]] or [""]
    path = ".".join([where, option]) + "".join(f"[{place}]" if place.isdigit() else "" for place in inside)
    if problem["type"] == "missing_argument":
        return f"{where} needs a value for {option}"
    if problem["type"] in NOT_TAKEN:
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        taken = inspect.signature(function).parameters.items()
        options = [name for name, parameter in taken if parameter.kind in named and name != "self"]
        return str(unknown("option", path, options, short=option))
    allowed = problem["msg"].replace("Input should", "must").replace("Value error, ", "")
    expected = str(problem.get("ctx", {}).get("expected", "")).replace(" or ", ", ").replace("'", "")
    near = get_close_matches(str(problem["input"]), expected.split(", "), n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    given = repr(problem["input"]) if problem["type"].endswith("_type") else problem["input"]
    return f"{path}={redact(given, option)} {allowed}{hint}"


def check_arguments(
    function: Callable[..., Any], options: Mapping[str, Any], where: str, given: int = 0, also: Sequence[str] = ()
) -> None:
    """Raise UsageError unless `options` are what a function takes that does not check its arguments itself.

    Names must be its parameters, values of the types that it declares, as far as these are known, and none without a
    default may be missing. given: how many parameters are filled from the front. also: further names that will be.
    """
    signature = list(inspect.signature(function).parameters.items())[given:]
    if any(parameter.kind == inspect.Parameter.VAR_KEYWORD for _, parameter in signature):
        return
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = {name: parameter for name, parameter in signature if parameter.kind in named}
    try:
        hints = get_type_hints(function.__init__ if inspect.isclass(function) else function)
    except Exception:  # of names that only a type checker knows
        hints = {}
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
    lacking = [
        name
        for name, parameter in parameters.items()
        if name not in options and name not in also and parameter.default is empty
    ]
    if lacking:
        raise UsageError(f"{where} needs a value for {', '.join(lacking)}")
