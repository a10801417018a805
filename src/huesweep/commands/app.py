"""A page to drop photos on, served on this machine: python -m src.app [ckpt=CHECKPOINT_OR_FOLDER]."""

import logging
import os
import signal
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from omegaconf import DictConfig

from huesweep.checks import check_number, check_whole
from huesweep.errors import UsageError
from huesweep.inference.device import choose_device
from huesweep.sweeps.checkpoints import find_checkpoints


def main(config: DictConfig, ckpt: str = "") -> None:
    """serve the page until it is interrupted."""
    check_whole(config, "port", 1, 65535)
    check_number(config, "max_megapixels")
    check_whole(config, "max_megabytes", 1)
    device = choose_device(config.device)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise UsageError(
                f"can't serve on {config.host}:{config.port} ({error.strerror}): choose another port= or host="
            ) from None
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    for name in ("no_proxy", "NO_PROXY"):  # Gradio asks its own server, which no proxy can reach
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), config.host, "localhost")))
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    logging.getLogger("httpx").setLevel(logging.WARNING)  # of Gradio's requests to itself
    checkpoints = find_checkpoints(ckpt)
    with TemporaryDirectory(prefix="huesweep-page-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder  # of its own, and not left behind
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _serve(config, checkpoints, device, Path(folder))


def _serve(config: DictConfig, checkpoints: dict[str, Path], device: torch.device, folder: Path) -> None:
    import gradio as gr  # takes seconds, and reads the environment
    from starlette.middleware import Middleware

    from huesweep.inference.page import FONTS, make_page
    from huesweep.inference.visitors import VisitorGuard

    page = make_page(checkpoints, device, config.max_megapixels)
    guard = Middleware(VisitorGuard, host=config.host, folder=folder, most=config.max_megabytes * 2**20)
    print(f"http://{config.host}:{config.port} (Ctrl-C ends it)", flush=True)
    page.launch(
        app_kwargs={"middleware": [guard]},
        server_name=config.host,
        server_port=config.port,
        max_file_size=f"{config.max_megabytes}mb",
        theme=gr.themes.Default(font=FONTS, font_mono=["monospace"]),
        share=False,
        quiet=True,
        show_error=True,
        footer_links=[],
    )
