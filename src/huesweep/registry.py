"""Kinds of a thing: classes that are looked up by name, and whose options are checked against their declared types."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, validate_call
from pydantic_core import ErrorDetails

from huesweep.errors import UsageError, unknown
from huesweep.io.redacted import redact

T = TypeVar("T", bound="Registered")
NOT_TAKEN = ("unexpected_keyword_argument", "multiple_argument_values")  # pydantic's names
NOT_WITHIN = "extra_forbidden"
MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
WORDS = {  # what pydantic says, for a person who has never seen Python
    "Input should": "must",
    "Value should": "must",
    "an instance of Sequence": "a list",
    "'str' instances are not allowed as a Sequence value": "must be a list",
    "a valid dictionary": "options by name",
    "an instance of Mapping": "options by name",
    "a valid string": "text",
    "a valid list": "a list",
    "a valid boolean": "true or false",
    "a valid integer": "a whole number",
    "a valid number": "a number",
}
CHECKS = ConfigDict(strict=True, arbitrary_types_allowed=True, extra="forbid")


class Registered:
    """What a base class of interchangeable parts is made with.

    Such a base (Encoder, Decoder, Target, Loss, Task, Source) gets a table `kinds` of its own. A subclass that sets
    `name` stands in it under that name. Each subclass's constructor takes only values of the types it declares, ranges
    included, and raises pydantic's ValidationError, a ValueError, for others: from a notebook as from a configuration.
    """

    kinds: ClassVar[dict[str, type[Any]]]
    name: ClassVar[str]
    beside: ClassVar[tuple[str, ...]] = ()  # options in conf/ that are for others to read, and no parameters of a class
    needed: ClassVar[tuple[str, ...]] = ()  # what every object of the base has to have set

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if Registered in cls.__bases__:
            cls.kinds = {}
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
    kind that does not exist, for options that it does not take, and for one that leaves out what its base asks for.
    """
    kind = kind_of(base, str(part["kind"]), where)
    found: T = call(kind, part["options"], where, *arguments)
    if lacking := [name for name in kind.needed if not hasattr(found, name)]:
        raise UsageError(f"{where}: {kind.__qualname__} sets no {', '.join(lacking)}; see {base.__qualname__}")
    return found


def call(function: Callable[..., Any], options: Mapping[str, Any], where: str, *arguments: Any) -> Any:
    """Call something that checks its arguments; what it refuses becomes a UsageError that names the option."""
    try:
        return function(*arguments, **options)
    except ValidationError as error:
        raise UsageError(in_words(error, function, where, options, len(arguments))) from None
    except TypeError:  # of a constructor that is inherited, and checks nothing
        taken = _named(function, len(arguments))
        for name in options:
            if name not in taken:
                raise unknown("option", f"{where}.{name}" if where else name, taken, short=name) from None
        raise


def in_words(
    error: ValidationError, function: Callable[..., Any], where: str, options: Mapping[str, Any], given: int = 0
) -> str:
    """One line for what a checked function refused: the option's path, what it got and what is allowed.

    given: how many parameters are filled from the front, which are not options.
    """
    problems = error.errors(include_url=False)
    # A misspelled option is missing as well: the misspelling says more.
    problem = next((found for found in problems if found["type"] in NOT_TAKEN), problems[0])
    option = str((problem["loc"] or ("",))[0])
    path = f"{where}.{option}" if where else option
    for place in problem["loc"][1:] if problem["type"] in (*MISSING, NOT_WITHIN) else ():
        path += f"[{place}]" if isinstance(place, int) else f".{place}"
    if problem["type"] in MISSING:
        return f"{path} needs a value"
    if problem["type"] == NOT_WITHIN:
        return f"option {path} does not exist"
    if problem["type"] in NOT_TAKEN:
        return str(unknown("option", path, _named(function, given), short=option))
    return _refusal(path, options.get(option), [found for found in problems if found["loc"][0] == problem["loc"][0]])


def _named(function: Callable[..., Any], given: int) -> dict[str, inspect.Parameter]:
    """The parameters that can be given by name, but for those that are filled from the front."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = list(inspect.signature(function).parameters.items())[given:]
    return {name: parameter for name, parameter in parameters if parameter.kind in kinds}


def _refusal(path: str, value: Any, problems: Sequence[ErrorDetails]) -> str:
    """One line for a value that is not of its type; where that has alternatives, there is a problem with each."""
    for place in problems[0]["loc"][1:]:  # places within the value, and names of alternatives
        if isinstance(value, Mapping) and place in value:
            path, value = f"{path}.{place}", value[place]
        elif isinstance(place, int):
            path = f"{path}[{place}]"
            value = value[place] if isinstance(value, list) and place < len(value) else None
    given = problems[0]["input"]
    allowed: list[str] = []
    names: list[str] = []
    for problem in problems:
        allowed.append(problem["msg"].replace("Value error, ", ""))
        for theirs, ours in WORDS.items():
            allowed[-1] = allowed[-1].replace(theirs, ours)
        if problem["type"] == "literal_error":
            names += re.findall(r"'([^']+)'", problem["ctx"]["expected"])
    near = get_close_matches(str(given), names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    shown = repr(given) if all(problem["type"].endswith("_type") for problem in problems) else given
    rule = " or ".join(dict.fromkeys(allowed)).replace(" or must be ", " or ")
    return f"{path}={redact(shown, path.rpartition('.')[2])} {rule}{hint}"


def _is_valid(accepted: TypeAdapter[Any], value: Any) -> bool:
    try:
        accepted.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def check_arguments(
    function: Callable[..., Any], options: Mapping[str, Any], where: str, given: int = 0, also: Sequence[str] = ()
) -> None:
    """Raise UsageError unless `options` are what a function takes that does not check its arguments itself.

    Names must be its parameters, values of the types that it declares, as far as these are known, and none without a
    default may be missing. given: how many parameters are filled from the front. also: further names that will be.
    """
    if any(found.kind == inspect.Parameter.VAR_KEYWORD for found in inspect.signature(function).parameters.values()):
        return
    parameters = _named(function, given)
    try:
        hints = get_type_hints(function.__init__ if inspect.isclass(function) else function, include_extras=True)
    except Exception:  # of names that only a type checker knows
        hints = {}
    for option, value in options.items():
        if option not in parameters:
            raise unknown("option", f"{where}.{option}", parameters, short=option)
        accepted = TypeAdapter(hints.get(option, Any), config=ConfigDict(arbitrary_types_allowed=True))
        try:
            if not (isinstance(value, list) and _is_valid(accepted, tuple(value))):  # YAML has no tuples
                accepted.validate_python(value, strict=True)
        except ValidationError as error:
            problems = [{**problem, "loc": (option, *problem["loc"])} for problem in error.errors(include_url=False)]
            raise UsageError(_refusal(f"{where}.{option}", value, problems)) from None  # type: ignore[arg-type]
    empty = inspect.Parameter.empty
    lacking = [
        name
        for name, parameter in parameters.items()
        if name not in options and name not in also and parameter.default is empty
    ]
    if lacking:
        raise UsageError(f"{where} needs a value for {', '.join(lacking)}")
