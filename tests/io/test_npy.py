"""The .npy format, its header read without evaluating it."""

import io
from typing import Any

import numpy as np
import pytest

from huesweep.io.npy import split_npy


def saved(array: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    return file.getvalue()


def with_header(header: str, version: int = 1, content: bytes = b"\0" * 48, length: int | None = None) -> bytes:
    written = header.encode()
    width = 2 if version == 1 else 4
    told = len(written) if length is None else length
    return b"\x93NUMPY" + bytes([version, 0]) + told.to_bytes(width, "little") + written + content


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("code", ["|u1", "|i1", "<u2", ">i2", "<i4", "<u4", ">i8", "<u8", "<f2", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_are_read_as_numpy_reads_them(code: str, order: Any, version: tuple[int, int]) -> None:
    array = np.array(np.arange(12).reshape(4, 3), code, order=order)
    found = split_npy(saved(array, version)).numbers()
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@pytest.mark.parametrize("shape", [(), (5,), (0, 3), (1, 2, 3)])
def test_any_shape_is_read(shape: tuple[int, ...]) -> None:
    assert split_npy(saved(np.ones(shape))).numbers().shape == shape


def test_a_header_of_python_2_or_in_another_order_is_read() -> None:
    for header in (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }          \n",
        '{"shape": (2,3), "fortran_order": False, "descr": "<f8"}',
    ):
        assert split_npy(with_header(header)).numbers().shape == (2, 3)


GOOD = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"
BAD_HEADERS = {
    "nothing": "",
    "parentheses": "(" * 3000,
    "brackets": GOOD.replace("(2, 3)", "[" * 2000 + "]" * 2000),
    "signs": GOOD.replace("2", "-" * 3000 + "2"),
    "a call": GOOD.replace("(2, 3)", "__import__('os').getpid()"),
    "negative": GOOD.replace("2", "-2"),
    "a long number": GOOD.replace("2", "2" * 3000),
    "a list": GOOD.replace("(2, 3)", "[2, 3]"),
    "a key less": "{'descr': '<f8', 'fortran_order': False, }",
    "a key more": GOOD.replace("}", "'more': (), }"),
    "an open text": GOOD.replace("'<f8'", "'<f8"),
    "no end": GOOD.removesuffix("}"),
    "more behind": GOOD + " + 1",
    "swapped": "{'descr': (2, 3), 'fortran_order': '<f8', 'shape': False}",
    "control characters": GOOD.replace("'<f8'", "'\x1b[31m\n'"),
    "a structure": GOOD.replace("'<f8'", "[('a', '<f8')]"),
    "zero": "\0" * 100,
}


@pytest.mark.parametrize("name", BAD_HEADERS)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_header_that_numpy_does_not_write_is_refused_in_a_line(name: str, version: int) -> None:
    with pytest.raises(ValueError, match=r"header|plain numbers") as told:
        split_npy(with_header(BAD_HEADERS[name], version)).numbers()
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    "code", ["|O", "<U5", "|S5", "<c16", "|V8", "<M8[s]", "|b1", "<f16", "f1", "<f3", "O8", "", "<f8,<f8"]
)
def test_other_types_than_numbers_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not plain numbers"):
        split_npy(with_header(GOOD.replace("<f8", code))).numbers()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a .npy file"),
        (b"\x93NUMPY", "not a .npy file"),
        (with_header(GOOD, 4), "version 4"),
        (with_header(GOOD, 2, length=0xFFFFFFFF), "header of 4294967295 bytes"),
        (with_header(GOOD, 1, length=4000), "ends within its header"),
        (with_header(GOOD, content=b"\0" * 47), "47 bytes"),
        (with_header(GOOD, content=b"\0" * 49), "49 bytes"),
        (with_header(GOOD.replace("2", "1" * 18)), "48 bytes"),
        (with_header(GOOD.replace("2, 3", "1, " * 100)), "shape"),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split_npy(content).numbers()
