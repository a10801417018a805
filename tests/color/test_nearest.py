"""The table of every color's nearest center, against NumPy's argmin in 64 bits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from huesweep.color import kept_tables
from huesweep.color.nearest import look_up, nearest_table
from huesweep.color.palette_fit import ab_grid
from huesweep.color.spaces import rgb_to_lab, to_float
from huesweep.color.targets import palette as palettes
from huesweep.color.targets.palette import PaletteTarget


def as_they_are(rgb: torch.Tensor) -> torch.Tensor:
    return rgb


def ab(rgb: torch.Tensor) -> torch.Tensor:
    return rgb_to_lab(rgb)[:, 1:]


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    """Random colors, and all the corners of the cube."""
    drawn = np.random.default_rng(0).integers(0, 256, (9, 3, 32, 32), dtype=np.uint8)
    drawn[8, :, :2, :4] = np.stack(np.meshgrid([0, 255], [0, 255], [0, 255])).reshape(3, 2, 4)
    return torch.from_numpy(drawn)


@pytest.mark.parametrize(
    ("centers", "space"),
    [
        (torch.rand(1, 3), as_they_are),
        (torch.rand(24, 3), as_they_are),
        (torch.rand(12, 3) / 8, as_they_are),  # most colors are far from all of them
        (ab_grid(), ab),
    ],
    ids=["one", "few", "crowded", "grid"],
)
def test_every_color_finds_its_nearest_center(
    pictures: torch.Tensor, centers: torch.Tensor, space: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    table = nearest_table(centers, space)
    assert len(table) == 2**24
    pixels = space(to_float(pictures)).double().movedim(1, -1).numpy()
    distances = ((pixels[..., None, :] - centers.double().numpy()) ** 2).sum(-1)
    np.testing.assert_array_equal(look_up(table, pictures).numpy(), distances.argmin(-1))


def test_of_centers_that_are_equally_near_the_first_counts() -> None:
    table = nearest_table(torch.tensor([[0.0, 0, 0], [1, 1, 1], [0, 0, 0], [1, 1, 1]]), as_they_are)
    assert set(table.unique().tolist()) == {0, 1}


def test_looking_up_and_comparing_give_the_same_colors(pictures: torch.Tensor) -> None:
    target = PaletteTarget(32)
    target.centers.copy_(torch.rand(32, 3))
    compared = target.encode_bytes(pictures)
    target.prepare(palettes.WORTHWHILE)
    assert target._ready_table() is not None
    torch.testing.assert_close(target.encode_bytes(pictures), compared, rtol=0, atol=0)
    target.centers.copy_(torch.rand(32, 3))  # as a checkpoint does that is loaded
    assert target._ready_table() is None
    torch.testing.assert_close(target.encode_bytes(pictures), target.classify(to_float(pictures)), rtol=0, atol=0)


def test_no_table_is_made_for_few_pixels_or_soft_encodings() -> None:
    for colors, neighbors, pixels in ((16, 1, 1000), (16, 5, 10**9)):
        target = PaletteTarget(colors, neighbors=neighbors)
        target.centers.copy_(torch.rand(colors, 3))
        target.prepare(pixels)
        assert target._ready_table() is None


def test_a_table_is_made_once_and_taken_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(3)
    target = PaletteTarget(5, "rgb")
    target.centers.copy_(torch.rand(5, 3, generator=generator))
    pictures = torch.randint(256, (2, 3, 8, 8), generator=generator, dtype=torch.uint8)
    made = []

    def noting(*arguments: Any) -> torch.Tensor:
        made.append(1)
        return nearest_table(*arguments)

    monkeypatch.setattr(kept_tables, "nearest_table", noting)
    expected = target.encode_bytes(pictures)
    for _ in range(2):  # as two processes would
        monkeypatch.setattr(kept_tables, "_known", {})
        again = PaletteTarget(5, "rgb")
        again.load_state_dict(target.state_dict())
        again.prepare(palettes.WORTHWHILE, tmp_path)
        assert torch.equal(again.encode_bytes(pictures), expected)
    assert len(made) == 1
    (kept,) = (tmp_path / "tables").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    monkeypatch.setattr(kept_tables, "_known", {})
    kept_tables.kept_table("rgb", target.centers, as_they_are, tmp_path)
    assert len(made) == 2
    monkeypatch.setattr(kept_tables, "_known", {})
    kept_tables.kept_table("rgb", target.centers, as_they_are, tmp_path)
    assert len(made) == 2  # what was damaged has been written anew
    kept_tables.kept_table("ab", target.centers[:, :2], ab, tmp_path)
    assert len(list((tmp_path / "tables").iterdir())) == 2
