"""Pictures about a run: their layout and their colors."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.training.plots import GAP, HEADER, draw_curves, draw_grid, draw_palette, draw_rows


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize(("size", "cell"), [(32, 96), (48, 96), (64, 128), (100, 100), (1, 96)])
def test_a_grid_shows_every_picture_where_it_belongs(size: int, cell: int) -> None:
    shades = torch.linspace(0, 1, 6).view(2, 3, 1, 1, 1).expand(2, 3, 3, size, size)
    sheet = opened(draw_grid({"gray": shades[0], "original": shades[1]}))
    assert sheet.shape == (HEADER + 3 * (cell + GAP), GAP + 2 * (cell + GAP), 3)
    for column in range(2):
        for row in range(3):
            top, left = HEADER + row * (cell + GAP), GAP + column * (cell + GAP)
            shown = sheet[top : top + cell, left : left + cell]
            assert (shown == round(51 * (3 * column + row))).all()


def test_rows_show_what_columns_do() -> None:
    shades = torch.linspace(0, 1, 6).view(2, 3, 1, 1, 1).expand(2, 3, 3, 32, 32)
    sheet = opened(draw_rows({"gray": shades[0], "original": shades[1]}))
    margin = sheet.shape[1] - 3 * (96 + GAP)
    assert sheet.shape[0] == GAP + 2 * (96 + GAP)
    for row in range(2):
        for column in range(3):
            top, left = GAP + row * (96 + GAP), margin + column * (96 + GAP)
            assert (sheet[top : top + 96, left : left + 96] == round(51 * (3 * row + column))).all()


def test_a_palette_is_a_strip_of_its_colors() -> None:
    colors = torch.rand(40, 3, generator=torch.Generator().manual_seed(0))
    strip = opened(draw_palette(colors, side=4))
    assert strip.shape == (8, 128, 3)
    np.testing.assert_array_equal(strip[1::4, 1::4].reshape(-1, 3)[:40], (colors * 255).round().numpy())


def test_curves_have_a_panel_for_each_kind_of_score_that_was_logged() -> None:
    rows = [{"epoch": float(epoch), "train/loss": 1 / epoch} for epoch in (1, 2, 3)]
    one = opened(draw_curves(rows))
    two = opened(draw_curves([{**row, "val/psnr": 20 + row["epoch"]} for row in rows]))
    assert two.shape[0] == one.shape[0]
    assert two.shape[1] == 2 * one.shape[1]
