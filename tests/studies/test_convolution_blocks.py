"""What the study of building blocks says of its networks: differences worked by hand, costs of real networks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.studies import convolution_blocks as study

BASE = "unet_s-widths_16_32_64-upsample"


def trial(model: str, psnr: float, seed: int) -> dict[str, Any]:
    return {"data": "cifar10", "model": model, "target": "ab", "loss": "mse", "seed": seed, "psnr": psnr}


def test_each_variant_is_told_by_its_difference_from_the_base() -> None:
    other = "unet_s-widths_16_32_64-dilation_2-upsample"
    rows = [trial(BASE, 24.9, 0), trial(BASE, 25.1, 1), trial(other, 25.4, 0), trial(other, 25.6, 1)]
    # Deviations are 0.1414 both: the standard error is sqrt(2 · 0.02 / 2).
    assert "psnr of 25.00: `dilation_2` +0.50 ± 0.14 dB" in study.answer(rows)
    assert study.answer(rows[:2]) == ""
    assert "psnr of 24.90: `dilation_2` +0.50 dB.\n" in study.answer([rows[0], rows[2]])  # one seed has no deviation


def test_costs_are_of_the_networks_that_were_trained(configure: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    preset = ("+experiment=convolution_blocks", "model.encoder.kernel=1")
    config = configure(*preset, small=False)
    assert study.further(tmp_path) == ""
    study.gather([{"model": "small", "config": config}], tmp_path)
    # Kernels of 1 in the encoder alone: 1·16+16·16, 16·32+32·32 and 32·64+64·64 weights of it, by hand; the decoder's
    # kernels of 3 see the rest.
    lines = study.further(tmp_path).splitlines()
    assert lines[2] == "| model | parameters | multiply-adds | receptive field, pixels |"
    assert lines[4].startswith("| small | 31,570 | 10,534,912 | 12 |")


@pytest.mark.parametrize("name", ["dilation_2", "kernel_5"])
def test_a_variants_short_name_is_what_the_bases_lacks(name: str) -> None:
    assert study._short(f"unet_s-widths_16_32_64-{name}-upsample", BASE) == name
