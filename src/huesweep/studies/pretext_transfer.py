"""Which pretext teaches an encoder most about classes, and whether better colors mean better features."""

from collections.abc import Sequence
from statistics import fmean

from matplotlib.figure import Figure

from huesweep.metrics.catalog import as_text
from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of

SCORE = "accuracy"
PRETEXTS = ("ab", "palette", "rebalanced", "super_resolution")
NONE = "none"
WITHOUT = {"linear": "random", "finetune": "scratch"}  # what a mode is compared with, without a pretext
COLORIZERS = {  # how a pretext's own trial is told from others, by what it learns
    "ab": {"target": "ab"},
    "palette": {"loss": "cross_entropy"},
    "rebalanced": {"loss": "rebalanced"},
}
BEGUN = ("psnr", "auc_balanced")  # what is told of colorizers that start from an encoder
NAMES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}


def answer(rows: Sequence[Row]) -> str:
    """What the best pretext gains on each data set: frozen with all labels, and trained with the fewest; its colors."""
    parts = []
    for data, title in NAMES.items():
        of_data = [row for row in rows if row["data"] == data]
        shares = sorted({row["labels"] for row in of_data if "labels" in row})
        if not shares:
            continue
        for mode, labels, what in (("linear", shares[-1], "frozen"), ("finetune", shares[0], "trained further")):
            means = {name: mean_of(of_data, SCORE, pretext=name, mode=mode, labels=labels) for name in PRETEXTS}
            known = {name: value for name, value in means.items() if value is not None}
            without = mean_of(of_data, SCORE, pretext=NONE, mode=WITHOUT[mode], labels=labels)
            if not known or without is None:
                continue
            best = max(known, key=lambda name: known[name])
            gain = 100 * (known[best] - without)
            parts.append(
                f"{title}, {what}, with {labels:.0%} of the labels: `{best}` leads with {as_text(SCORE, known[best])}, "
                f"{gain:+.1f} points from no pretext ({as_text(SCORE, without)})."
            )
        parts += [_as_colorizers(of_data, shares[-1]), _started(of_data)]
    return " ".join(filter(None, parts)) + "\n" if any(parts) else ""


def _as_colorizers(rows: Sequence[Row], labels: float) -> str:
    """Whether better colors mean better features: both scores of each pretext that colors, the best features first."""
    both = []
    for name, about in COLORIZERS.items():
        features = mean_of(rows, SCORE, pretext=name, mode="linear", labels=labels)
        psnr = mean_of(rows, "psnr", sweep="pretext", task="colorize", **about)
        if features is not None and psnr is not None:
            both.append((features, psnr, name))
    if len(both) < 2:
        return ""
    told = [f"`{name}` {as_text(SCORE, features)} and {as_text('psnr', psnr)}" for features, psnr, name in sorted(both)]
    return f"Accuracy of the frozen encoder, and psnr of its colors: {', '.join(reversed(told))}."


def _started(rows: Sequence[Row]) -> str:
    """What colorizers of few pictures come to by what their encoders start from, the best colors first."""
    started = [row for row in rows if row.get("sweep") == "pretext_start" and all(score in row for score in BEGUN)]
    means: dict[str, list[float]] = {}
    for name in {row["pretext"] for row in started}:
        means[name] = [fmean(row[score] for row in started if row["pretext"] == name) for score in BEGUN]
    if NONE not in means or len(means) < 2:
        return ""
    best_first = sorted(means, key=lambda name: means[name], reverse=True)
    told = [f"`{name}` {' and '.join(map(as_text, BEGUN, means[name]))}" for name in best_first]
    return f"Colorizers of few pictures, {' and '.join(BEGUN)} by what their encoder starts from: {', '.join(told)}."


def figures(rows: Sequence[Row], _: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """Accuracy over the share of labels, a panel a data set and mode, a line a pretext."""
    transfers = [row for row in rows if SCORE in row and "mode" in row]
    known = [data for data in NAMES if any(row["data"] == data for row in transfers)]
    if not known:
        return {}
    figure = Figure(figsize=(10, 3.4 * len(known)), layout="constrained")
    for place, (data, mode) in enumerate([(data, mode) for data in known for mode in WITHOUT], start=1):
        axes = figure.add_subplot(len(known), len(WITHOUT), place)
        for name in (*PRETEXTS, NONE):
            way = WITHOUT[mode] if name == NONE else mode
            lines = [row for row in transfers if (row["data"], row.get("pretext"), row["mode"]) == (data, name, way)]
            shares = sorted({row["labels"] for row in lines})
            means = [mean_of(lines, SCORE, labels=share) or 0.0 for share in shares]
            if shares:
                style = "ks--" if name == NONE else "o-"
                axes.plot(shares, means, style, label="no pretext" if name == NONE else name.replace("_", "-"))
        axes.set(xscale="log", xlabel="share of the labels", ylabel=SCORE)
        axes.set(title=f"{NAMES[data]}, {'frozen, linear classifier' if mode == 'linear' else 'trained further'}")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    caption = "Test accuracy over the share of labels, by pretext; dashed: the same network with no pretext."
    return {"labels.png": (figure, caption)}
