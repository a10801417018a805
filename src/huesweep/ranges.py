"""Types of options with the range of values that they allow."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field


def _odd(number: int) -> int:
    if number % 2 == 0:
        raise ValueError("must be odd")
    return number


Whole = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
OddCount = Annotated[int, Field(ge=1), AfterValidator(_odd)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Widths = Annotated[Sequence[Count], Field(min_length=1)]  # channels of each level
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1)]  # a part of something, less than all of it
PositiveShare = Annotated[float, Field(gt=0, lt=1)]
Fraction = Annotated[float, Field(gt=0, le=1)]  # a part of something, or all of it
Amount = Annotated[int | float, Field(ge=0, allow_inf_nan=False)]  # a share of something, or a number
