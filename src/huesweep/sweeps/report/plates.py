"""The figures on a sweep's page: which are drawn, from what, and what they say below."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from huesweep.metrics.catalog import axis, ranking_scores
from huesweep.sweeps.report.contents import Trial
from huesweep.sweeps.report.figures import (
    Curve,
    Dot,
    draw_colorfulness,
    draw_curves,
    draw_front,
    draw_heat,
    means_by_model_and_target,
)
from huesweep.sweeps.results import Result

LARGEST = 1e12  # value in a curve
COSTS = {"parameters": "parameters", "seconds": "training time, seconds"}


def compose_figures(trials: Sequence[Trial], labels: Sequence[str], metric: str, split: str) -> str:
    """Every figure that the trials have something for. trials: the finished ones first, by rank."""
    results = [trial.result for trial in trials if trial.result is not None]
    plates = _curves(trials, labels, metric)
    for cost, title in COSTS.items():
        dots = [
            Dot(str(place), float(result[cost]), score)
            for place, result in enumerate(results, start=1)
            if (score := ranking_scores(result).get(metric)) is not None
        ]
        if dots:
            plates.append((draw_front(dots, title, metric), f"{metric} ({split}) against {title}. Numbers are ranks."))
    scored = [(result["model"], result["target"], ranking_scores(result).get(metric)) for result in results]
    means = means_by_model_and_target((model, target, score) for model, target, score in scored if score is not None)
    if len(means) > 1:
        plates.append((draw_heat(means, metric), f"{metric} ({split}), mean over all else. Yellow is best."))
    plates += _colorfulness(results, split)
    figures = (f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>" for svg, caption in plates)
    return f'<div class="figures">{"".join(figures)}</div>' if plates else ""


def _curves(trials: Sequence[Trial], labels: Sequence[str], metric: str) -> list[tuple[str, str]]:
    kinds = {trial.words["loss"] for trial in trials if trial.words}
    logged = {name for trial in trials for row in trial.rows for name in row}
    loss = "val/loss" if "val/loss" in logged else "train/loss"
    wanted = [f"val/{metric}"] if f"val/{metric}" in logged else []
    wanted += [loss] if len(kinds) == 1 or not wanted else []  # losses of different kinds don't compare
    plates = []
    for name in wanted:
        curves = []
        for trial, label in zip(trials, labels, strict=True):
            points = [(row["epoch"], row[name]) for row in trial.rows if abs(row.get(name, math.nan)) < LARGEST]
            if points:
                curves.append(Curve(label, points, trial.result is not None))
        if curves:
            split, _, short = name.partition("/")
            title = axis(short)
            pictures = "validation" if split == "val" else "training"
            caption = f"{short} on the {pictures} pictures over the epochs; dashed where a trial has not finished."
            plates.append((draw_curves(curves, title), caption))
    return plates


def _colorfulness(results: Sequence[Result], split: str) -> list[tuple[str, str]]:
    dots, baselines, truths = [], set(), {}
    for place, result in enumerate(results, start=1):
        dot = _dot(str(place), ranking_scores(result))
        if dot is None:
            continue
        dots.append(dot)
        found = result["baselines"].get("validation" if result["validation"] else "test")
        for name, scores in (found or result["baselines"]["test"]).items():
            baseline = _dot(name, scores)
            if baseline is not None:
                baselines.add(baseline)
        truth = ranking_scores(result).get("cf_truth")
        if truth is not None:
            truths[result["data"]] = truth
    if not dots:
        return []
    caption = f"psnr against colorfulness ({split}). Pictures as colorful as the truth lie on its line; gray lies at 0."
    return [(draw_colorfulness(dots, sorted(baselines), truths), caption)]


def _dot(label: str, scores: Mapping[str, float | None]) -> Dot | None:
    colorfulness, psnr = scores.get("cf"), scores.get("psnr")
    return None if colorfulness is None or psnr is None else Dot(label, colorfulness, psnr)
