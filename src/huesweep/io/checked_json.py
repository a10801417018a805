"""Reading JSON that others may have written: of bounded size, checked against a model, told where it is damaged."""

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from huesweep.errors import printable
from huesweep.io.bounded import read_bounded
from huesweep.io.terminal import remark

M = TypeVar("M", bound=BaseModel)
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(printable)]
Count = Annotated[int, Field(ge=0, le=10**15)]


def read_json(path: Path, model: type[M], most: int) -> M | None:
    """What a JSON file of at most `most` bytes holds; None where there is none, and where it is damaged, which is told.

    Other names than those of the model are left out.
    """
    try:
        return model.model_validate_json(read_bounded(path, most))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:50] for part in problem["loc"])
        reason = f": {where}: {problem['msg']}" if where else f": {problem['msg']}"
    except OSError as error:
        reason = f": {error.strerror or error}"
    except ValueError as error:
        reason = f" {error}"
    remark(f"passed over, {path}{reason[:300]}")
    return None
