"""NumPy arrays of numbers from bytes that a stranger gave, with everything they claim checked first."""

import math
import re
from typing import Any

import numpy as np

_CODE = re.compile(r"([<>|=]?)([iuf])([1248])")  # integers, unsigned and not, and floats, of up to 64 bits
_MOST_DIMENSIONS = 8


def number_type(code: str) -> np.dtype[Any]:
    """The type that a code as `<f8` names. Raises ValueError for others than plain numbers of up to 64 bits."""
    match = _CODE.fullmatch(code)
    if match is None or match.group(2, 3) == ("f", "1"):
        raise ValueError(f"holds values of type {code[:20]!r}, which are not plain numbers")
    return np.dtype(code)


def array_of(content: bytes | memoryview, dtype: np.dtype[Any], shape: Any, fortran_order: bool) -> np.ndarray:
    """The array of a shape whose values are `content`, which it shares and can't change.

    Raises ValueError for a shape that is not of whole numbers, or needs more or fewer bytes than there are.
    """
    if not (isinstance(shape, tuple) and len(shape) <= _MOST_DIMENSIONS):
        raise ValueError(f"holds an array without a shape of up to {_MOST_DIMENSIONS} dimensions")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("holds an array whose shape is not of whole numbers")
    if math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError(f"holds {len(content)} bytes for an array of {dtype} {str(shape)[:60]}")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran_order else "C")
