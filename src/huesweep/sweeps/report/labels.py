"""The figure of transfers: how well classes are found, over how many labels were learned from."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, NullLocator

from huesweep.metrics.catalog import axis
from huesweep.sweeps.report.canvas import COLORS, INK, as_svg, drawing, legend_below
from huesweep.sweeps.report.trials import Trial
from huesweep.training.identity import checkpoint_word
from huesweep.transfer.options import TRAINED, is_transfer

Scores = dict[float, list[float]]  # of the seeds, by the share of labels


class Line(NamedTuple):
    """What one pretext comes to in one mode."""

    pretext: str
    mode: str
    scores: Scores


def lines_of(trials: Sequence[Trial], metric: str) -> list[Line]:
    """The test scores of finished transfers, the best line first; none where all learned from as many labels."""
    found: dict[tuple[str, str], Scores] = {}
    for trial in trials:
        score = ((trial.result or {}).get("test") or {}).get(metric)
        share = trial.config.get("labels")
        if is_transfer(trial.config) and isinstance(share, int | float) and score is not None:
            key = (_pretext(trial.config), str(trial.config.get("mode")))
            found.setdefault(key, {}).setdefault(float(share), []).append(score)
    if len({share for scores in found.values() for share in scores}) < 2:
        return []
    lines = [Line(*key, scores) for key, scores in found.items()]
    return sorted(lines, key=lambda line: mean(line.scores[max(line.scores)]), reverse=True)


def _pretext(config: dict[str, Any]) -> str:
    if isinstance(config.get("pretext"), str):
        return str(config["pretext"])
    return checkpoint_word(str(config["ckpt"]))


def draw_labels(lines: Sequence[Line], metric: str, about: str = "") -> Markup:
    """SVG of a score over the share of labels: a color a pretext, dashed where the encoder learns, bars over seeds."""
    pretexts = list(dict.fromkeys(line.pretext for line in lines))
    with drawing() as (figure, axes):
        for line in lines:
            place = pretexts.index(line.pretext)
            shares = sorted(line.scores)
            means = [mean(line.scores[share]) for share in shares]
            spreads = [stdev(line.scores[share]) if len(line.scores[share]) > 1 else 0.0 for share in shares]
            axes.errorbar(
                [100 * share for share in shares],
                means,
                yerr=spreads if any(spreads) else None,
                color=COLORS[place] if place < len(COLORS) else INK,
                linestyle="--" if line.mode in TRAINED else "-",
                marker="o",
                markersize=3.5,
                linewidth=1.6,
                capsize=2.5,
                label=f"{line.pretext} {line.mode}",
            )
        shares = sorted({100 * share for line in lines for share in line.scores})
        axes.set_xscale("log")
        axes.set_xticks(shares)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:g} %"))
        axes.set(xlabel="labels of the training pictures", ylabel=axis(metric))
        legend_below(figure, axes)
        on = f" on {about}" if about else ""
        return as_svg(figure, f"{axis(metric)} of {len(lines)} pretexts and modes{on}, over the share of labels")
