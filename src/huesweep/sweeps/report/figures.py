"""The figures on a sweep's page: which are drawn, from what, and what their captions say."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean
from typing import NamedTuple

from markupsafe import Markup

from huesweep.metrics.catalog import as_text, axis, ranking_scores
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.drawing import (
    Curve,
    Dot,
    draw_colorfulness,
    draw_curves,
    draw_front,
    draw_heat,
)
from huesweep.sweeps.report.labels import draw_labels, lines_of
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.results import Result

LARGEST = 1e12  # value in a curve
COSTS = {"parameters": "parameters", "seconds": "training time, seconds"}


class Figure(NamedTuple):
    """A drawing as <svg>, and its caption."""

    svg: Markup
    caption: str


def compose_figures(
    trials: Sequence[Trial], labels: Sequence[str], metric: str, about: str = "", first: int = 1
) -> list[Figure]:
    """Every figure that trials which can be compared have something for.

    trials: the finished ones first, by rank. about: which pictures they are of, where others have figures too. first:
    the number of the first one on the page.
    """
    results = [trial.result for trial in trials if trial.result is not None]
    split = pictures_that_rank(results)
    scores = [ranking_scores(result).get(metric) for result in results]
    figures = [*_over_labels(trials, metric, about), *_curves(trials, labels, metric, about)]
    for cost, title in COSTS.items():
        dots = [
            Dot(
                str(place + 1),
                float(result[cost]),
                score,
                f"{place + 1}. {label}: {metric} {as_text(metric, score)}",
                str(first + place),
            )
            for place, (result, label, score) in enumerate(zip(results, labels, scores, strict=False))
            if score is not None
        ]
        if dots:
            caption = f"{metric} ({split}) against {title}. Numbers are ranks."
            figures.append(Figure(draw_front(dots, title, metric, about), caption))
    scored = ((result["model"], result["target"], score) for result, score in zip(results, scores, strict=True))
    means = means_by_model_and_target((model, target, score) for model, target, score in scored if score is not None)
    if len(means) > 1:
        caption = f"{metric} ({split}), mean over all else. Yellow is best."
        figures.append(Figure(draw_heat(means, metric, about), caption))
    figures += _colorfulness(results, labels, split, about, first)
    return [figure._replace(caption=f"{about}: {figure.caption}") if about else figure for figure in figures]


def means_by_model_and_target(scored: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """The mean of the scores of each model with each target."""
    cells: dict[tuple[str, str], list[float]] = {}
    for model, target, score in scored:
        cells.setdefault((model, target), []).append(score)
    return {cell: mean(scores) for cell, scores in cells.items()}


def _over_labels(trials: Sequence[Trial], metric: str, about: str) -> list[Figure]:
    lines = lines_of(trials, metric)
    caption = f"{metric} (test pictures) over the share of labels, mean and deviation over seeds; dashed: all learned."
    return [Figure(draw_labels(lines, metric, about), caption)] if lines else []


def _curves(trials: Sequence[Trial], labels: Sequence[str], metric: str, about: str) -> list[Figure]:
    kinds = {trial.words["loss"] for trial in trials if trial.words}
    logged = {name for trial in trials for row in trial.rows for name in row}
    loss = "val/loss" if "val/loss" in logged else "train/loss"
    wanted = [f"val/{metric}"] if f"val/{metric}" in logged else []
    wanted += [loss] if len(kinds) == 1 or not wanted else []  # losses of different kinds don't compare
    figures = []
    for name in wanted:
        curves = []
        for trial, label in zip(trials, labels, strict=True):
            points = [(row["epoch"], row[name]) for row in trial.rows if abs(row.get(name, math.nan)) < LARGEST]
            if points:
                curves.append(Curve(label, points, trial.result is not None))
        if curves:
            split, _, short = name.partition("/")
            pictures = "validation" if split == "val" else "training"
            caption = f"{short} on the {pictures} pictures over the epochs; dashed where a trial has not finished."
            figures.append(Figure(draw_curves(curves, axis(short), about), caption))
    return figures


def _colorfulness(results: Sequence[Result], labels: Sequence[str], split: str, about: str, first: int) -> list[Figure]:
    dots, baselines, truths = [], set(), {}
    for place, (result, label) in enumerate(zip(results, labels, strict=False), start=1):
        dot = _dot(str(place), ranking_scores(result), f"{place}. {label}")
        if dot is None:
            continue
        dots.append(dot._replace(trial=str(first + place - 1)))
        found = result["baselines"].get("validation" if result["validation"] else "test")
        for name, scores in (found or result["baselines"].get("test", {})).items():
            baseline = _dot(name, scores)
            if baseline is not None:
                baselines.add(baseline)
        truth = ranking_scores(result).get("cf_truth")
        if truth is not None:
            truths[result["data"]] = truth
    if not dots:
        return []
    caption = f"psnr against colorfulness ({split}). Pictures as colorful as the truth lie on its line; gray lies at 0."
    return [Figure(draw_colorfulness(dots, sorted(baselines), truths, about), caption)]


def _dot(label: str, scores: Mapping[str, float | None], title: str = "") -> Dot | None:
    colorfulness, psnr = scores.get("cf"), scores.get("psnr")
    if colorfulness is None or psnr is None:
        return None
    shown = f"{title}: psnr {as_text('psnr', psnr)}, cf {as_text('cf', colorfulness)}" if title else ""
    return Dot(label, colorfulness, psnr, shown)
