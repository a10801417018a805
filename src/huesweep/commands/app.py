"""A page to drop photos on, served on this machine: python -m src.app [ckpt=CHECKPOINT_OR_FOLDER]."""

import logging
import os
import signal
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import torch
from omegaconf import DictConfig
from pydantic import Field
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of
from huesweep.errors import UsageError
from huesweep.inference.device import Device, choose_device
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
    """serve the page until it is interrupted."""
    options = options_of(AppOptions, config)
    device = choose_device(options.device)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise UsageError(
                f"can't serve on {options.host}:{options.port} ({error.strerror}): choose another port= or host="
            ) from None
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    for name in ("no_proxy", "NO_PROXY"):  # Gradio asks its own server, which no proxy can reach
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), options.host, "localhost")))
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    logging.getLogger("httpx").setLevel(logging.WARNING)  # of Gradio's requests to itself
    checkpoints = find_checkpoints(ckpt)
    with TemporaryDirectory(prefix="huesweep-page-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder  # of its own, and not left behind
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _serve(options, checkpoints, device, Path(folder))


def _serve(options: AppOptions, checkpoints: dict[str, Path], device: torch.device, folder: Path) -> None:
    import gradio as gr  # takes seconds, and reads the environment
    from starlette.middleware import Middleware

    from huesweep.inference.page import FONTS, make_page
    from huesweep.inference.visitors import VisitorGuard

    page = make_page(checkpoints, device, options.max_megapixels)
    guard = Middleware(VisitorGuard, host=options.host, folder=folder, most=options.max_megabytes * 2**20)
    print(f"http://{options.host}:{options.port} (Ctrl-C ends it)", flush=True)
    page.launch(
        app_kwargs={"middleware": [guard]},
        server_name=options.host,
        server_port=options.port,
        max_file_size=f"{options.max_megabytes}mb",
        theme=gr.themes.Default(font=FONTS, font_mono=["monospace"]),
        share=False,
        quiet=True,
        show_error=True,
        footer_links=[],
    )
