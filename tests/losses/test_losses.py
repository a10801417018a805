"""Losses: their formulas, that training makes them small, and which target each fits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from skimage.color import lab2rgb

from huesweep.color.spaces import rgb_to_lab
from huesweep.color.targets.ab import AbTarget
from huesweep.color.targets.base import Target
from huesweep.color.targets.palette import PaletteTarget
from huesweep.color.targets.rgb import RgbTarget
from huesweep.configuration import make, plain
from huesweep.errors import UsageError
from huesweep.losses.base import Loss
from huesweep.losses.cross_entropy import CrossEntropyLoss
from huesweep.losses.focal import FocalLoss
from huesweep.losses.huber import HuberLoss
from huesweep.losses.l1 import L1Loss
from huesweep.losses.mix import MixLoss
from huesweep.losses.mse import MseLoss
from huesweep.losses.perceptual import PerceptualLoss
from huesweep.losses.psnr import PsnrLoss
from huesweep.losses.rebalanced import RebalancedLoss, rebalancing_weights
from huesweep.losses.sum_of_squares import SumOfSquaresLoss
from huesweep.registry import all_kinds
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training.assembly import assemble
from huesweep.training.optimizers import adam, adamw_one_cycle


def make_loss(kind: type[Loss], target: Target) -> Loss:
    """A loss with the options of conf/loss; of the mix, l1 and twice mse."""
    weights = ["loss.weights.l1=1", "loss.weights.mse=2"] if kind is MixLoss else []
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        loss = make(plain(compose("train", [f"loss={kind.name}", *weights]))["loss"], Loss, "loss")
    loss.prepare(target)
    return loss


@pytest.mark.usefixtures("drawn_weights")
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("kind", list(all_kinds(Loss).values()), ids=lambda kind: kind.name)
def test_a_loss_falls_under_training(kind: type[Loss], soft: bool, generator: torch.Generator) -> None:
    is_perceptual = kind.name == "perceptual"
    outputs = torch.rand(2, 3, 5, 5, generator=generator).requires_grad_()
    encoded = torch.rand(2, 3, 5, 5, generator=generator)
    loss = make_loss(kind, PaletteTarget(3) if getattr(kind, "encoding", None) == "classes" else RgbTarget())
    if loss.encoding == "classes":
        encoded = (10 * encoded).softmax(1) if soft else encoded.argmax(1)
    optimizer = torch.optim.Adam([outputs], lr=0.02 if is_perceptual else 0.1)
    first = loss(outputs, encoded).item()
    for _ in range(30 if is_perceptual else 100):
        optimizer.zero_grad()
        loss(outputs, encoded).backward()
        assert outputs.grad is not None
        assert torch.isfinite(outputs.grad).all()
        optimizer.step()
    # A soft truth leaves its own entropy, and random weights judge pictures by little.
    assert (
        loss(outputs, encoded).item() < (0.9 if (soft and loss.encoding == "classes") or is_perceptual else 0.2) * first
    )


@pytest.mark.usefixtures("drawn_weights")
@pytest.mark.parametrize("kind", list(all_kinds(Loss).values()), ids=lambda kind: kind.name)
def test_a_loss_of_extreme_outputs_has_a_finite_gradient(kind: type[Loss]) -> None:
    loss = make_loss(kind, PaletteTarget(3) if getattr(kind, "encoding", None) == "classes" else RgbTarget())
    for extreme in (0.0, 1e4, -1e4):
        outputs = torch.zeros(1, 3, 4, 4)
        outputs[:, 0] = extreme
        outputs.requires_grad_()
        encoded = torch.zeros(1, 3, 4, 4) if loss.encoding == "values" else torch.ones(1, 4, 4, dtype=torch.int64)
        loss(outputs, encoded).backward()
        assert outputs.grad is not None
        assert torch.isfinite(outputs.grad).all()


def test_losses_follow_their_formulas(generator: torch.Generator) -> None:
    predicted, truth = torch.rand(2, 3, 4, 5, generator=generator), torch.rand(2, 3, 4, 5, generator=generator)
    gap = np.abs(predicted.numpy() - truth.numpy())

    def value(kind: type[Loss]) -> float:
        return make_loss(kind, RgbTarget())(predicted, truth).item()

    assert value(L1Loss) == pytest.approx(gap.mean(), rel=1e-5)
    assert value(MseLoss) == pytest.approx((gap**2).mean(), rel=1e-5)
    assert value(SumOfSquaresLoss) == pytest.approx((gap**2).sum() / 2, rel=1e-5)
    huber = np.where(gap <= 0.1, gap**2 / 2, 0.1 * (gap - 0.05))
    assert value(HuberLoss) == pytest.approx(huber.mean(), rel=1e-5)
    assert value(MixLoss) == pytest.approx(gap.mean() + 2 * (gap**2).mean(), rel=1e-5)


@pytest.mark.parametrize(("summed", "pictures"), [(False, 1), (True, 5)])
def test_the_sum_of_squares_tells_a_mean_and_steps_by_a_sum(
    generator: torch.Generator, summed: bool, pictures: int
) -> None:
    outputs = torch.rand(5, 3, 2, 2, generator=generator).requires_grad_()
    truth = torch.rand(5, 3, 2, 2, generator=generator)
    value = SumOfSquaresLoss(scale=255.0, summed=summed)(outputs, truth)
    gap = 255 * (outputs - truth).detach().numpy()
    assert value.item() == pytest.approx((gap**2).sum() / 5, rel=1e-5)
    (gradient,) = torch.autograd.grad(value, outputs)
    assert gradient.numpy() == pytest.approx(2 * gap * 255 * pictures / 5, rel=1e-5)


def test_losses_of_classes_follow_their_formulas(generator: torch.Generator) -> None:
    outputs, truth = torch.randn(2, 4, 3, 3, generator=generator), torch.randint(0, 4, (2, 3, 3), generator=generator)
    p = np.exp(outputs.numpy()) / np.exp(outputs.numpy()).sum(1, keepdims=True)
    of_true = np.take_along_axis(p, truth.numpy()[:, None], 1)
    assert CrossEntropyLoss(0.0)(outputs, truth).item() == pytest.approx(-np.log(of_true).mean(), rel=1e-5)
    assert FocalLoss(2.0)(outputs, truth).item() == pytest.approx(
        (-((1 - of_true) ** 2) * np.log(of_true)).mean(), rel=1e-5
    )
    smoothed = -0.9 * np.log(of_true).mean() - 0.1 * np.log(p).mean()
    assert CrossEntropyLoss(0.1)(outputs, truth).item() == pytest.approx(smoothed, rel=1e-5)


def test_hard_and_soft_truths_of_one_color_cost_the_same(generator: torch.Generator) -> None:
    outputs, truth = torch.randn(2, 4, 3, 3, generator=generator), torch.randint(0, 4, (2, 3, 3), generator=generator)
    soft = torch.nn.functional.one_hot(truth, 4).movedim(-1, 1).float()
    rebalanced = make_loss(RebalancedLoss, PaletteTarget(4))
    for loss in (CrossEntropyLoss(0.1), FocalLoss(2.0), FocalLoss(0.5), rebalanced):
        assert loss(outputs, soft).item() == pytest.approx(loss(outputs, truth).item(), rel=1e-5)


def test_focal_loss_without_focus_is_cross_entropy(generator: torch.Generator) -> None:
    outputs, truth = torch.randn(2, 4, 3, 3, generator=generator), torch.randint(0, 4, (2, 3, 3), generator=generator)
    assert FocalLoss(0.0)(outputs, truth).item() == pytest.approx(
        CrossEntropyLoss(0.0)(outputs, truth).item(), rel=1e-5
    )


@pytest.mark.parametrize("target", [AbTarget(), RgbTarget()])
def test_saturation_draws_regression_towards_colors(target: Target) -> None:
    # Of two pictures that look alike in gray, one is gray and one red: the best single answer moves towards the red.
    rgb = torch.stack([torch.full((3, 2, 2), 0.45), torch.tensor([0.8, 0.3, 0.25]).view(3, 1, 1).expand(3, 2, 2)])
    encoded = target.encode(rgb)
    answers = []
    for saturation in (0.0, 4.0):
        loss = MseLoss(saturation)
        loss.prepare(target)
        answer = torch.zeros_like(encoded[:1]).requires_grad_()
        optimizer = torch.optim.Adam([answer], lr=0.02)
        for _ in range(400):
            optimizer.zero_grad()
            loss(answer.expand_as(encoded), encoded).backward()
            optimizer.step()
        answers.append(answer.detach())
    chroma = target.chroma(encoded).amax((1, 2, 3))
    weights = 1 + 4 * chroma
    torch.testing.assert_close(answers[0], encoded.mean(0, keepdim=True), atol=2e-3, rtol=0)
    weighted = (encoded * weights.view(-1, 1, 1, 1)).sum(0, keepdim=True) / weights.sum()
    torch.testing.assert_close(answers[1], weighted, atol=2e-3, rtol=0)
    assert target.chroma(answers[1]).mean() > 1.2 * target.chroma(answers[0]).mean()


@pytest.mark.parametrize(("plain", "shrink"), [(0.0, 1), (0.5, 1), (1.0, 1), (0.0, 2)])
def test_the_psnr_loss_counts_decibels(plain: float, shrink: int, generator: torch.Generator) -> None:
    target = AbTarget()
    loss = PsnrLoss(floor=1e-4, plain=plain, shrink=shrink)
    loss.prepare(target)
    lightness = 30 + 40 * torch.rand(3, 1, 8, 8, generator=generator)
    outputs, encoded = (0.15 * torch.randn(3, 2, 8, 8, generator=generator) for _ in range(2))

    def small(values: torch.Tensor) -> torch.Tensor:
        return values.unflatten(3, (-1, shrink)).unflatten(2, (-1, shrink)).mean(dim=(3, 5))

    def decoded(ab: torch.Tensor) -> np.ndarray:
        lab = small(torch.cat([lightness, 110 * ab], dim=1))
        return lab2rgb(lab.movedim(1, -1).double().numpy())  # skimage's, an independent one

    mse = ((decoded(outputs) - decoded(encoded)) ** 2).mean(axis=(1, 2, 3))
    mse += 0.01 * (small(outputs) - small(encoded)).square().mean(dim=(1, 2, 3)).numpy()
    expected = plain * mse / 0.008 + (1 - plain) * np.log(1 + mse / 1e-4)
    assert loss(outputs, encoded, lightness).item() == pytest.approx(expected.mean(), rel=2e-3)
    assert loss(encoded, encoded, lightness).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.usefixtures("drawn_weights")
def test_the_perceptual_loss_sees_pictures_and_is_no_part_of_a_checkpoint(generator: torch.Generator) -> None:
    rgb = torch.rand(2, 3, 16, 16, generator=generator)
    for target, lightness in ((RgbTarget(), None), (AbTarget(), rgb_to_lab(rgb)[:, :1])):
        loss = make_loss(PerceptualLoss, target)
        encoded = target.encode(rgb)
        assert loss(encoded, encoded, lightness).item() == pytest.approx(0, abs=1e-6)
        other = target.encode(rgb.flip(1))
        assert loss(other, encoded, lightness).item() > 1e-4
        assert loss.state_dict() == {}
        assert list(loss.parameters()) == []


def test_weights_that_can_not_be_downloaded_are_no_riddle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr("urllib.request._opener", None)  # which would remember the proxies
    with pytest.raises(UsageError, match=r"loss=perceptual .*AlexNet"):
        make_loss(PerceptualLoss, RgbTarget())


def test_rebalancing_weights_follow_their_formula() -> None:
    frequencies = torch.tensor([0.7, 0.2, 0.1, 0.0])
    raw = [1 / (0.5 * p + 0.5 / 4) for p in (0.7, 0.2, 0.1, 0.0)]
    mean = 0.7 * raw[0] + 0.2 * raw[1] + 0.1 * raw[2]
    found = rebalancing_weights(frequencies, 0.5)
    assert found.tolist() == pytest.approx([weight / mean for weight in raw])
    assert (found * frequencies).sum().item() == pytest.approx(1)


def test_rebalancing_by_the_uniform_distribution_alone_is_plain_cross_entropy(generator: torch.Generator) -> None:
    outputs, truth = torch.randn(2, 3, 4, 4, generator=generator), torch.randint(0, 3, (2, 4, 4), generator=generator)
    target = PaletteTarget(3)
    target.frequencies.copy_(torch.tensor([0.8, 0.1, 0.1]))
    loss = RebalancedLoss(uniform=1.0)
    loss.prepare(target)
    expected = torch.nn.functional.cross_entropy(outputs, truth)
    assert loss(outputs, truth).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("uniform", [0, -1, 1.5])
def test_a_share_outside_its_range_is_refused(uniform: float) -> None:
    with pytest.raises(ValueError, match=f"input_value={uniform}"):
        RebalancedLoss(uniform)


@pytest.mark.parametrize(
    ("overrides", "fitting"),
    [
        (["target=ab"], "huber, l1, mix, mse, perceptual, psnr, sum_of_squares"),
        (["target=rgb", "loss=rebalanced"], "huber, l1, mix, mse, perceptual, psnr, sum_of_squares"),
        (["target=palette", "loss=mse"], "cross_entropy, focal, mix, rebalanced"),
        (["target=palette", "loss=mix", "loss.weights.l1=1"], "cross_entropy, focal, mix, rebalanced"),
    ],
)
def test_a_loss_that_does_not_fit_is_refused_with_those_that_do(
    configure: Callable[..., dict[str, Any]], overrides: list[str], fitting: str
) -> None:
    with pytest.raises(UsageError, match=rf"^loss=.* target=.*: {fitting}$"):
        assemble(configure(*overrides, small=False))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["loss=mix"], r"loss=mix.*loss\.weights\.l1=1"),
        (
            ["loss=mix", "loss.weights.l1=1", "loss.weights.focal=1"],
            "loss=mix.*(l1 and focal|focal and l1)",
        ),
        (["loss=mix", "loss.weights.l1=-1"], r"loss\.weights\.l1=-1"),
        (["loss=mix", "loss.weights.l1=1", "loss.parts.l1.saturation=-1"], r"loss\.parts\.l1\.saturation=-1"),
        (["loss.smoothing=1"], r"loss\.smoothing=1"),
        (["loss=focal", "loss.gamma=-1"], r"loss\.gamma=-1"),
        (["target=ab", "loss=huber", "loss.delta=0"], r"loss\.delta=0"),
        (["target=ab", "loss=perceptual", "loss.network=resnet"], r"loss\.network=resnet.*alex.*vgg.*squeeze"),
    ],
)
def test_a_loss_that_can_not_be_is_refused(
    configure: Callable[..., dict[str, Any]], overrides: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        assemble(configure(*overrides, small=False))


def test_a_mix_offers_every_loss(configure: Callable[..., dict[str, Any]]) -> None:
    mix = configure("loss=mix", small=False)["loss"]
    names = set(all_kinds(Loss)) - {"mix"}
    assert set(mix["weights"]) == names
    assert set(mix["parts"]) == names


def test_one_cycle_rises_to_its_rate_and_falls_to_nearly_nothing() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer, schedule, _ = adamw_one_cycle([weight], 100, lr=0.01, weight_decay=0.01, warmup=0.3)
    assert schedule is not None
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if len(rates) < 100 else None
    assert max(rates) == pytest.approx(0.01)
    assert 25 <= rates.index(max(rates)) <= 31
    assert rates[-1] < 1e-5


@pytest.mark.parametrize("lr", [0, -1, float("nan")])
def test_a_rate_that_is_not_positive_is_refused(lr: float) -> None:
    with pytest.raises(ValueError, match=f"input_value={lr}"):
        adam([torch.nn.Parameter(torch.zeros(1))], 10, lr)


def test_the_focal_loss_is_computed_in_full_precision(generator: torch.Generator) -> None:
    rounded = torch.randn(2, 5, 4, 4, generator=generator).bfloat16()
    encoded = torch.randint(5, (2, 4, 4), generator=generator)
    found = FocalLoss(gamma=2.0)(rounded, encoded)
    assert found.dtype == torch.float32
    assert torch.equal(found, FocalLoss(gamma=2.0)(rounded.float(), encoded))


@pytest.mark.parametrize("loss", [HuberLoss(delta=1.0, saturation=0.5), PsnrLoss(1e-3, 0.5, 1), PerceptualLoss("alex")])
def test_a_loss_that_knows_no_target_says_so(loss: Loss) -> None:
    values = torch.zeros(1, 2, 4, 4)
    with pytest.raises(RuntimeError, match=rf"loss {loss.name}: prepare\(target\) comes before the first use"):
        loss(values, values)
