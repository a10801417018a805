"""Options that are one for all levels of an encoder or a decoder, or one for each."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from huesweep.errors import UsageError
from huesweep.models.blocks import Norm, Padding
from huesweep.ranges import Count

Zeros = Annotated[int, Field(ge=0, le=64)]  # of zeros around a map
Step = Annotated[int, Field(ge=1, le=64)]  # of a stride

Counts = Count | Annotated[Sequence[Count], Field(min_length=1)]
Steps = Step | Annotated[Sequence[Step], Field(min_length=1)]
Paddings = Padding | Zeros | Annotated[Sequence[Padding | Zeros], Field(min_length=1)]
Norms = Norm | Annotated[Sequence[Norm], Field(min_length=1)]


def per_level(value: Any, levels: int, option: str) -> list[Any]:
    """One value for each level, from one for all or a list. Raises UsageError for a list of another length.

    option: where the value stands in the configuration, for the message.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * levels
    if len(value) != levels:
        raise UsageError(f"{option}={list(value)} must be one value, or {levels}: one for each level")
    return list(value)
