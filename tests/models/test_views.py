"""Outputs averaged over views of an input: mirrored, at other sizes, in use alone."""

from typing import Any

import pytest
import torch
from torch.nn.functional import interpolate
from torchvision.transforms.functional import resize

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import Encoded
from huesweep.models.views import enlarged, pixels_seen
from tests.models.composed import model_description
from tests.models.test_network import COARSE, network

MIRRORED = "{scale: 1.0, mirrored: true}"
LARGE, SMALL = "{scale: 2.0, mirrored: false}", "{scale: 0.5, mirrored: false}"


def viewed(*views: str) -> Any:
    return network(*COARSE, f"model.views=[{','.join(views)}]")


def test_outputs_are_the_mean_of_those_of_each_view() -> None:
    plain, x = network(*COARSE), torch.rand(2, 1, 32, 64)
    with torch.no_grad():
        mirrored = plain(x.flip(-1)).flip(-1)
        large = resize(plain(interpolate(x, (64, 128), mode="bicubic")), [32, 64], antialias=True)  # bilinear
        torch.testing.assert_close(viewed(MIRRORED)(x), mirrored)
        torch.testing.assert_close(viewed(LARGE)(x), large, rtol=1e-4, atol=1e-5)
        both = viewed("{scale: 1.0, mirrored: false}", MIRRORED, LARGE)(x)
        torch.testing.assert_close(both, (plain(x) + mirrored + large) / 3, rtol=1e-4, atol=1e-5)
        even = torch.full((1, 1, 64, 64), 0.3)
        torch.testing.assert_close(viewed(SMALL)(even).mean(), plain(even[..., ::2, ::2]).mean(), rtol=0.05, atol=0.01)


def test_small_inputs_are_scaled_after_they_were_enlarged() -> None:
    x = torch.rand(1, 1, 32, 48)
    half = network(*COARSE, "model.smallest=64", f"model.views=[{SMALL}]")
    with torch.no_grad():
        torch.testing.assert_close(half(x), network(*COARSE)(x))  # twice as large, then half


def test_thin_inputs_are_not_enlarged_beyond_measure() -> None:
    assert enlarged(torch.rand(1, 1, 64, 256), 192).shape[-2:] == (192, 768)
    assert enlarged(torch.rand(1, 1, 1, 256), 192).shape[-2:] == (3, 768)
    assert enlarged(torch.rand(1, 1, 4000, 1), 192).shape[-2:] == (4000, 1)
    assert pixels_seen(64, 256, 192, [], 32) == 192 * 768
    assert pixels_seen(64, 64, 1, [{"scale": 0.5, "mirrored": False}, {"scale": 1.5, "mirrored": True}], 32) == 96 * 96


@pytest.mark.parametrize("views", [(), (MIRRORED,), (SMALL, LARGE), (SMALL,)])
@pytest.mark.parametrize("size", [(1, 1), (1, 96), (20, 33), (64, 64), (65, 97), (100, 8)])
def test_the_pixels_that_are_counted_are_those_that_the_encoder_sees(
    size: tuple[int, int], views: tuple[str, ...]
) -> None:
    large = network(*COARSE, "model.smallest=24", f"model.views=[{','.join(views)}]")
    seen: list[int] = []
    large.encoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0][0, 0].numel()))
    with torch.no_grad():
        large(torch.rand(1, 1, *size))
    assert pixels_seen(*size, large.smallest, large.views, large.multiple) == max(seen)


def test_training_and_known_maps_see_the_input_alone() -> None:
    mirrored, plain, x = viewed(MIRRORED), network(*COARSE), torch.rand(2, 1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(mirrored(Encoded(x, mirrored.encode(x))), plain(x))
        torch.testing.assert_close(mirrored.train()(x), plain.train()(x))


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (63, 33)])
def test_every_size_comes_back(size: tuple[int, int]) -> None:
    with torch.no_grad():
        assert viewed(MIRRORED, LARGE, SMALL)(torch.rand(1, 1, *size)).shape[-2:] == size


@pytest.mark.parametrize(
    ("views", "message"),
    [
        ("[{scale: 9, mirrored: true}]", r"model\.views\[0\]\.scale=9 must be less than or equal to 2"),
        ("[{scale: 1.0}]", r"model\.views\[0\]\.mirrored needs a value"),
        ("[{scale: 1.0, mirrored: maybe}]", r"model\.views\[0\]\.mirrored='maybe' must be true or false"),
        ("[{scale: 1.0, mirrored: true, turned: true}]", r"model\.views\[0\]\.turned does not exist"),
        (f"[{','.join([MIRRORED] * 9)}]", r"model\.views"),
        ("2", r"model\.views=2"),
    ],
)
def test_what_is_no_view_is_refused(views: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        network(*COARSE, f"model.views={views}")


def test_a_network_of_one_size_has_no_views() -> None:
    with pytest.raises(UsageError, match=r"model\.views .* serves 16 pixels a side alone"):
        build_network(model_description("model=rutgers_fc1", "data.size=16", f"model.views=[{MIRRORED}]"), 1, 3)
