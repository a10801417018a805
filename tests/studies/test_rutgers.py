"""The failures of the Rutgers study's pictures, counted against numbers worked by hand."""

import numpy as np
import pytest
from PIL import Image

from huesweep.studies.rutgers import (
    ROWS,
    count_failures,
    draw_saving,
    failures_by_saving,
    saved_right,
    saved_their_way,
    wishes,
)


@pytest.fixture
def truth() -> np.ndarray:
    """Levels of three pictures of 16 x 16 made of waves, as 64-bit floats."""
    y, x = np.meshgrid(np.linspace(0, 6, 16), np.linspace(0, 6, 16), indexing="ij")
    waves = [np.sin(x * (1 + n / 3) + c) * np.cos(y * (1 + c / 5) - n) for n in range(3) for c in range(3)]
    return np.round(127.5 * (1 + np.reshape(waves, (3, 3, 16, 16)).transpose(0, 2, 3, 1)))


def test_their_way_of_saving_shows_the_bytes_of_floats(truth: np.ndarray) -> None:
    # 1.0 is 3F F0 and six bytes of zeros, the lowest first; 2.0 is 40 00 and six of them.
    levels = np.array([1.0, 2.0, 1.0] * 8).reshape(1, 2, 4, 3)
    first = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    assert saved_their_way(levels).flatten().tolist() == first
    memory = truth[1].tobytes()[: 16 * 16 * 3]
    as_pillow_reads_it = np.asarray(Image.frombytes("RGB", (16, 16), memory))
    assert np.array_equal(saved_their_way(truth)[1], as_pillow_reads_it)
    assert np.array_equal(saved_their_way(truth.astype(np.uint8)), saved_their_way(truth))


def test_saving_right_rounds_and_cuts_off() -> None:
    assert saved_right(np.array([-3.0, 9.6, 254.4, 300.0])).tolist() == [0, 10, 254, 255]


def test_failures_are_counted() -> None:
    columns = np.zeros((4, 4, 3))
    columns[:, 1::2] = 200  # black and bright columns
    found = count_failures(np.stack([columns, columns.swapaxes(0, 1)]), np.stack([columns, columns]))
    assert found.correlation == pytest.approx((1 + 0) / 2)  # rows have nothing to do with columns
    assert found.columns == pytest.approx((1 + 0) / 2)
    assert found.dark == 0.5
    flat = np.full((1, 4, 4, 3), 9.0)
    assert count_failures(flat, columns[None]) == (0.0, 0.0, 1.0)


def test_the_stripes_come_from_saving(truth: np.ndarray) -> None:
    table = failures_by_saving(truth, truth.astype(np.uint8))
    assert tuple(table) == ROWS
    right, theirs = table[ROWS[0]], table[ROWS[1]]
    assert right.correlation == pytest.approx(1)
    assert abs(theirs.correlation) < 0.2
    assert theirs.columns > 0.6 > 2 * right.columns
    assert table[ROWS[2]] == right
    assert table[ROWS[3]] == theirs


def test_the_figure_has_a_picture_a_cell(truth: np.ndarray) -> None:
    figure = draw_saving(truth, truth, count=2)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 2 * len(ROWS)
    assert np.array_equal(shown[0], truth[0])  # type: ignore[arg-type]
    assert np.array_equal(shown[2], saved_their_way(truth)[0])  # type: ignore[arg-type]


def test_each_wish_is_told_by_what_it_changes() -> None:
    base = {"sweep": "rutgers_wishes", "model": "fc1", "data.size": 16, "train": 100, "lr": 2.5e-6, "hidden": "[5]"}
    rows = [
        {**base, "seed": 0, "psnr": 11.0},
        {**base, "seed": 1, "psnr": 13.0},
        {**base, "seed": 0, "lr": 1e-6, "psnr": 14.0},
        {**base, "seed": 0, "train": "null", "psnr": 15.0},
        {**base, "seed": 0, "hidden": "[0.25]", "data.size": 64, "psnr": 10.0},
        {"model": "gray", "psnr": 21.87},
    ]
    lines = wishes(rows).splitlines()
    assert lines[4:] == [
        "| pictures all | 1 | 15.00 | 21.87 |",
        "| rate 1e-06 | 1 | 14.00 | 21.87 |",
        "| none, the network as it was | 2 | 12.00 ± 1.41 | 21.87 |",
        "| side 64, hidden layers \\[0\\.25\\] | 1 | 10.00 | 21.87 |",
    ]
    assert wishes(rows[-1:]) == ""
