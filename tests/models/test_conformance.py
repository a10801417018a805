"""What holds for every encoder and, under each that it fits, every decoder: a new one is taken from conf/."""

import io
from itertools import product

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.models.network import Network
from tests.models.composed import choices, make_decoder, make_encoder

SIZES = [(32, 32), (33, 35), (16, 16)]
ENCODERS, DECODERS = choices("model/encoder"), choices("model/decoder")
LARGE = ("efficientnet_lite",)  # encoders of one width, whose pairs learn at one size alone, or this takes a minute

# Small enough to be trained in a moment; one that is not named here is tested as it is.
SMALLER = {
    "encoder": {
        "plain": ["model.encoder.widths=[4,6,8]"],
        "patch": ["model.encoder.of.widths=[8,12,16]"],
        "dilated": ["model.encoder.widths=[4,6,8]"],
        "timm": ["model.encoder.name=test_efficientnet", "model.encoder.maps=3"],
        "cifar100_unet": ["model.encoder.widths=[4,6,8]"],
        "csc413": ["model.encoder.filters=4"],
        "yeung": ["model.encoder.filters=4"],
    },
    "decoder": {"fully_connected": ["model.decoder.hidden=[0.02]", "model.decoder.start=0.05"]},
}
# Pairings that can't work, each refused in words. Whatever isn't here has to.
MISFITS = {
    **{("identity", decoder): f"decoder {decoder} " for decoder in ("upsample", "transpose", "pixel_shuffle")},
    **{("identity", decoder): f"decoder {decoder} .* 1$" for decoder in ("unet", "cifar100_unet")},
    **{
        (encoder, decoder): f"decoder {decoder} .*2, 4, 4"
        for encoder in ENCODERS
        for decoder in ("toronto", "yeung")
        if encoder != "yeung"
    },
}
KINDS = [(SIZES[0], 1), (SIZES[0], 3), (SIZES[1], 1), (SIZES[2], 3)]
HEAVY = [("efficientnet_lite", "cifar100_unet")]  # 14 million parameters: half a minute to learn a batch
PAIRS = [
    pytest.param(encoder, decoder, size, inputs, marks=[pytest.mark.slow] if size != SIZES[0] else [])
    for encoder, decoder, (size, inputs) in product(ENCODERS, DECODERS, KINDS)
    if (encoder, decoder) not in HEAVY and (encoder not in LARGE or (size, inputs) == KINDS[0])
]


def pair(encoder_name: str, decoder_name: str, side: int, inputs: int) -> Network:
    torch.manual_seed(0)
    encoder = make_encoder(encoder_name, inputs, *SMALLER["encoder"].get(encoder_name, []))
    sized = [f"model.decoder.size={side}"] if decoder_name == "fully_connected" else []
    decoder = make_decoder(decoder_name, encoder, *SMALLER["decoder"].get(decoder_name, []), *sized)
    return Network(encoder, decoder, inputs, 2, centered=True, head_kernel=1, input_skip=False, attention=[], heads=1)


@pytest.mark.parametrize("inputs", [1, 3])
@pytest.mark.parametrize("size", [*SIZES, (1, 1), (2, 7)])
@pytest.mark.parametrize("name", ENCODERS)
def test_an_encoder_gives_the_maps_it_declares(name: str, size: tuple[int, int], inputs: int) -> None:
    encoder = make_encoder(name, inputs).eval()
    shapes = [tuple(features.shape) for features in encoder(torch.rand(2, inputs, *size))]
    assert shapes == [
        (2, spec.channels, -(-size[0] // spec.stride), -(-size[1] // spec.stride)) for spec in encoder.specs
    ]
    strides = [spec.stride for spec in encoder.specs]
    assert strides == sorted(strides)


@pytest.mark.parametrize(("encoder_name", "decoder_name", "size", "inputs"), PAIRS)
def test_a_pair_works_or_is_refused_in_words(
    encoder_name: str, decoder_name: str, size: tuple[int, int], inputs: int, generator: torch.Generator
) -> None:
    if (encoder_name, decoder_name) in MISFITS:
        with pytest.raises(UsageError, match=MISFITS[encoder_name, decoder_name]):
            pair(encoder_name, decoder_name, size[0], inputs)
        return
    network = pair(encoder_name, decoder_name, size[0], inputs)
    noise = torch.rand(4, inputs, *size, generator=generator)
    pictures = torch.nn.functional.avg_pool2d(noise, 5, stride=1, padding=2, count_include_pad=False)
    if network.side is not None and size[0] != size[1]:
        with pytest.raises(UsageError, match=f"{network.side}x{network.side}.*{size[1]}x{size[0]}"):
            network(pictures)
        return

    maps = network.encoder(pictures)
    assert [features.shape[1] for features in maps] == [spec.channels for spec in network.encoder.specs]
    assert network.decoder(maps, size).shape == (4, network.decoder.channels, *size)

    # A batch is learned by heart. It is smooth, so that decoders that repeat pixels can give it.
    gray = pictures.mean(1, keepdim=True)
    truth = torch.cat([gray - gray.mean(), (8 * gray).sin() / 4], dim=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(network(pictures), truth)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < 0.4 * min(truth.var().item(), losses[0]):
            break
    assert min(losses[-10:]) < 0.5 * truth.var().item()
    assert min(losses[-10:]) < 0.5 * losses[0]
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A bias in front of a normalization is subtracted again: the literature's networks have them all the same.
    assert [name for name in idle if not name.endswith(".bias")] == []

    content = io.BytesIO()
    torch.save(network.state_dict(), content)
    content.seek(0)
    again = pair(encoder_name, decoder_name, size[0], inputs)
    again.load_state_dict(torch.load(content, weights_only=True))
    assert torch.equal(again.eval()(pictures), network.eval()(pictures))
