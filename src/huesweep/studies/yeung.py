"""Figures of the study of Yeung's networks (cnn-image-colorization, 2019)."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of, read_rows
from huesweep.sweeps.results import Result

ORIGINALS = {"yeung_cnn": "CNN", "yeung_unet": "U-Net"}
CELLS = [("[horse]", 16), ("[horse]", 32), ("[cat]", 16), ("[cat]", 32)]
NAMES = {"[horse]": "horses", "[cat]": "cats"}
OURS = "unet_attention-010.png"  # the grid of ours, after ten epochs
SHOWN = (1, 100, 200)  # epochs of which the original shows grids
PUBLISHED = Path("experiments/yeung/published_curves.csv")  # test cross-entropy after chosen epochs


def answer(rows: Sequence[Row]) -> str:
    """How near the repeated networks come to the published ones, and what ours has of their cross-entropy."""
    near, ours = [], []
    for classes, colors in CELLS:
        cell = [row for row in rows if row.get("classes") == classes and row.get("target") == f"palette{colors}"]
        published = {row["model"]: row["cross_entropy"] for row in cell if "note" in row}
        repeated = {name: mean_of(cell, "cross_entropy", model=name, sweep="yeung") for name in ORIGINALS}
        near += [
            found / published[name] - 1 for name, found in repeated.items() if found is not None and name in published
        ]
        best = mean_of(cell, "cross_entropy", sweep="yeung_ours")
        if best is not None and "yeung_unet" in published:
            ours.append(best / published["yeung_unet"])
    parts = []
    if near:
        count = "All eight" if len(near) == 2 * len(CELLS) else len(near)
        parts.append(
            f"{count} of his networks, trained again by his recipe, end between {min(near):+.1%} and "
            f"{max(near):+.1%} of the cross-entropy of his own checkpoints."
        )
    if ours:
        parts.append(
            f"In ten epochs instead of 200, `unet_attention` has {min(ours):.2f} to {max(ours):.2f} of the "
            "cross-entropy of his U-Net on the same pictures and palette."
        )
    return f"{' '.join(parts)}\n" if parts else ""


def figures(_: Sequence[Row], curves: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """Test cross-entropy over the epochs beside the published one, a panel a class and palette."""
    published = read_rows(PUBLISHED)
    figure = Figure(figsize=(10, 6.4), layout="constrained")
    for place, (classes, colors) in enumerate(CELLS, start=1):
        axes = figure.add_subplot(2, 2, place)
        axes.set(title=f"{NAMES[classes]}, {colors} colors", xlabel="epoch", ylabel="test cross-entropy")
        for shade, (model, label) in zip(("tab:orange", "tab:blue"), ORIGINALS.items(), strict=True):
            ours = _curve(curves, classes, colors, model=model, sweep="yeung")
            axes.plot(*ours, color=shade, label=f"{label}, repeated") if ours[0] else None
            points = [
                row for row in published if (row["classes"], row["colors"], row["model"]) == (classes, colors, model)
            ]
            epochs, losses = [row["epoch"] for row in points], [row["cross_entropy"] for row in points]
            axes.plot(epochs, losses, "o", color=shade, fillstyle="none", label=f"{label}, published")
        best = _curve(curves, classes, colors, model="unet_attention", sweep="yeung_ours")
        axes.plot(*best, color="tab:green", label="unet_attention") if best[0] else None
        axes.set(ylim=(0, None), xlim=(0, 205))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    ours_too = ", and ours in ten epochs" if any(row.get("sweep") == "yeung_ours" for row in curves) else ""
    caption = f"Test cross-entropy over the epochs: repeated (lines) and published (circles){ours_too}."
    return {"curves.png": (figure, caption)}


def _curve(curves: Sequence[Row], classes: str, colors: int, **about: str) -> tuple[list[int], list[float]]:
    wanted = {"classes": classes, "target": f"palette{colors}", **about}
    rows = [row for row in curves if all(row.get(name) == value for name, value in wanted.items())]
    return [row["epoch"] for row in rows], [row["test/loss"] for row in rows]


def further(folder: Path) -> str:
    """The grids that are kept, a row a network, and that of ours."""
    parts = []
    for model, label in ORIGINALS.items():
        names = [f"{model}-{epoch:03d}.png" for epoch in SHOWN]
        if all((folder / name).exists() for name in names):
            epochs = ", ".join(map(str, SHOWN))
            shown = "gray, predicted, palette truth, original"
            parts.append(f"His {label} on horses, 16 colors, after epochs {epochs}: {shown}.\n")
            parts.append("\n".join(f"![{label}, epoch {name[-7:-4].lstrip('0')}]({name})" for name in names) + "\n")
    if (folder / OURS).exists():
        parts.append(f"`unet_attention` on the same pictures after ten epochs.\n\n![ours, epoch 10]({OURS})\n")
    return "\n".join(parts)


def pictures(results: Sequence[Result]) -> dict[str, Path]:
    """Grids of horses and 16 colors after the epochs that the original shows, by the name to keep them under."""
    chosen = {}
    for result in results:
        data = result["config"].get("data", {})
        if data.get("classes") == ["horse"] and result["target"] == "palette16":
            of_trial = Path(result["folder"]) / "pictures"
            for epoch in SHOWN if result["model"] in ORIGINALS else (10,):
                chosen[f"{result['model']}-{epoch:03d}.png"] = of_trial / f"epoch-{epoch:04d}.png"
    return chosen
