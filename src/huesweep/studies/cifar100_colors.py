"""What more color costs: PSNR against colorfulness of the same networks, by temperature and by saturation."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure

from huesweep.color.colorfulness import colorfulness
from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.colorizer import Colorizer, strengthened
from huesweep.io.atomic import write_text_atomically
from huesweep.io.tables import as_csv
from huesweep.metrics.catalog import as_text
from huesweep.metrics.fidelity import psnr_per_picture
from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of, read_rows
from huesweep.sweeps.results import Result
from huesweep.training.assembly import make_source
from huesweep.training.folder import TrialFolder

KEPT = Path("experiments/cifar100_colors/colorfulness.csv")
PICTURES = 1000  # test pictures, the first ones
BATCH = 100
TEMPERATURES = (1.0, 0.75, 0.5, 0.38, 0.25, 0.15, 0.05)  # of a palette's annealed mean; Zhang et al. 2016 take 0.38
SATURATIONS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)  # factors of chroma
ORIGINAL = "cifar100_unet"
LABELS = {"temperature": "colder", "saturation": "stronger"}


def gather(results: Sequence[Result], folder: Path) -> None:
    """Keep psnr and colorfulness of each network with the first seed, at all temperatures and saturations."""
    rows = [row for result in results if result["seed"] == 0 for row in tradeoff(result)]
    write_text_atomically(folder / KEPT.name, as_csv(rows))


def tradeoff(result: Result) -> Iterator[Row]:
    """A row for each temperature (saturation 1) and each saturation (as it was configured otherwise) of a network."""
    colorizer = Colorizer.load(TrialFolder(Path(result["folder"])).best)
    truth = make_source(result["config"]["data"]).load("test").pictures[:PICTURES]
    about = {name: result[name] for name in ("sweep", "model", "target", "loss")}
    made: dict[tuple[str, float], list[torch.Tensor]] = {}
    with torch.inference_mode():
        for part in truth.split(BATCH):  # the outputs of all pictures at once would take a gigabyte
            inputs = colorizer.task.input(to_float(part))
            outputs = colorizer(inputs)
            for temperature in TEMPERATURES if colorizer.target.decodings else ():
                picture = colorizer.decode(outputs, inputs, "annealed", temperature)
                made.setdefault(("temperature", temperature), []).append(to_bytes(picture))
            usual = colorizer.decode(outputs, inputs)
            for saturation in SATURATIONS:
                made.setdefault(("saturation", saturation), []).append(to_bytes(strengthened(usual, saturation)))
    for (way, value), pictures in made.items():
        yield {**about, "way": way, "value": value, **_scores(torch.cat(pictures), truth)}


def _scores(predicted: torch.Tensor, truth: torch.Tensor) -> Row:
    return {
        "psnr": float(psnr_per_picture(predicted, truth).mean()),
        "cf": float(colorfulness(predicted).mean()),
        "cf_truth": float(colorfulness(truth).mean()),
    }


def answer(rows: Sequence[Row]) -> str:
    """What others have at the colorfulness of the original network, and at its psnr; and the smallest gap."""
    kept = read_rows(KEPT)
    theirs = next((row for row in kept if row["sweep"] == ORIGINAL and row["value"] == 1.0), None)
    ours = [row for row in kept if row["sweep"] != ORIGINAL]
    gray = mean_of(rows, "psnr", model="gray")
    if theirs is None or not ours or gray is None:
        return ""
    as_colorful = max((row for row in ours if row["cf"] >= theirs["cf"]), key=lambda row: row["psnr"], default=None)
    not_gaudy = [row for row in ours if row["psnr"] >= theirs["psnr"] and row["cf"] <= row["cf_truth"]]
    as_near = max(not_gaudy, key=lambda row: row["cf"], default=None)
    closest = min(ours, key=lambda row: abs(row["cf"] - row["cf_truth"]))
    parts = [
        f"Its network has {as_text('psnr', theirs['psnr'])} dB at a colorfulness of {as_text('cf', theirs['cf'])}; the "
        f"truth's is {as_text('cf', theirs['cf_truth'])}."
    ]
    if as_colorful:
        parts.append(f"At no less colorfulness, {_told(as_colorful)}.")
    if as_near:
        parts.append(f"At no lower psnr, and no more colorful than the truth, {_told(as_near)}.")
    if closest != as_near:
        parts.append(f"Nearest to the truth's colorfulness: {_told(closest)}.")
    return " ".join(parts) + f" On all test pictures gray has {as_text('psnr', gray)} dB.\n"


def _told(row: Row) -> str:
    return (
        f"`{row['model']}` `{row['target']}` `{row['loss']}` ({row['way']} {row['value']}) has "
        f"{as_text('psnr', row['psnr'])} dB at {as_text('cf', row['cf'])}"
    )


def figures(_: Sequence[Row], __: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """PSNR over colorfulness, a line a network and way."""
    kept = read_rows(KEPT)
    if not kept:
        return {}
    figure = Figure(figsize=(8.5, 5), layout="constrained")
    axes = figure.add_subplot()
    names = dict.fromkeys((row["model"], row["target"], row["loss"]) for row in kept)
    for place, name in enumerate(names):
        for way, style in (("temperature", "o-"), ("saturation", "s:")):
            line = [row for row in kept if (row["model"], row["target"], row["loss"], row["way"]) == (*name, way)]
            if line:
                places = [row["cf"] for row in line], [row["psnr"] for row in line]
                axes.plot(*places, style, color=f"C{place}", markersize=4, label=f"{' '.join(name)}, {LABELS[way]}")
    axes.axvline(kept[0]["cf_truth"], color="gray", linestyle="--", lw=1, label="the truth's colorfulness")
    axes.set(xlabel="colorfulness", ylabel="psnr in dB")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    caption = (
        "What more color costs: a palette's mean at lower temperatures (circles), and chroma times 1 to 3 (squares), "
        f"of the first {PICTURES:,} test pictures. Up and to the right is better."
    )
    return {"colorfulness.png": (figure, caption)}
