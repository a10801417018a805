"""The page answers itself alone, and keeps a bounded amount of what it is sent, in a folder of its own."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from huesweep.inference.examples import EXAMPLES
from huesweep.inference.page_limits import MOST_AT_ONCE, VisitorGuard, is_foreign, keep_newest
from huesweep.inference.scratch import scratch_folder
from huesweep.resources import BUNDLED
from tests.inference.photographs import photograph, save
from tests.sweeps.launched import ROOT

PORT = 7981
OWN = f"127.0.0.1:{PORT}"
BOUNDARY = "photo"
FOLLOWED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}  # a link, from a website


class Served(NamedTuple):
    """A running page, and the folder in which it may keep temporary files."""

    process: subprocess.Popen[str]
    temporary: Path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    temporary = tmp_path_factory.mktemp("temporary")
    command = [sys.executable, "-m", "src.app", f"ckpt={BUNDLED}", f"port={PORT}", "max_megabytes=1"]
    environment = {name: value for name, value in os.environ.items() if name != "GRADIO_TEMP_DIR"}
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment, "TMPDIR": str(temporary)},
    )
    assert server.stdout is not None
    server.stdout.readline()
    for _ in range(300):
        try:
            if ask("GET", "/")[0] == 200:
                break
        except OSError:
            server.poll()
            threading.Event().wait(0.2)
    yield Served(server, temporary)
    server.terminate()
    server.wait(20)


def ask(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | Iterable[bytes] | None = None
) -> tuple[int, bytes]:
    """Status and content of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    chunked = body is not None and not isinstance(body, bytes)
    try:
        connection.request(method, path, body, dict(headers or {}), encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (BrokenPipeError, ConnectionResetError):  # the rest of a body is not read
        return 413, b""
    finally:
        connection.close()


def form(content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(content: bytes, **headers: str) -> tuple[int, bytes]:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return ask("POST", "/gradio_api/upload", kind | headers, form(content))


def kept(page: Served) -> list[Path]:
    return [file for file in page.temporary.rglob("*") if file.is_file()]


@pytest.mark.slow
def test_a_foreign_website_uploads_nothing(page: Served) -> None:
    before = kept(page)
    for origin in ("https://elsewhere.example", "null", f"http://127.0.0.1:{PORT + 1}", f"http://{OWN}.example"):
        assert upload(b"content", Origin=origin)[0] == 403
    assert upload(b"content", Host="elsewhere.example", Origin="http://elsewhere.example")[0] == 403
    assert upload(b"content", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert ask("GET", "/config", {"Host": f"elsewhere.example:{PORT}"})[0] == 403
    assert kept(page) == before


def send_photo(photo: Path) -> Path:
    """Upload a photo, and give where it is kept."""
    status, told = upload(photo.read_bytes(), Origin=f"http://{OWN}")
    assert status == 200
    return Path(json.loads(told)[0])


def ask_for_colors(photo: Path, detail: float = 1) -> str:
    """Ask for the coloring of a photo that was uploaded, and give where the answer will be."""
    given = {"path": str(photo), "meta": {"_type": "gradio.FileData"}}
    asked = {"data": [given, BUNDLED.stem, "vivid", 1, detail, 1, 0.38]}
    headers = {"Content-Type": "application/json", "Origin": f"http://{OWN}"}
    status, told = ask("POST", "/gradio_api/call/color", headers, json.dumps(asked).encode())
    assert status == 200
    return f"/gradio_api/call/color/{json.loads(told)['event_id']}"


def test_the_page_itself_colors_a_photo(page: Served, tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", photograph(60, 40), "rgb", 8)
    path = send_photo(photo)
    assert path.is_relative_to(page.temporary)
    _, told = ask("GET", ask_for_colors(path))
    assert b"60 \\u00d7 40 pixels" in told
    assert b"a-colored.png" in told


def test_ten_visitors_at_once_are_served(page: Served, tmp_path: Path) -> None:
    photo = save(tmp_path / "photo.png", photograph(60, 40), "rgb", 8)
    before = kept(page)
    slow = [begin_upload() for _ in range(MOST_AT_ONCE)]
    wait_until(lambda: len(kept(page)) == len(before) + MOST_AT_ONCE)
    with ThreadPoolExecutor(10) as visitors:
        sent = [visitors.submit(send_photo, photo) for _ in range(10)]
        assert not any(one.done() for one in sent)
        for connection in slow:
            connection.close()
        paths = [one.result() for one in sent]
        answers = list(visitors.map(lambda path: ask("GET", ask_for_colors(path))[1], paths))
    assert all(b"a-colored.png" in told for told in answers)


def test_examples_are_not_among_what_makes_room(page: Served) -> None:
    for name in EXAMPLES:
        (thumbnail,) = page.temporary.rglob(f"{name}.png")
        assert "uploads" not in thumbnail.parts
        assert ask("GET", f"/gradio_api/file={thumbnail}") == (200, thumbnail.read_bytes())
        with Image.open(thumbnail) as picture:
            assert picture.mode == "L"


def test_more_than_fits_is_refused(page: Served) -> None:
    before = kept(page)
    assert upload(bytes(3 * 2**20))[0] == 413
    assert ask("POST", "/gradio_api/queue/join", {"Content-Length": "9" * 12})[0] == 413
    assert kept(page) == before


def test_a_body_without_a_length_is_bounded_too(page: Served) -> None:
    chunks = [form(bytes(2**20))[:-20], *([bytes(2**20)] * 5)]
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert ask("POST", "/gradio_api/upload", kind, iter(chunks))[0] == 413
    assert sum(file.stat().st_size for file in kept(page)) < 4 * 2**20


def begin_upload() -> http.client.HTTPConnection:
    """An upload of which only the beginning is sent."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    body = form(bytes(2**19))
    connection.putrequest("POST", "/gradio_api/upload")
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[: 2**18])
    return connection


def wait_until(condition: Callable[[], object]) -> None:
    for _ in range(100):
        if condition():
            return
        threading.Event().wait(0.1)
    raise AssertionError("waited for too long")


def test_an_upload_that_is_cut_off_leaves_nothing_while_the_page_runs(page: Served) -> None:
    before = set(kept(page))  # which may still be going, in any order
    connection = begin_upload()
    wait_until(lambda: set(kept(page)) - before)
    connection.close()
    wait_until(lambda: not set(kept(page)) - before)


def test_what_is_kept_goes_when_the_page_ends(page: Served, tmp_path: Path) -> None:
    Image.fromarray(photograph(300, 300)).resize((2400, 2400)).save(tmp_path / "photo.jpg", quality=60)
    path = send_photo(tmp_path / "photo.jpg")
    going_on = begin_upload()
    ask_for_colors(path, detail=4)
    threading.Event().wait(1)  # until it is in the middle of that
    assert kept(page)
    for _ in range(2):  # whoever ends it may be impatient
        page.process.terminate()
    assert page.process.wait(20) == 0
    going_on.close()
    assert list(page.temporary.iterdir()) == []
    assert page.process.stdout is not None
    assert "Traceback" not in page.process.stdout.read()


def test_what_a_killed_page_left_goes_when_the_next_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = """
import os, signal, sys, tempfile
tempfile.tempdir = sys.argv[1]
from huesweep.inference.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "photo.png").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    with scratch_folder() as first:
        assert not left.exists()
        with scratch_folder() as second:
            assert first.exists()
            assert first != second
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "headers", "method", "expected"),
    [
        ("127.0.0.1", {"host": OWN}, "POST", False),
        ("127.0.0.1", {"host": "localhost:9000", "origin": "http://localhost:9000"}, "POST", False),  # forwarded
        ("localhost", {"host": "[::1]:80", "origin": "http://[::1]:80"}, "POST", False),
        ("127.0.0.1", {"host": "localhost", "origin": "http://127.0.0.1"}, "POST", True),
        ("127.0.0.1", {}, "GET", True),
        ("127.0.0.1", {"host": "127.0.0.1.example"}, "GET", True),
        ("127.0.0.1", {"host": "a@127.0.0.1:b", "origin": "http://["}, "GET", True),
        ("0.0.0.0", {"host": "mine:7860", "origin": "https://mine:7860"}, "POST", False),
        ("0.0.0.0", {"host": "mine:7860", "origin": "https://elsewhere"}, "POST", True),
        ("0.0.0.0", {"host": "mine", "origin": "null"}, "GET", True),
        ("0.0.0.0", {"host": "mine", **FOLLOWED}, "GET", False),
        ("0.0.0.0", {"host": "mine", **FOLLOWED, "sec-fetch-dest": "document"}, "GET", False),
        ("0.0.0.0", {"host": "mine", **FOLLOWED, "sec-fetch-dest": "iframe"}, "GET", True),
        ("0.0.0.0", {"host": "mine", **FOLLOWED, "sec-fetch-dest": "object"}, "GET", True),
        ("0.0.0.0", {"host": "mine", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "GET", True),
        ("0.0.0.0", {"host": "mine", "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate"}, "POST", True),
    ],
)
def test_a_request_tells_where_it_is_from(host: str, headers: dict[str, str], method: str, expected: bool) -> None:
    assert is_foreign(headers, host, method) == expected


def test_the_newest_files_are_kept(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).mkdir()
        file = tmp_path / str(number) / "a.png"
        file.write_bytes(bytes(100))
        os.utime(file, (number, number))
    keep_newest(tmp_path, 6, 10**6)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4", "5", "6", "7", "8", "9"]
    keep_newest(tmp_path, 6, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["8", "9"]


def test_what_was_uploaded_before_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huesweep.inference.page_limits.MOST_FILES", 3)
    monkeypatch.setattr("huesweep.inference.page_limits.MOST_AT_ONCE", 1)
    monkeypatch.setattr("huesweep.inference.page_limits.MOST_WAITING", 2)
    statuses: list[int] = []

    async def app(_scope: object, _receive: object, send: object) -> None:
        (tmp_path / f"{len(list(tmp_path.iterdir()))}-{len(statuses)}").write_bytes(b"photo")
        await asyncio.sleep(0.01)
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(int(str(message["status"])))

    keeper = VisitorGuard(app, "0.0.0.0", tmp_path, 1000)
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/upload", "headers": [(b"host", b"mine")]}

    async def visit() -> None:
        for _ in range(6):
            await keeper(scope, receive, send)  # type: ignore[arg-type]
        await asyncio.gather(*(keeper(scope, receive, send) for _ in range(5)))  # type: ignore[arg-type]

    asyncio.run(visit())
    assert len(list(tmp_path.iterdir())) <= 4
    assert sorted(statuses) == [200] * 9 + [503] * 2
