"""Sampling: each pixel is drawn with its probability, neighbors draw alike, and a seed repeats it."""

import pytest
import torch

from huesweep.color.sampling import coherent_gumbel
from huesweep.color.targets.palette import PaletteTarget


@pytest.mark.parametrize("coherence", [0.0, 3.0])
def test_noise_has_gumbels_distribution(coherence: float, generator: torch.Generator) -> None:
    noise = coherent_gumbel((2000, 1, 8, 8), generator, coherence)
    assert torch.isfinite(noise).all()
    # Its mean is Euler's constant, its variance pi^2 / 6, and exp(-exp(-x)) of it lies below x.
    assert noise.mean().item() == pytest.approx(0.5772, abs=0.05)
    assert noise.var().item() == pytest.approx(torch.pi**2 / 6, rel=0.05)
    for x in (-1.0, 0.0, 2.0):
        expected = torch.tensor(-x).exp().neg().exp().item()
        assert (noise <= x).float().mean().item() == pytest.approx(expected, abs=0.02)


def test_each_pixel_takes_each_color_with_its_probability() -> None:
    target = PaletteTarget(3, decoding="argmax")
    target.centers.copy_(torch.eye(3))
    probabilities = torch.tensor([0.6, 0.3, 0.1])
    outputs = probabilities.log().view(1, 3, 1, 1).expand(1, 3, 6, 6)
    samples = target.sample(outputs, None, count=3000, seed=0, coherence=4.0)
    assert samples.shape == (3000, 1, 3, 6, 6)
    torch.testing.assert_close(samples.mean(0)[0].mean((1, 2)), probabilities, atol=0.03, rtol=0)
    torch.testing.assert_close(samples[:, 0, :, 3, 3].mean(0), probabilities, atol=0.03, rtol=0)


def test_neighbors_draw_alike() -> None:
    target = PaletteTarget(3, decoding="argmax")
    target.centers.copy_(torch.eye(3))
    outputs = torch.zeros(1, 3, 32, 32)

    def changes(coherence: float) -> float:
        drawn = target.sample(outputs, None, count=20, seed=0, coherence=coherence).argmax(2)
        return (drawn[..., 1:] != drawn[..., :-1]).float().mean().item()

    assert changes(0.0) == pytest.approx(2 / 3, abs=0.02)  # of three colors, drawn by themselves
    assert changes(8.0) < 0.1


def test_a_seed_repeats_and_samples_differ(generator: torch.Generator) -> None:
    target = PaletteTarget(4, decoding="annealed")
    target.centers.copy_(torch.rand(4, 3, generator=generator))
    outputs = torch.randn(2, 4, 8, 8, generator=generator)
    first = target.sample(outputs, None, count=3, seed=7)
    assert torch.equal(first, target.sample(outputs, None, count=3, seed=7))
    assert not torch.equal(first, target.sample(outputs, None, count=3, seed=8))
    assert not torch.equal(first[0], first[1])
    assert first.min() >= 0
    assert first.max() <= 1


def test_a_sure_network_gives_the_same_picture_every_time() -> None:
    target = PaletteTarget(2)
    target.centers.copy_(torch.tensor([[1.0, 0, 0], [0, 0, 1.0]]))
    outputs = torch.tensor([50.0, -50.0]).view(1, 2, 1, 1).expand(1, 2, 5, 5)
    samples = target.sample(outputs, None, count=5, seed=0)
    torch.testing.assert_close(samples, samples[:1].expand_as(samples))


def test_a_negative_distance_is_refused(generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match=r"(?s)greater than or equal to 0.*-1\.0"):
        coherent_gumbel((1, 1, 2, 2), generator, -1.0)
