"""A page to drop photos on, served on this machine: python -m src.app [ckpt=CHECKPOINT_OR_FOLDER]."""

from typing import Annotated

from omegaconf import DictConfig
from pydantic import Field
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of
from huesweep.inference.device import Device, choose_device
from huesweep.inference.serving import serve
from huesweep.ranges import Count, Positive
from huesweep.registry import CHECKS
from huesweep.sweeps.checkpoints import find_checkpoints


@dataclass(frozen=True, config=CHECKS)
class AppOptions:
    """conf/app.yaml."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    max_megapixels: Positive
    max_megabytes: Count
    device: Device


def main(config: DictConfig, ckpt: str = "") -> None:
    """Serve the page until it is interrupted."""
    options = options_of(AppOptions, config)
    device = choose_device(options.device)
    checkpoints = find_checkpoints(ckpt)
    serve(checkpoints, device, options.host, options.port, options.max_megapixels, options.max_megabytes)
