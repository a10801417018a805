"""What every metric is called, how it is shown and which way is better: what tables, figures and rankings read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from huesweep.errors import UsageError, unknown

PICTURES, PIXELS = "mean over pictures", "all pixels"
CEILING = "ceiling"  # the row of a target, not of a task: the truth, encoded and decoded; no bound
FREE = ("gray", "nearest", "bilinear", "bicubic", "majority", CEILING)  # rows that need no network


@dataclass(frozen=True)
class Metric:
    """One metric.

    heading: of a column. title, unit: of an axis. about: what it is, in a line. of: what it is computed on.
    better: of `neither` the truth's own value is best. needs: `palette` for a palette to choose from, `download` for
    the weights of a network, `labels` for a classifier of pictures. smallest: the side of the smallest picture that it
    is defined for. topic: what it judges. shown: in a table of little room too, with some, with much, or only beside
    another metric. beside: the metric in whose figure it is drawn, if any but its own.
    """

    name: str
    heading: str
    title: str
    about: str
    of: str = PIXELS
    better: Literal["higher", "lower", "neither"] = "higher"
    unit: str = ""
    digits: int = 3
    needs: Literal["", "palette", "download", "labels"] = ""
    smallest: int = 1
    topic: Literal["quality", "color", "classes"] = "quality"
    shown: Literal["always", "usually", "with room", "beside"] = "with room"
    beside: str = ""


_color = partial(Metric, topic="color")
_of_palette = partial(Metric, needs="palette")
_download = partial(Metric, needs="download", shown="usually", better="lower")
_labels = partial(Metric, needs="labels", of="all pictures", digits=4, topic="classes")
_METRICS = (  # in the order of columns
    Metric("psnr", "psnr", "PSNR", "peak signal-to-noise ratio", PICTURES, unit="dB", digits=2, shown="always"),
    Metric(
        "psnr_pooled",
        heading="pooled",
        title="pooled PSNR",
        about="peak signal-to-noise ratio of the pooled error",
        unit="dB",
        digits=2,
        beside="psnr",
    ),
    Metric(
        "beats_gray",
        heading="beats gray",
        title="share above gray",
        about="share of pictures nearer to the truth than every gray picture",
        of=PICTURES,
    ),
    Metric(
        "ssim",
        heading="ssim",
        title="SSIM",
        about="structural similarity, 11×11 Gaussian window",
        of=PICTURES,
        smallest=11,
        shown="usually",
    ),
    _color(
        "cf",
        heading="cf",
        title="colorfulness",
        about="colorfulness (Hasler & Süsstrunk 2003)",
        of=PICTURES,
        better="neither",
        digits=1,
        shown="always",
    ),
    _color(
        "cf_gap",
        heading="cf_gap",
        title="gap in colorfulness",
        about="how far the mean colorfulness is from the truth's mean",
        of="all pictures",
        better="lower",
        digits=1,
        shown="usually",
    ),
    _color(
        "cf_truth",
        heading="cf truth",
        title="colorfulness of the truth",
        about="colorfulness of the true pictures",
        of=PICTURES,
        better="neither",
        digits=1,
        shown="beside",
        beside="cf",
    ),
    _color(
        "auc", "auc", "AuC", "share of pixels whose chroma is near the truth's, over all thresholds", shown="always"
    ),
    _color("auc_balanced", "auc bal.", "balanced AuC", "the same, rare colors weighted up", beside="auc"),
    _color(
        "hue_distance",
        heading="hue dist.",
        title="hue distance",
        about="Jensen-Shannon distance of the chroma histograms of prediction and truth",
        better="lower",
    ),
    _of_palette(
        "cross_entropy",
        heading="cross-ent.",
        title="cross-entropy",
        about="cross-entropy of the true palette color",
        better="lower",
        unit="nats",
    ),
    _of_palette("top1", "top-1", "top-1 accuracy", "share of pixels whose true palette color is the likeliest"),
    _of_palette(
        "top5", "top-5", "top-5 accuracy", "share of pixels whose true palette color is among the five likeliest"
    ),
    _download("lpips", "lpips", "LPIPS", "perceptual distance by AlexNet (Zhang et al. 2018)", PICTURES, digits=4),
    _download(
        "fid",
        heading="fid",
        title="FID",
        about="Fréchet distance of Inception features (Heusel et al. 2017)",
        of="all pictures",
        digits=2,
    ),
    _labels("accuracy", "accuracy", "accuracy", "share of pictures whose class is the likeliest", shown="always"),
    _labels(
        "accuracy_top5",
        heading="acc. top-5",
        title="top-5 accuracy of classes",
        about="share of pictures whose class is among the five likeliest",
        shown="usually",
    ),
    _labels(
        "calibration_error",
        heading="cal. error",
        title="calibration error",
        about="mean gap between confidence and accuracy, over 15 bins of confidence (Guo et al. 2017)",
        better="lower",
        shown="usually",
    ),
)
CATALOG = {metric.name: metric for metric in _METRICS}
HEADLINES = tuple(metric.name for metric in CATALOG.values() if metric.shown == "always")
COLUMNS = tuple(metric.name for metric in CATALOG.values() if metric.shown != "beside")
KEPT = tuple(name for name in COLUMNS if CATALOG[name].needs != "download")  # in every trial's result, if defined there
RANKING = tuple(name for name in KEPT if CATALOG[name].better != "neither")
BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "best where it is the truth's"}
LOWER_IS_BETTER = {metric.name for metric in CATALOG.values() if metric.better == "lower"}


def check_metric(name: str) -> None:
    """Raise UsageError, with the metrics there are, unless trials can be ranked by the one of that name."""
    if name not in RANKING:
        raise unknown("metric to rank by:", name, RANKING)


def check_exists(name: str, *, has_palette: bool, side: int | None = None) -> None:
    """Raise UsageError, with the metrics there are, unless every colorizer is scored by the metric of that name.

    has_palette: whether trials predict a palette. side: of their pictures, if it is known.
    """
    check_metric(name)
    choices = [
        metric.name
        for metric in map(CATALOG.__getitem__, RANKING)
        if metric.needs != "labels"
        and (has_palette or metric.needs != "palette")
        and (side is None or side >= metric.smallest)
    ]
    if name not in choices:
        lacks = {"palette": "without a palette (target=palette)", "labels": "of colors (src.transfer has it)"}
        lack = lacks.get(CATALOG[name].needs, f"on pictures of {side}x{side}")
        raise UsageError(f"sweep.rank={name}: there is no such score {lack}; rank by one of {', '.join(choices)}")


def as_text(name: str, value: float) -> str:
    """A value of a metric to as many digits as people compare; of what is no metric to three."""
    return f"{value:.{_digits(name)}f}"


def margin_as_text(name: str, margin: float) -> str:
    """Half of an interval of a metric: as its values, with a digit more where that would print as zero."""
    text = as_text(name, margin)
    return text if float(text) else f"{margin:.{_digits(name) + 1}f}"


def _digits(name: str) -> int:
    return CATALOG[name].digits if name in CATALOG else 3


def axis(name: str) -> str:
    """The label of a metric's axis; what is no metric, a loss, is called by its name."""
    metric = CATALOG.get(name)
    return name if metric is None else f"{metric.title}, {metric.unit}" if metric.unit else metric.title


def ranking_scores(result: Mapping[str, Any]) -> dict[str, float | None]:
    """The scores by which a trial is ranked: on the validation pictures, or else on the test pictures.

    Where there are both, the test score takes no part: whoever picks the best trial by it, would report a score that
    it was picked for.
    """
    return result["validation"] or result["test"] or {}


def objective(result: Mapping[str, Any], name: str) -> float:
    """The score that ranks a trial, as a number that is better the higher it is; NaN where there is none."""
    score = ranking_scores(result).get(name)
    if score is None or not math.isfinite(score):
        return math.nan
    return -score if name in LOWER_IS_BETTER else score
