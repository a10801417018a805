"""Metrics against scikit-image, SciPy, torchmetrics and formulas worked by hand."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from skimage.color import lab2rgb, rgb2lab
from skimage.data import rocket
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from torchmetrics.functional.classification import multiclass_accuracy

from huesweep.color.colorfulness import colorfulness
from huesweep.color.grayscale import Formula, to_gray
from huesweep.metrics.catalog import CATALOG
from huesweep.metrics.fidelity import beats_gray, psnr_per_picture, ssim_per_picture
from huesweep.metrics.palette_scores import PaletteScores
from huesweep.metrics.scores import Scores


@pytest.fixture
def truth(generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 256, (6, 3, 20, 24), generator=generator, dtype=torch.uint8)


@pytest.fixture
def predicted(truth: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noise = torch.randint(-40, 41, truth.shape, generator=generator)
    return (truth.int() + noise).clamp(0, 255).to(torch.uint8)


@pytest.fixture
def scores(predicted: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    metrics = Scores(has_palette=False)
    for part in (slice(0, 4), slice(4, 6)):  # in uneven batches, which must not matter
        metrics.update(predicted[part], truth[part])
    return metrics.compute()


def images(batch: torch.Tensor) -> np.ndarray:
    return batch.movedim(1, -1).numpy()


def test_psnr_agrees_with_scikit_image(scores: dict[str, float], predicted: torch.Tensor, truth: torch.Tensor) -> None:
    pairs = list(zip(images(truth), images(predicted), strict=True))
    each = [peak_signal_noise_ratio(t, p, data_range=255) for t, p in pairs]
    assert scores["psnr"] == pytest.approx(np.mean(each), abs=1e-6)
    pooled = peak_signal_noise_ratio(images(truth), images(predicted), data_range=255)
    assert scores["psnr_pooled"] == pytest.approx(pooled, abs=1e-4)


def test_psnr_of_a_perfect_picture_is_that_of_one_level_in_one_value() -> None:
    picture = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    assert psnr_per_picture(picture, picture).item() == pytest.approx(10 * np.log10(255**2 * 3072))


def test_ssim_agrees_with_scikit_image(scores: dict[str, float], predicted: torch.Tensor, truth: torch.Tensor) -> None:
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    pairs = zip(images(truth), images(predicted), strict=True)
    expected = np.mean([structural_similarity(t, p, channel_axis=-1, **options) for t, p in pairs])
    assert scores["ssim"] == pytest.approx(expected, abs=1e-6)


def test_ssim_of_flat_pictures_keeps_its_digits() -> None:
    # Variances are differences of large squares there: in 32 bits, counted from 0, five digits are left.
    sky = rocket()[:32, :64].reshape(32, 2, 32, 3).swapaxes(0, 1)
    gray = np.broadcast_to(sky.mean(-1, keepdims=True).round().astype(np.uint8), sky.shape)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    expected = [
        structural_similarity(t.astype(np.float64), p.astype(np.float64), channel_axis=-1, **options)
        for t, p in zip(sky, gray, strict=True)
    ]
    found = ssim_per_picture(*(torch.tensor(pictures).movedim(-1, 1) for pictures in (gray, sky)))
    assert found.tolist() == pytest.approx(expected, abs=1e-5)


def test_ssim_of_pictures_smaller_than_its_window_is_no_number() -> None:
    metrics = Scores(has_palette=False)
    tiny = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    metrics.update(tiny, tiny)
    assert np.isnan(metrics.compute()["ssim"])


def test_colorfulness_follows_its_formula(truth: torch.Tensor) -> None:
    for picture, found in zip(images(truth).astype(np.float64), colorfulness(truth).tolist(), strict=True):
        red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
        rg, yb = red - green, 0.5 * (red + green) - blue
        expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
        assert found == pytest.approx(expected, rel=1e-5)


def test_colorfulness_is_signed() -> None:
    # Half red, half green: the opponent channel averages out, where absolute values would not.
    picture = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
    picture[0, 0, 0], picture[0, 1, 1] = 100, 100
    assert colorfulness(picture).item() == pytest.approx(100 + 0.3 * 50)


def test_the_colorfulness_gap_compares_the_means(
    scores: dict[str, float], predicted: torch.Tensor, truth: torch.Tensor
) -> None:
    expected = abs(colorfulness(predicted).mean() - colorfulness(truth).mean()).item()
    assert scores["cf_gap"] == pytest.approx(expected, rel=1e-4)
    gap = CATALOG["cf_gap"]
    assert (gap.about, gap.of) == ("how far the mean colorfulness is from the truth's mean", "all pictures")


def test_auc_counts_the_pixels_within_each_distance(
    scores: dict[str, float], predicted: torch.Tensor, truth: torch.Tensor
) -> None:
    ab_predicted, ab_truth = (rgb2lab(images(batch))[..., 1:].reshape(-1, 2) for batch in (predicted, truth))
    distance = np.linalg.norm(ab_predicted - ab_truth, axis=1)
    thresholds = np.arange(151)
    shares = np.array([(distance <= t).mean() for t in thresholds])
    assert scores["auc"] == pytest.approx(np.trapezoid(shares) / 150, abs=1e-4)
    cells = np.clip(np.round(ab_truth / 10), -11, 11)
    _, cell, count = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    weights = 1 / count[cell.ravel()]
    balanced = np.array([weights[distance <= t].sum() for t in thresholds]) / weights.sum()
    assert scores["auc_balanced"] == pytest.approx(np.trapezoid(balanced) / 150, abs=1e-4)


def test_hue_distance_agrees_with_scipy(scores: dict[str, float], predicted: torch.Tensor, truth: torch.Tensor) -> None:
    edges = np.arange(-115, 116, 10)
    histograms = [
        np.histogramdd(rgb2lab(images(batch))[..., 1:].reshape(-1, 2), bins=(edges, edges))[0].ravel()
        for batch in (predicted, truth)
    ]
    assert scores["hue_distance"] == pytest.approx(jensenshannon(*histograms, base=2), abs=1e-3)


def test_grays_fall_into_one_bin_of_color() -> None:
    levels = torch.arange(256, dtype=torch.uint8).expand(3, 256)[None, :, None, :]
    metrics = Scores(has_palette=False)
    metrics.update(levels, levels.flip(-1))
    assert metrics.compute()["hue_distance"] == 0


def test_the_truth_scores_perfectly(truth: torch.Tensor) -> None:
    metrics = Scores(has_palette=False)
    metrics.update(truth, truth)
    scores = metrics.compute()
    assert scores["ssim"] == pytest.approx(1, abs=1e-6)
    assert (scores["auc"], scores["auc_balanced"], scores["hue_distance"], scores["cf_gap"]) == (1, 1, 0, 0)


def test_computing_forgets_the_pictures(predicted: torch.Tensor, truth: torch.Tensor) -> None:
    metrics = Scores(has_palette=False)
    metrics.update(predicted, truth)
    first = metrics.compute()
    metrics.update(predicted, truth)
    assert metrics.compute() == first


def test_scores_that_were_moved_are_as_precise(predicted: torch.Tensor, truth: torch.Tensor) -> None:
    found = []
    for metrics in (Scores(has_palette=False), Scores(has_palette=False).to("cpu")):
        metrics.update(predicted, truth)
        found.append(metrics.compute())
    assert found[0] == found[1]
    assert found[1]["psnr"] == psnr_per_picture(predicted, truth).mean().item()


@pytest.mark.parametrize("colors", [9, 313])
def test_class_scores_agree_with_torchmetrics(colors: int, generator: torch.Generator) -> None:
    logits = torch.randn(3, colors, 5, 7, generator=generator)
    logits[:, : colors // 20] -= 20  # more than 255 others can be likelier than the true color
    logits = logits.to(memory_format=torch.channels_last)
    truth = torch.randint(0, colors, (3, 5, 7), generator=generator)
    metric = PaletteScores()
    metric.update(logits, truth)
    found = metric.compute()
    for name, k in (("top1", 1), ("top5", 5)):
        expected = multiclass_accuracy(logits, truth, num_classes=colors, average="micro", top_k=k)
        assert found[name].item() == pytest.approx(expected.item())
    log_shares = logits.log_softmax(1).gather(1, truth[:, None])
    assert found["cross_entropy"].item() == pytest.approx(-log_shares.mean().item(), rel=1e-5)


def test_equal_logits_count_for_the_first_color_alone() -> None:
    for colors in (8, 256, 300):
        metric = PaletteScores()
        metric.update(torch.zeros(1, colors, 1, colors), torch.arange(colors).view(1, 1, colors))
        found = metric.compute()
        assert (found["top1"].item(), found["top5"].item()) == (1 / colors, 5 / colors)


def test_regression_has_no_class_scores(predicted: torch.Tensor, truth: torch.Tensor) -> None:
    metrics = Scores(has_palette=False)
    metrics.update(predicted, truth, torch.zeros(1), torch.zeros(1))
    assert "top1" not in metrics.compute()


def test_pictures_beat_gray_where_no_gray_one_comes_as_near(generator: torch.Generator) -> None:
    truth = torch.randint(60, 200, (6, 3, 9, 9), generator=generator, dtype=torch.uint8)
    lab = rgb2lab(truth.movedim(1, -1).numpy())
    for share, expected in ((0.7, 1.0), (-0.5, 0.0), (2.5, 0.0)):
        shown = np.concatenate([lab[..., :1], share * lab[..., 1:]], axis=-1)
        predicted = torch.from_numpy((lab2rgb(shown) * 255).round().clip(0, 255).astype(np.uint8)).movedim(-1, 1)
        assert beats_gray(predicted, truth).tolist() == [expected] * 6
    mixed = torch.cat([truth[:3], 255 - truth[3:]])
    scores = Scores(has_palette=False)
    scores.update(mixed, truth)
    assert scores.compute()["beats_gray"] == 0.5


@pytest.mark.parametrize("formula", ["mean", "luma601", "luma709", "lab"])
def test_no_gray_picture_beats_gray(formula: Formula, generator: torch.Generator) -> None:
    truth = torch.randint(0, 256, (40, 3, 9, 9), generator=generator, dtype=torch.uint8)
    gray = (to_gray(truth / 255, formula) * 255).round().to(torch.uint8).expand(-1, 3, -1, -1)
    assert beats_gray(gray, truth).sum() == 0
    assert beats_gray(gray, gray).sum() == 0  # nothing to gain
