"""Reading files that others may have written: bounded, plain values alone; damaged ones are told in a line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from huesweep.errors import UsageError
from huesweep.io.terminal import printable, remark

DEEPEST = 30  # mappings and lists within each other
M = TypeVar("M", bound=BaseModel)
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(printable)]
Count = Annotated[int, Field(ge=0, le=10**15)]


def read_bounded(path: Path, limit: int) -> bytes:
    """The content of a regular file. Raises OSError, and UsageError for one of more than `limit` bytes or no file."""
    if path.exists() and not path.is_file():  # a pipe would never end
        raise UsageError(f"{path} is not a file")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UsageError(f"{path} has more than {limit:,} bytes")
    return content


def read_json(path: Path, model: type[M], limit: int) -> M | None:
    """What a JSON file holds, checked; None where there is none, and where it is damaged, which is told."""
    try:
        return model.model_validate_json(read_bounded(path, limit))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:50] for part in problem["loc"])
        reason = f"{where}: {problem['msg']}" if where else problem["msg"]
    except (OSError, UsageError) as error:
        reason = str(error)
    _pass_over(path, reason)
    return None


def read_yaml(path: Path, limit: int) -> dict[str, Any]:
    """The mapping in a YAML file; empty where there is no such file, and where it is damaged, which is told."""
    try:
        content = _plain(yaml.load(read_bounded(path, limit), _Loader), DEEPEST)
        if isinstance(content, dict):
            return content
        reason = "it is no mapping"
    except FileNotFoundError:
        return {}
    except Exception as error:  # YAML builds dates and numbers too, and each may fail in its own way
        reason = str(error).partition("\n")[0] or type(error).__name__
    _pass_over(path, reason)
    return {}


class _Loader(yaml.SafeLoader):
    """Takes no aliases: a few lines of them stand for more than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has aliases")
        return super().compose_node(parent, index)


def _plain(value: Any, depth: int) -> Any:
    if depth == 0:
        raise ValueError("it is nested too deep")
    if isinstance(value, Mapping):
        return {str(name): _plain(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth - 1) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _pass_over(path: Path, reason: str) -> None:
    remark(f"passed over {path}: {reason.removeprefix(f'{path} ')[:300]}")
