"""NumPy's .npy files: the header read without evaluating it, and arrays of plain numbers alone."""

import re
from typing import NamedTuple

import numpy as np

from huesweep.io.plain_arrays import array_of, number_type

_MAGIC = b"\x93NUMPY"
_LENGTH_BYTES = {1: 2, 2: 4, 3: 4}  # of the header's length, by major version (NumPy's format, NEP 1)
_LONGEST_HEADER = 4096
_VALUE = r"""'[^'"]*'|"[^'"]*"|True|False|\([\dL, ]*\)"""
_ITEM = re.compile(rf"""\s*['"](descr|fortran_order|shape)['"]\s*:\s*({_VALUE})\s*(,|(?=}}))""")
_OBJECTS = ("|O", "O")


class NpyFile(NamedTuple):
    """A .npy file's parts: type code, shape, order of its values, and the bytes behind the header."""

    code: str
    shape: tuple[int, ...]
    fortran_order: bool
    content: memoryview

    @property
    def holds_objects(self) -> bool:
        """Whether the content is a pickle."""
        return self.code in _OBJECTS

    def numbers(self) -> np.ndarray:
        """The array, which can't be changed. Raises ValueError where it is not one of plain numbers."""
        return array_of(self.content, number_type(self.code), self.shape, self.fortran_order)


def split_npy(content: bytes) -> NpyFile:
    """Take a .npy file apart. Raises ValueError for another file, or a header that is not as NumPy writes it."""
    if not content.startswith(_MAGIC) or len(content) < len(_MAGIC) + 2:
        raise ValueError("is not a .npy file")
    major = content[len(_MAGIC)]
    if major not in _LENGTH_BYTES:
        raise ValueError(f"has version {major} of the .npy format, not 1 to 3")
    start = len(_MAGIC) + 2 + _LENGTH_BYTES[major]
    length = int.from_bytes(content[len(_MAGIC) + 2 : start], "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"has a header of {length} bytes, more than {_LONGEST_HEADER}")
    if len(content) < start + length:
        raise ValueError("ends within its header")
    header = content[start : start + length].decode("latin1")
    return NpyFile(*_parse(header), memoryview(content)[start + length :])


def _parse(header: str) -> tuple[str, tuple[int, ...], bool]:
    text = header.strip()
    found: dict[str, str] = {}
    place = 1
    while match := _ITEM.match(text, place):
        found[match[1]] = match[2]
        place = match.end()
    if text[:1] != "{" or text[place:].strip() != "}" or len(found) != 3:
        raise ValueError("has a header that is not of a type, an order and a shape")
    code, order, shape = found["descr"], found["fortran_order"], found["shape"]
    if code[0] not in "'\"" or order not in ("True", "False") or shape[0] != "(":
        raise ValueError("has a header that is not of a type, an order and a shape")
    lengths = [length.strip().removesuffix("L") for length in shape[1:-1].split(",")]  # L: Python 2's long integers
    lengths = [length for length in lengths if length]
    if not all(re.fullmatch(r"\d{1,18}", length) for length in lengths):
        raise ValueError("has a header whose shape is not of whole numbers")
    return code[1:-1], tuple(map(int, lengths)), order == "True"
