"""What the figures of a sweep's page show, and how its pictures are kept small."""

import io
import re

import numpy as np
from PIL import Image

from huesweep.sweeps.report.drawing import Curve, Dot, draw_curves, draw_front, draw_heat, pareto_front
from huesweep.sweeps.report.figures import means_by_model_and_target
from huesweep.sweeps.report.pictures import Picture, shrink


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_pareto_front_is_what_nothing_beats() -> None:
    points = [(3, 5.0), (1, 2.0), (2, 1.0), (2, 4.0), (5, 5.0), (4, 6.0), (1, 2.0), (6, 3.0)]
    assert pareto_front(points) == [1, 3, 0, 5]
    assert pareto_front([]) == []


def test_the_front_of_a_figure_keeps_the_cheap_and_the_good() -> None:
    dots = [Dot("1", 400, 9.0), Dot("2", 100, 5.0), Dot("3", 300, 4.0)]
    assert "on the Pareto front: 2, 1" in draw_front(dots, "parameters", "psnr")
    assert "on the Pareto front: 2, 3" in draw_front(dots, "parameters", "cross_entropy")


def test_the_heat_map_shows_means_in_the_order_of_palette_sizes() -> None:
    means = means_by_model_and_target([("a", "palette16", 20.0), ("a", "palette4", 10.0), ("a", "palette16", 23.0)])
    assert means == {("a", "palette16"): 21.5, ("a", "palette4"): 10.0}
    svg = draw_heat({**means, ("b", "palette4"): 12.0}, "psnr")
    assert texts(svg) == ["palette4", "palette16", "a", "b", "10.00", "21.50", "12.00"]


def test_small_pictures_stay_as_they_are_and_large_ones_fit_the_budget() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 512, 3), np.uint8)
    content = io.BytesIO()
    Image.fromarray(noise).save(content, "png")
    picture = Picture(content.getvalue(), 512, 64)
    assert shrink([picture], 200_000) == [picture]
    for budget in (50_000, 5_000, 200):
        small = shrink([picture, picture], 2 * budget)
        assert all(len(shrunk.content) <= budget for shrunk in small)
        assert all((shrunk.width, shrunk.height) == (512, 64) for shrunk in small)
        Image.open(io.BytesIO(small[0].content)).load()


def test_curves_name_the_best_and_say_how_many_the_rest_are() -> None:
    curves = [
        Curve(f"trial {place}", [(epoch, epoch + place) for epoch in range(1, 2000)], True) for place in range(30)
    ]
    svg = draw_curves(curves, "PSNR, dB")
    assert [text for text in texts(svg) if text.startswith("trial")] == [f"trial {place}" for place in range(8)]
    assert "and 22 more, in gray" in svg
    assert len(svg) < 1_000_000


def test_names_are_shown_as_they_are() -> None:
    svg = draw_curves([Curve("_a $x_1$ <b> & c", [(1.0, 2.0)], True), Curve("d", [(1.0, 3.0)], False)], "loss")
    assert any(text.strip() == "_a $x_1$ &lt;b&gt; &amp; c" for text in texts(svg))


def test_a_figure_takes_the_ink_of_the_page() -> None:
    svg = draw_front([Dot("1", 1, 1.0), Dot("2", 1e6, 2.0)], "parameters", "psnr")
    assert "currentColor" in svg
    assert "#000000" not in svg
    assert "#ffffff" not in svg
