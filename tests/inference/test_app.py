"""The page in a real browser: upload, result, download, a bad file; and nothing fetched from elsewhere."""

import io
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from huesweep.commands.app import main
from huesweep.errors import UsageError
from tests.inference.chromium import find_browser, open_page
from tests.inference.photographs import photograph, save
from tests.sweeps.launched import ROOT

PORT = 7979
INPUT = "#photo input[type=file]"


@pytest.fixture
def address(trial: Path) -> Iterator[str]:
    """Of the page, served for the checkpoints of a sweep."""
    command = [sys.executable, "-m", "src.app", f"ckpt={trial.parent}", f"port={PORT}", "max_megapixels=1"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    address = server.stdout.readline().split(" ")[0]
    yield address
    server.terminate()
    server.wait(20)


@pytest.mark.slow
@pytest.mark.skipif(find_browser() is None, reason="there is no Chromium here")
def test_a_photo_is_colored_and_a_bad_file_answered(address: str, tmp_path: Path) -> None:
    photo = save(tmp_path / "old photo.png", photograph(120, 80), "rgb", 16)
    with open_page(address, tmp_path / "profile") as page:
        page.wait_for(f"document.querySelector('{INPUT}') !== null")
        page.upload(INPUT, photo)
        page.wait_for("document.querySelector('#caption')?.innerText.includes('120 × 80')")
        page.wait_for("[...document.images].length >= 3 && [...document.images].every(image => image.naturalWidth)")
        link = page.wait_for("document.querySelector('#download a')?.href")
        with urllib.request.urlopen(link) as answer:
            colored = Image.open(io.BytesIO(answer.read()))
        assert colored.size == (120, 80)
        assert np.ptp(np.asarray(colored.convert("RGB")).astype(int), axis=2).max() > 0

        bad = tmp_path / "bad.jpg"
        bad.write_text("not a picture")
        page.evaluate("document.querySelector('#photo button[aria-label]').click()")
        page.wait_for(f"document.querySelector('{INPUT}') !== null")
        page.upload(INPUT, bad)
        page.wait_for('document.body.innerText.includes("bad.jpg can\'t be read: not a picture")')
        assert str(tmp_path) not in page.evaluate("document.body.innerText")
        assert [url for url in page.requests if not url.startswith((address, "data:", "blob:", "about:"))] == []
        assert page.errors == []


@pytest.mark.slow
def test_a_port_in_use_is_told(trial: Path) -> None:
    import socket

    from hydra import compose, initialize_config_dir

    from huesweep.resources import CONF

    with socket.socket() as taken, initialize_config_dir(str(CONF)):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port} .*port="):
            main(compose("app", [f"port={port}"]), ckpt=str(trial))
