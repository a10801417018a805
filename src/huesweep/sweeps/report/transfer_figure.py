"""The figure of transfers: how well classes are found, over how many labels were learned from."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, NullLocator

from huesweep.metrics.catalog import LOWER_IS_BETTER, axis
from huesweep.sweeps.report.canvas import COLORS, INK, MARKERS, as_svg, drawing, legend_below
from huesweep.sweeps.report.trials import Trial
from huesweep.sweeps.swept import as_typed, option_values, swept_options
from huesweep.training.identity import STARTS
from huesweep.training.naming import checkpoint_word
from huesweep.transfer.options import TRAINED, is_transfer

Scores = dict[float, list[float]]  # of the seeds, by the share of labels


class Line(NamedTuple):
    """What one pretext comes to in one mode. options: that tell it from other lines of both, as they are typed."""

    pretext: str
    mode: str
    options: str
    scores: Scores

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.pretext, self.mode, self.options)))


def lines_of(trials: Sequence[Trial], metric: str) -> list[Line]:
    """The test scores of finished transfers, the best line first; none where all learned from as many labels."""
    swept = swept_options([trial.config for trial in trials if is_transfer(trial.config)])
    apart = {name: short for name, short in swept.items() if name not in ("labels", "mode", "pretext", *STARTS)}
    found: dict[tuple[str, str, str], Scores] = {}
    for trial in trials:
        score = ((trial.result or {}).get("test") or {}).get(metric)
        share = trial.config.get("labels")
        if is_transfer(trial.config) and isinstance(share, int | float) and score is not None:
            values = option_values(trial.config, apart)
            options = " ".join(f"{short}={as_typed(value)}" for short, value in values.items())
            key = (_pretext(trial.config), str(trial.config.get("mode")), options)
            found.setdefault(key, {}).setdefault(float(share), []).append(score)
    if len({share for scores in found.values() for share in scores}) < 2:
        return []
    lines = [Line(*key, scores) for key, scores in found.items()]
    is_better_higher = metric not in LOWER_IS_BETTER
    return sorted(lines, key=lambda line: mean(line.scores[max(line.scores)]), reverse=is_better_higher)


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
                marker=MARKERS[place % len(MARKERS)],
                markersize=3.5,
                linewidth=1.6,
                capsize=2.5,
                label=line.name,
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
