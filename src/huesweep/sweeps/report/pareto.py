"""The Pareto front: what no other choice beats in cost and in quality at once."""

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which of (cost, quality) points are on the front, by rising cost.

    No other point costs as little and is better, or costs less and is as good. Of equal points the first is named.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1])):
        if not front or points[index][1] > points[front[-1]][1]:
            front.append(index)
    return front
