"""What the study of pretexts answers, of fabricated trials."""

from itertools import product
from typing import Any

from huesweep.studies import pretext_transfer as study

ACCURACY = {"ab": 0.5, "palette": 0.6, "none": 0.4}


def trial(pretext: str, mode: str, labels: float, seed: int) -> dict[str, Any]:
    way = study.WITHOUT[mode] if pretext == "none" else mode
    accuracy = ACCURACY[pretext] + 0.1 * labels + 0.01 * (seed - 0.5)
    return {"data": "cifar10", "pretext": pretext, "mode": way, "labels": labels, "seed": seed, "accuracy": accuracy}


ROWS = [trial(*values) for values in product(ACCURACY, ("linear", "finetune"), (0.01, 1.0), (0, 1))]


def test_the_best_pretext_is_told_with_what_it_gains() -> None:
    told = study.answer([*ROWS, {"data": "cifar10", "model": "majority", "accuracy": 0.1}])
    assert (
        "CIFAR-10, frozen, with 100% of the labels: `palette` leads with 0.7000, +20.0 points from no pretext" in told
    )
    assert "CIFAR-10, trained further, with 1% of the labels: `palette` leads with 0.6010, +20.0 points" in told
    assert "CIFAR-100" not in told
    assert "psnr of its colors" not in told


def test_features_stand_beside_the_colors_of_the_same_pretext() -> None:
    colorizers = [
        {"data": "cifar10", "sweep": "pretext", "task": "colorize", "target": target, "loss": loss, "psnr": psnr}
        for target, loss, psnr in (("ab", "mse", 25.4), ("palette32ab", "cross_entropy", 25.2))
    ]
    told = study.answer([*ROWS, *colorizers])
    assert "psnr of its colors: `palette` 0.7000 and 25.20, `ab` 0.6000 and 25.40." in told


def test_what_an_encoder_gives_a_colorizer_stands_beside_random_weights() -> None:
    about = {"data": "cifar10", "sweep": "pretext_start", "task": "colorize"}
    started = [
        {**about, "pretext": name, "seed": seed, "psnr": psnr + seed / 10, "auc_balanced": 0.6}
        for name, psnr in (("none", 24.0), ("ab", 24.5))
        for seed in (0, 1)
    ]
    told = study.answer([*ROWS, *started])
    assert "psnr and auc_balanced by what their encoder starts from: `ab` 24.55 and 0.600, `none` 24.05 and" in told
    assert "starts from" not in study.answer([*ROWS, *started[2:]])


def test_a_panel_a_mode_has_a_line_a_pretext() -> None:
    ((figure, caption),) = study.figures(ROWS, []).values()
    assert "dashed" in caption
    assert [len(axes.lines) for axes in figure.axes] == [3, 3]
    assert study.figures([], []) == {}
    assert study.answer([]) == ""
