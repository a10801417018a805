"""Pickles of data, read by a machine that can build nothing else."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huesweep.io.safe_pickle import load_arrays
from tests import hostile_pickles, python2

ARRAYS = [
    np.arange(6, dtype=np.uint8).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.array([[1, -2], [3, 4]], ">i4"),
    np.array([0.5, 2], np.float16),
    np.zeros((0, 3)),
    np.array(7, np.int64),
]


@pytest.mark.parametrize("dump", [python2.dumps, lambda it: pickle.dumps(it, 3), lambda it: pickle.dumps(it, 4)])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.str}{array.shape}")
def test_an_array_is_read_as_python_reads_it(array: np.ndarray, dump: Any) -> None:
    found = load_arrays(dump(array))
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values_are_read_as_python_reads_them(protocol: int) -> None:
    content = {
        "a": [1, -1, 255, 256, 65536, -(1 << 40), 0.1, None, True, False, "ü", "x" * 200],
        "b": [],
        "c": "text",
        "d": [str(index) for index in range(2000)],
    }
    assert load_arrays(pickle.dumps(content, protocol)) == content


def test_texts_of_python_2_are_bytes_and_shared_ones_are_found_again() -> None:
    text = b"horse"
    content = {b"labels": [1, 2, 3], b"names": [text, text, b"\xff" * 200]}
    assert load_arrays(python2.dumps(content)) == content


def test_an_array_of_objects_is_a_list() -> None:
    objects = np.empty(2, dtype=object)
    objects[:] = [ARRAYS[0], np.float64(0.07)]
    array, number = load_arrays(python2.dumps(objects))
    np.testing.assert_array_equal(array, ARRAYS[0])
    assert number == 0.07


def test_a_published_batch_is_read_as_python_reads_it(data_root: Path) -> None:
    content = (data_root / "cifar-10-batches-py" / "test_batch").read_bytes()
    found, expected = load_arrays(content), pickle.loads(content, encoding="bytes")
    np.testing.assert_array_equal(found.pop(b"data"), expected.pop(b"data"))
    assert found == expected


@pytest.mark.parametrize("name", hostile_pickles.HOSTILE)
def test_what_no_data_needs_is_refused_in_a_line(name: str) -> None:
    # In a process of its own: read by Python's own unpickler, some of these end it.
    code = (
        "import pickle, sys; from huesweep.io.safe_pickle import load_arrays\n"
        "try: load_arrays(sys.stdin.buffer.read()); print('read')\n"
        "except pickle.UnpicklingError as error: print('refused', error)"
    )
    content = hostile_pickles.HOSTILE[name]
    done = subprocess.run([sys.executable, "-c", code], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    (line,) = done.stdout.decode().splitlines()
    assert line.startswith("refused ")
    assert line.isprintable()
    assert len(line) < 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.array([1 + 2j]), "'c16'"),
        (np.array(["text"]), "'U4'"),
        (np.array([1], "M8[s]"), "'M8'"),
        (np.zeros(2, [("a", "f8")]), "'V8'"),
        (np.array([True]), "'b1'"),
        ([[1], [2]], "list in a list"),
        ({1: 2}, "keys that are not bytes or str"),
        ((1, 2), "tuple"),
        ({1, 2}, "opcode"),
        (np.float64, "numpy.float64"),
        ("x" * 300, "text of 300 bytes"),
        (1 << 80, "integer of 11 bytes"),
    ],
    ids=str,
)
def test_other_values_are_refused_by_name(content: Any, message: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match=message):
        load_arrays(pickle.dumps(content, 4))


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (b"K\x03\x85", hostile_pickles.text(b"A" * 16)),  # more values than bytes
        (b"K\x01\x85", hostile_pickles.text(b"A" * 16)),  # fewer
        (hostile_pickles.integer(-2) + b"\x85", hostile_pickles.text(b"A" * 16)),
        (hostile_pickles.integer(-1) + hostile_pickles.integer(-2) + b"\x86", hostile_pickles.text(b"A" * 16)),
        (b"\x88\x88\x86", hostile_pickles.text(b"A" * 8)),  # True is no length
        (b"K\x02", hostile_pickles.text(b"A" * 16)),
        (b"(" + b"K\x01" * 70 + b"t", hostile_pickles.text(b"A" * 8)),
        (b"K\x02\x85", b"]K\x01aK\x02a"),  # a list where bytes belong
    ],
)
def test_a_shape_that_the_bytes_do_not_fill_is_refused(shape: bytes, values: bytes) -> None:
    kind = hostile_pickles.type_of(b"f8", b"<")
    whole = hostile_pickles.array_of(kind, b"K\x02\x85", hostile_pickles.text(b"\0" * 16))
    assert load_arrays(hostile_pickles.START + whole + b".").tolist() == [0, 0]
    with pytest.raises(pickle.UnpicklingError, match="array"):
        load_arrays(hostile_pickles.START + hostile_pickles.array_of(kind, shape, values) + b".")


def test_every_beginning_of_a_pickle_is_refused() -> None:
    whole = python2.dumps({b"data": ARRAYS[0], b"labels": [1, 2, 300]})
    for end in range(len(whole)):
        with pytest.raises(pickle.UnpicklingError):
            load_arrays(whole[:end])
