"""Fixed parts of a collection: nested, with each class's share."""

import numpy as np
import pytest

from huesweep.data.splitting import count_of, stratified_order, subset
from huesweep.errors import UsageError

LABELS = np.repeat([0, 1, 2], [600, 300, 100])


@pytest.mark.parametrize("count", [10, 50, 333])
def test_every_stretch_of_the_order_has_each_classs_share(count: int) -> None:
    order = stratified_order(LABELS, seed=0)
    assert sorted(order) == list(range(1000))
    shares = np.bincount(LABELS[order[:count]], minlength=3) / count
    np.testing.assert_allclose(shares, [0.6, 0.3, 0.1], atol=1.5 / count + 0.02)


def test_parts_are_nested_and_fixed() -> None:
    parts = [set(subset(LABELS, fraction, None, seed=0)) for fraction in (0.05, 0.2, 0.9)]
    assert [len(part) for part in parts] == [50, 200, 900]
    assert parts[0] < parts[1] < parts[2]
    assert set(subset(LABELS, 0.05, None, seed=0)) == parts[0] != set(subset(LABELS, 0.05, None, seed=1))


def test_so_many_of_each_class_are_kept() -> None:
    few, more = (set(subset(LABELS, 1.0, count, seed=0)) for count in (20, 150))
    assert np.bincount(LABELS[sorted(few)]).tolist() == [20, 20, 20]
    assert np.bincount(LABELS[sorted(more)]).tolist() == [150, 150, 100]
    assert few < more


def test_a_fraction_of_so_many_of_each_class_leaves_each_its_share() -> None:
    labels = np.repeat([0, 1, 2], [800, 40, 31])
    capped, half, third = (set(subset(labels, fraction, 30, seed=0)) for fraction in (1.0, 0.5, 1 / 3))
    assert np.bincount(labels[sorted(half)]).tolist() == [15, 15, 15]
    assert np.bincount(labels[sorted(third)]).tolist() == [10, 10, 10]
    assert third < half < capped


def test_a_share_and_a_number_are_told_apart() -> None:
    assert (count_of(0.25, 80, "test"), count_of(25, 80, "test"), count_of(0, 80, "test")) == (20, 25, 0)
    assert (count_of(1.0, 80, "test"), count_of(1, 80, "test")) == (80, 1)


@pytest.mark.parametrize("wanted", [81, 1.5])
def test_what_is_neither_is_refused(wanted: float) -> None:
    with pytest.raises(UsageError, match=rf"data\.test={wanted} .*80"):
        count_of(wanted, 80, "test")
