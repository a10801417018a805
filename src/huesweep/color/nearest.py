"""The nearest palette color of every 8-bit color at once: from then on a pixel takes a look into a table."""

from collections.abc import Callable

import torch
from torch import Tensor

from huesweep.color.spaces import to_float

CELLS = 32  # along each of R, G and B: the table is made cell by cell
SIDE = 256 // CELLS  # colors along a side of a cell
CHUNK = 512  # cells looked at at a time
COMPARED = 2**22  # distances held at a time
SLACK = 1e-5  # share by which a color may seem too far and still be compared: more than rounding takes


def nearest_table(centers: Tensor, coordinates: Callable[[Tensor], Tensor]) -> Tensor:
    """For each of the 2^24 colors the index of the nearest center, by Euclidean distance; of equal ones the first.

    centers: (K, C). coordinates: from pictures (N, 3, H, W) float in [0, 1] to (N, C, H, W), the space of the centers.
    Gives (2^24,) uint8, or int32 for more than 256 centers; the index of (r, g, b) is 65536 r + 256 g + b. Only centers
    that can be the nearest of some color in a cell of 8x8x8 are compared with those in it, in 64 bits.
    """
    within = torch.arange(SIDE)
    offsets = torch.stack(torch.meshgrid(within, within, within, indexing="ij")).flatten(1)  # (3, 512)
    along = torch.arange(CELLS) * SIDE
    corners = torch.stack(torch.meshgrid(along, along, along, indexing="ij")).flatten(1).T  # (32768, 3)
    found = torch.empty(len(corners), SIDE**3, dtype=table_type(len(centers)))
    exact = centers.double()
    for start in range(0, len(corners), CHUNK):
        levels = corners[start : start + CHUNK, :, None] + offsets
        colors = coordinates(to_float(levels[..., None])).squeeze(-1)  # (cells, C, 512)
        found[start : start + CHUNK] = _nearest_in_cells(colors.double(), exact).to(found.dtype)
    cells = found.view(CELLS, CELLS, CELLS, SIDE, SIDE, SIDE)
    return cells.permute(0, 3, 1, 4, 2, 5).reshape(-1)


def table_type(centers: int) -> torch.dtype:
    """The type of the entries of a table of so many centers."""
    return torch.uint8 if centers <= 256 else torch.int32


def look_up(table: Tensor, pictures: Tensor) -> Tensor:
    """The entries of a nearest_table for pictures, uint8 (N, 3, H, W). Gives (N, H, W) int64."""
    red, green, blue = pictures.to(torch.int32).unbind(1)
    places = (red << 16) + (green << 8) + blue
    return table.index_select(0, places.flatten()).view(places.shape).long()


def _nearest_in_cells(colors: Tensor, centers: Tensor) -> Tensor:
    """The index of the nearest center for the colors of some cells: (cells, C, n) and (K, C) to (cells, n)."""
    low, high = colors.amin(2)[:, None], colors.amax(2)[:, None]
    to_nearest_corner = torch.maximum(low - centers, centers - high).clamp(min=0).square().sum(2)  # (cells, K)
    to_farthest_corner = torch.maximum(centers - low, high - centers).square().sum(2)
    bound = to_farthest_corner.amin(1, keepdim=True) * (1 + SLACK) + SLACK**2
    may_be = to_nearest_corner <= bound
    counts = may_be.sum(1)
    candidates = (~may_be).to(torch.uint8).argsort(dim=1, stable=True)  # those that may be the nearest first, in order
    found = torch.empty(len(colors), colors.shape[2], dtype=torch.int64)
    for count in counts.unique().tolist():
        alike = (counts == count).nonzero()[:, 0]
        for chosen in alike.split(max(1, COMPARED // (colors.shape[2] * count))):
            compared = candidates[chosen, :count]
            found[chosen] = compared if count == 1 else compared.gather(1, _nearest(colors[chosen], centers[compared]))
    return found


def _nearest(colors: Tensor, centers: Tensor) -> Tensor:
    """(cells, C, n) and each cell's own centers (cells, k, C): the place among them of the nearest, (cells, n)."""
    distances = torch.zeros((), dtype=colors.dtype)
    for axis in range(colors.shape[1]):
        distances = distances + (colors[:, axis, :, None] - centers[:, None, :, axis]).square_()
    return distances.min(2).indices
