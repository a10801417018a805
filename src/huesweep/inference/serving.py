"""Serving the page for photos on this machine."""

import atexit
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import FrameType

import torch

from huesweep.errors import UsageError
from huesweep.inference.scratch import scratch_folder

ENDING = ("SIGTERM", "SIGHUP")  # by which a machine or a terminal ends what runs there


def serve(
    checkpoints: Mapping[str, Path], device: torch.device, host: str, port: int, megapixels: float, megabytes: int
) -> None:
    """Serve the page until the process is interrupted or ended; what it kept goes with it.

    checkpoints: to choose among, by name. megapixels, megabytes: of the largest photo and its file. Raises UsageError
    where the address is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"can't serve on {host}:{port} ({reason}): choose another port= or host=") from None
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    for name in ("no_proxy", "NO_PROXY"):  # Gradio asks its own server, which no proxy can reach
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), host, "localhost")))
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    logging.getLogger("httpx").setLevel(logging.WARNING)  # of Gradio's requests to itself
    is_over = threading.Event()
    atexit.register(_leave, is_over)  # the first to be registered is the last to be called
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), partial(_end, is_over))
    with scratch_folder() as folder:
        uploads = folder / "uploads"
        os.environ["GRADIO_TEMP_DIR"] = str(uploads)  # of its own, and not left behind
        import gradio as gr  # takes seconds, and reads the environment
        from starlette.middleware import Middleware

        from huesweep.inference.page import FONTS, STYLE, make_page
        from huesweep.inference.page_limits import VisitorGuard

        page = make_page(checkpoints, device, megapixels)
        guard = Middleware(VisitorGuard, host=host, folder=uploads, most=megabytes * 2**20)
        print(f"http://{host}:{port} (Ctrl-C ends it)", flush=True)
        try:
            page.launch(
                app_kwargs={"middleware": [guard]},
                server_name=host,
                server_port=port,
                max_file_size=f"{megabytes}mb",
                theme=gr.themes.Default(font=FONTS, font_mono=["monospace"]).set(
                    block_info_text_color="*neutral_600"  # else too pale to read
                ),
                css=STYLE,
                share=False,
                quiet=True,
                show_error=True,
                footer_links=[],
            )
            is_over.set()
        finally:
            if (server := getattr(page, "server", None)) is not None:  # it may not have come to that
                logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # of what it breaks off
                server.should_exit = server.force_exit = True  # uploads that are going on end too
            page.close(verbose=False)


def _end(is_over: threading.Event, _number: int, _frame: FrameType | None) -> None:
    """End the process in an orderly way; another signal meanwhile changes nothing."""
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    is_over.set()
    sys.exit(0)


def _leave(is_over: threading.Event) -> None:
    """End the process at once where that was asked for: a thread that is coloring a photo would make it abort."""
    if is_over.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
