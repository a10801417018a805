"""The page in a real browser: examples, upload, results, downloads, a bad file; and nothing fetched from elsewhere."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from huesweep.commands.app import main
from huesweep.errors import UsageError
from huesweep.inference.examples import EXAMPLES
from huesweep.inference.photo_file import read_photo
from tests.inference.chromium import Page, find_browser, open_page
from tests.inference.photographs import photograph, save
from tests.sweeps.launched import ROOT

PORT = 7979
INPUT = "#photo input[type=file]"
SOURCES = "[...document.querySelectorAll('#{} img')].map(image => image.src)"
SET = """(() => {{
    const field = document.querySelector('#{} input[type=number]');
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '{}');
    for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{bubbles: true}}));
}})()"""


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


def upload(page: Page, photo: Path) -> None:
    page.wait_for(f"document.querySelector('{INPUT}') !== null")
    page.upload(INPUT, photo)


def click(page: Page, gallery: str, place: int) -> None:
    page.evaluate(f"document.querySelectorAll('#{gallery} button')[{place}].click()")


def download(page: Page, folder: Path) -> Path:
    """The file that the button gives, which is seen without scrolling."""
    folder.mkdir()
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    place = page.evaluate("document.querySelector('#download').getBoundingClientRect().bottom")
    assert place < page.evaluate("window.innerHeight") / 2
    page.evaluate("document.querySelector('#download').click()")
    deadline = time.monotonic() + 30
    while not (found := [file for file in folder.iterdir() if file.suffix == ".png"]):
        assert time.monotonic() < deadline, "nothing was downloaded"
        time.sleep(0.1)
    return found[0]


@pytest.mark.slow
@pytest.mark.skipif(find_browser() is None, reason="there is no Chromium here")
def test_a_photo_is_colored_and_a_bad_file_changes_nothing(address: str, tmp_path: Path) -> None:
    photo = save(tmp_path / "old photo.png", photograph(120, 80), "rgb", 16)
    with open_page(address, tmp_path / "profile") as page:
        page.wait_for("document.querySelector('#network')?.innerText.includes('pictures of 32 × 32 pixels')")
        page.evaluate(SET.format("ways", 4))
        upload(page, photo)
        page.wait_for("document.querySelector('#caption')?.innerText.includes('old photo.png, 120 × 80')")
        page.wait_for("document.querySelectorAll('#others img').length === 4")
        fits = page.evaluate("[...document.querySelectorAll('#others img')].map(i => getComputedStyle(i).objectFit)")
        assert set(fits) == {"contain"}
        page.wait_for(f"document.querySelector('#original img') && {SOURCES.format('compared')}.length === 2")
        click(page, "others", 2)
        page.wait_for(f"{SOURCES.format('compared')}[1] === {SOURCES.format('others')}[2]")
        file = download(page, tmp_path / "third")
        assert file.name == "old photo-colored-3.png"
        colored = read_photo(file).pixels
        assert colored.shape == (80, 120, 3)
        assert np.ptp(colored.astype(int), axis=2).max() > 0

        bad = tmp_path / "bad.jpg"
        bad.write_text("not a picture")
        before = [page.evaluate(SOURCES.format(name)) for name in ("compared", "others", "original")]
        upload(page, bad)
        page.wait_for('document.body.innerText.includes("bad.jpg can\'t be read: not a picture")')
        assert page.evaluate("document.querySelectorAll('.toast-body').length") == 1
        page.wait_for(f"document.querySelector('{INPUT}') !== null")
        assert "old photo.png" in page.evaluate("document.querySelector('#caption').innerText")
        assert [page.evaluate(SOURCES.format(name)) for name in ("compared", "others", "original")] == before
        assert download(page, tmp_path / "again").name == "old photo-colored-3.png"
        assert str(tmp_path) not in page.evaluate("document.body.innerText")

        page.evaluate(SET.format("ways", 1))
        click(page, "examples", list(EXAMPLES).index("cameraman"))
        page.wait_for("document.querySelector('#caption')?.innerText.includes('camera.png, 512 × 512')")
        page.wait_for("!document.querySelector('#original img') && !document.querySelector('#others img')")
        page.wait_for("[...document.images].every(image => image.naturalWidth)")
        assert page.evaluate("document.querySelectorAll('#examples img').length") == len(EXAMPLES)
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
