"""Every network of this suite is served by the reader of checkpoints."""

from functools import partial
from pathlib import Path

import pytest

from huesweep.colorizer.weights_check import check_maps, check_weights
from huesweep.configuration import describe_model
from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.resources import CONF
from tests.conftest import compose_trial

ENLARGING = ("model.smallest=512", "model.views=[{scale: 2.0, mirrored: false}]")
MODELS = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))


@pytest.mark.parametrize("options", [("model.smallest=512",), ("model.smallest=128", ENLARGING[1]), ENLARGING])
def test_a_network_that_enlarges_small_pictures_is_served(
    options: tuple[str, ...], tmp_path: Path, cache: Path
) -> None:
    described = describe_model(compose_trial(tmp_path, cache, "model=unet_s", *options)["model"])
    check_maps(build_network(described, 1, 3).eval(), 1)


def test_views_are_not_padded_beyond_what_can_be_served(tmp_path: Path, cache: Path) -> None:
    deep = ("model=unet_s", f"model.encoder.widths={[2] * 11}", ENLARGING[1])
    described = describe_model(compose_trial(tmp_path, cache, *deep)["model"])
    with pytest.raises(UsageError, match="multiples of 1024 pixels"):
        check_maps(build_network(described, 1, 3).eval(), 1)


@pytest.mark.parametrize("model", MODELS)
def test_a_network_of_ours_fits_its_own_weights(model: str, tmp_path: Path, cache: Path) -> None:
    small = ("model.decoder.hidden=[0.1]", "data.size=16") if model.startswith("rutgers") else ()
    described = describe_model(compose_trial(tmp_path, cache, f"model={model}", *small)["model"])
    if "weights" in described["encoder"]["options"]:  # which a trial's description doesn't name
        described["encoder"]["options"]["weights"] = None
    make = partial(build_network, described, 1, 3 if small else 1000)
    network = make().eval()
    check_weights(make, network.state_dict())
    check_maps(network, 1)
