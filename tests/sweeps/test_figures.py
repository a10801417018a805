"""What the figures of a sweep's page show, and how its pictures are kept small."""

import io
import re

import numpy as np
from PIL import Image

from huesweep.sweeps.report.drawing import Curve, Dot, draw_curves, draw_front, pareto_front
from huesweep.sweeps.report.drawing_factors import draw_heat
from huesweep.sweeps.report.figures import baselines_of
from huesweep.sweeps.report.figures_of_factors import means_by_cell
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
    means = means_by_cell([("a", "palette16", 20.0), ("a", "palette4", 10.0), ("a", "palette16", 23.0)])
    assert means == {("a", "palette16"): 21.5, ("a", "palette4"): 10.0}
    svg = draw_heat({**means, ("b", "palette4"): 12.0}, "psnr", ("model", "target"))
    assert texts(svg) == ["palette4", "palette16", "target", "a", "b", "model", "10.00", "21.50", "12.00"]


def test_gray_and_ceilings_are_lines_across() -> None:
    rows = {"gray": {"psnr": 20.0}, "ceiling": {"psnr": 30.0}}
    results = [
        {"target": f"palette{colors}", "validation": {"psnr": 25.0}, "baselines": {"validation": rows, "test": {}}}
        for colors in (16, 32)
    ]
    found = baselines_of(results, "psnr")
    assert found == [
        ("gray", 20.0, "20.00"),
        ("ceiling of palette16", 30.0, "30.00"),
        ("ceiling of palette32", 30.0, "30.00"),
    ]
    assert baselines_of(results, "cross_entropy") == []
    curve = Curve("a", [(1.0, 25.0), (2.0, 26.0)], True)
    for svg in (
        draw_curves([curve], "PSNR", "", found),
        draw_front([Dot("1", 1, 25.0)], "parameters", "psnr", "", found),
    ):
        assert {"gray, 20.00", "ceiling of palette16, 30.00", "ceiling of palette32, 30.00"} <= set(texts(svg))


def test_a_long_label_of_a_legend_is_shown_whole() -> None:
    label = " ".join(f"option_{place}=value_{place}" for place in range(8))
    svg = draw_curves([Curve(label, [(1.0, 2.0), (2.0, 3.0)], True)], "loss")
    assert all(any(word in text for text in texts(svg)) for word in label.split())


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
