"""The figures on a sweep's page: which are drawn, from what, and what their captions say."""

import math
from collections.abc import Mapping, Sequence

from huesweep.metrics.catalog import CEILING, as_text, axis, ranking_scores
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.drawing import (
    GRAY,
    Baseline,
    Curve,
    Dot,
    draw_colorfulness,
    draw_curves,
    draw_front,
)
from huesweep.sweeps.report.figures_of_factors import Figure, with_pictures
from huesweep.sweeps.report.groups import Group
from huesweep.sweeps.report.times import times_of
from huesweep.sweeps.report.transfer_figure import draw_labels, lines_of
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import OF_CEILINGS, as_typed, option_values, swept_options

LARGEST = 1e12  # value in a curve
CEILINGS = 3  # lines of targets' ceilings; of more, only the lowest and the highest are drawn


def compose_figures(group: Group, metric: str) -> list[Figure]:
    """Every figure of single trials that those which can be compared have something for."""
    trials, labels, first, about = group
    results = group.results
    split = pictures_that_rank(results)
    scores = [ranking_scores(result).get(metric) for result in results]
    baselines = baselines_of(results, metric)
    figures = [*_over_labels(trials, metric, about), *_curves(trials, labels, metric, about, baselines)]
    load = " under load" if times_of(results).is_under_load else ""
    for cost, title in {"parameters": "parameters", "seconds": f"training time{load}, seconds"}.items():
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
            caption = f"{metric} ({split}) against {title}. Numbers are ranks of single trials."
            figures.append(Figure(draw_front(dots, title, metric, about, baselines), caption))
    figures += _colorfulness(results, labels, split, about, first)
    return with_pictures(figures, about)


def baselines_of(results: Sequence[Result], metric: str) -> list[Baseline]:
    """Gray and the ceilings of targets, by what was swept of them, on the pictures that rank, from the lowest."""
    swept = swept_options([result.get("config", {}) for result in results])
    of_ceilings = {name: short for name, short in swept.items() if name.startswith(OF_CEILINGS)}
    found: dict[str, Baseline] = {}
    for result in results:
        rows = result["baselines"].get("validation" if result["validation"] else "test", {})
        for name, scores in rows.items():
            score = scores.get(metric)
            if score is not None:
                options = option_values(result.get("config", {}), of_ceilings)
                typed = (f"{short}={as_typed(value)}" for short, value in options.items())
                label = " ".join([f"{name} of {result['target']}", *typed]) if name == CEILING else name
                found.setdefault(label, Baseline(label, score, as_text(metric, score)))
    grays = [one for one in found.values() if one.label == GRAY]
    others = sorted((one for one in found.values() if one.label != GRAY), key=lambda one: one.score)
    return grays + (others if len(others) <= CEILINGS else [others[0], others[-1]])


def _over_labels(trials: Sequence[Trial], metric: str, about: str) -> list[Figure]:
    lines = lines_of(trials, metric)
    caption = f"{metric} (test pictures) over the share of labels, mean and deviation over seeds; dashed: all learned."
    return [Figure(draw_labels(lines, metric, about), caption)] if lines else []


def _curves(
    trials: Sequence[Trial], labels: Sequence[str], metric: str, about: str, baselines: Sequence[Baseline]
) -> list[Figure]:
    kinds = {trial.words["loss"] for trial in trials if trial.words}
    logged = {name for trial in trials for row in trial.rows for name in row}
    watched = next((split for split in ("val", "test") if f"{split}/loss" in logged), "train")
    loss = f"{watched}/loss"
    wanted = [f"{watched}/{metric}"] if f"{watched}/{metric}" in logged else []
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
            pictures = {"val": "validation", "test": "test", "train": "training"}[split]
            caption = f"{short} on the {pictures} pictures over the epochs; dashed where a trial has not finished."
            lines = baselines if name == f"val/{metric}" else ()
            figures.append(Figure(draw_curves(curves, axis(short), about, lines), caption))
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
