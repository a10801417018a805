"""Downloads from a server on loopback: whole, broken off, another file, too large, no server, twice at once."""

import base64
import hashlib
import io
import multiprocessing
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from filelock import FileLock

from huesweep.data.download import fetch_archive
from huesweep.data.sources.cifar10 import Cifar10Source
from huesweep.errors import UsageError
from tests.data.copies import BOUNDS, WANTED, cifar, pack, visible
from tests.data.test_cifar10 import write_copy

ONCE = ["cifar.tar.gz"]


class Server:
    """Serves bytes by name; `cut` names are broken off halfway through, `unmeasured` ones tell no length."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.unmeasured: set[str] = set()
        self.asked: list[str] = []
        self.authorized: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.lstrip("/").partition("?")[0]
                outer.asked.append(name)
                if name not in outer.files:
                    self.send_error(404)
                    return
                outer.authorized.append(self.headers.get("Authorization"))
                content = outer.files[name]
                self.send_response(200)
                if name not in outer.unmeasured:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(OSError):  # whoever asked may have had enough
                    self.wfile.write(content[: len(content) // 2] if name in outer.cut else content)

            def log_message(self, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    write_copy(tmp_path / "original")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(tmp_path / "original" / WANTED, WANTED)
    running = Server()
    running.files["cifar.tar.gz"] = archive.getvalue()
    yield running
    running.http.shutdown()
    running.http.server_close()


def fetch(server: Server, root: Path, name: str = "cifar.tar.gz", md5: str | None = None) -> None:
    fetch_archive(f"{server.url}/{name}", md5, "cifar-10-python.tar.gz", WANTED, root, "cifar10", BOUNDS)


def test_a_source_fetches_what_is_missing_from_a_mirror(server: Server, tmp_path: Path) -> None:
    source = Cifar10Source(
        root=None,
        home=str(tmp_path / "home"),
        download=True,
        url=f"{server.url}/cifar.tar.gz",
        md5=hashlib.md5(server.files["cifar.tar.gz"]).hexdigest(),
        verify=False,
        classes=None,
        validation=0.1,
        seed=0,
        cache=str(tmp_path / "cache"),
    )
    assert len(source.load("train").pictures) == 180
    assert len(source.load("test").pictures) == 40
    assert server.asked == ONCE
    assert visible(tmp_path / "home") == [WANTED]


@pytest.mark.parametrize("checked", [True, False])
def test_a_download_that_breaks_off_leaves_nothing_and_can_be_repeated(
    server: Server, tmp_path: Path, checked: bool
) -> None:
    md5 = hashlib.md5(server.files["cifar.tar.gz"]).hexdigest() if checked else None
    server.cut.add("cifar.tar.gz")
    with pytest.raises(UsageError, match=r"cifar10.*data=photos.*data\.url.*cifar-10.*data\.root"):
        fetch(server, tmp_path / "root", md5=md5)
    assert visible(tmp_path / "root") == []
    server.cut.clear()
    fetch(server, tmp_path / "root", md5=md5)
    assert visible(tmp_path / "root") == [WANTED]


def test_another_file_is_refused_by_its_checksum(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"md5.*0123"):
        fetch(server, tmp_path / "root", md5="0123")
    assert visible(tmp_path / "root") == []


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_a_file_that_is_no_archive_is_refused(server: Server, tmp_path: Path, content: bytes) -> None:
    server.files["other.tar.gz"] = content
    with pytest.raises(UsageError, match="cifar10 "):
        fetch(server, tmp_path / "root", "other.tar.gz")
    assert visible(tmp_path / "root") == []


def test_an_archive_of_something_else_is_refused(server: Server, tmp_path: Path) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(__file__, "something.py")
    server.files["other.tar.gz"] = archive.getvalue()
    with pytest.raises(UsageError, match=WANTED):
        fetch(server, tmp_path / "root", "other.tar.gz")
    assert visible(tmp_path / "root") == []


def test_a_missing_file_and_a_server_that_is_down_say_what_to_do(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"404.*data=photos"):
        fetch(server, tmp_path / "root", "absent.tar.gz")
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(UsageError, match=r"refused.*data=photos.*root \(data\.root\)"):
        fetch(server, tmp_path / "root")
    assert visible(tmp_path / "root") == []


def test_an_archive_within_an_archive_is_unpacked(server: Server, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        tar.add(tmp_path / "original" / WANTED, "101_ObjectCategories")
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("caltech-101/101_ObjectCategories.tar.gz", inner.getvalue())
    server.files["caltech-101.zip"] = outer.getvalue()
    wanted = "caltech101/101_ObjectCategories"
    fetch_archive(
        f"{server.url}/caltech-101.zip", None, "caltech-101.zip", wanted, tmp_path / "root", "caltech101", BOUNDS
    )
    assert (tmp_path / "root" / wanted / "test_batch").exists()


def fetch_in_process(url: str, root: str) -> None:
    fetch_archive(url, None, "cifar-10-python.tar.gz", WANTED, Path(root), "cifar10", BOUNDS)


@pytest.mark.slow
def test_of_processes_that_start_at_once_one_downloads(server: Server, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    arguments = (f"{server.url}/cifar.tar.gz", str(tmp_path / "root"))
    processes = [context.Process(target=fetch_in_process, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert server.asked == ONCE


def inner_bomb() -> bytes:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar, Path("/dev/zero").open("rb") as zeros:
        member = tarfile.TarInfo("101_ObjectCategories/zeros")
        member.size = 100_000_000
        tar.addfile(member, zeros)
    return inner.getvalue()


def inner_way_out() -> bytes:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("101_ObjectCategories/cat/../../../../x"))
    return inner.getvalue()


@pytest.mark.parametrize(
    ("make", "message"), [(inner_bomb, "unpacks to more than 10 MB"), (inner_way_out, "leads out of its folder")]
)
def test_an_inner_archive_is_bounded_too(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes], message: str
) -> None:
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("caltech-101/101_ObjectCategories.tar.gz", make())
    server.files["caltech-101.zip"] = outer.getvalue()
    most = 0
    remove = shutil.rmtree

    def measure(folder: Path, **options: Any) -> None:
        nonlocal most
        most = max(most, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))
        remove(folder, **options)

    monkeypatch.setattr("shutil.rmtree", measure)
    root = tmp_path / "root"
    arguments = ("caltech-101.zip", "caltech101/101_ObjectCategories", root, "caltech101", BOUNDS)
    before = {path for path in tmp_path.rglob("*") if root not in (path, *path.parents)}
    with pytest.raises(UsageError, match=message) as caught:
        fetch_archive(f"{server.url}/caltech-101.zip", None, *arguments)
    assert "\n" not in str(caught.value)
    assert most <= BOUNDS.unpacked + len(outer.getvalue())
    assert visible(root) == []
    assert {path for path in tmp_path.rglob("*") if root not in (path, *path.parents)} == before


@pytest.mark.parametrize("is_measured", [True, False])
def test_a_download_beyond_the_bound_is_stopped(server: Server, tmp_path: Path, is_measured: bool) -> None:
    server.files["large.tar.gz"] = bytes(BOUNDS.download + 1)
    if not is_measured:
        server.unmeasured.add("large.tar.gz")
    with pytest.raises(UsageError, match="more than the 10 MB"):
        fetch(server, tmp_path / "root", "large.tar.gz")
    assert visible(tmp_path / "root") == []


def test_user_and_password_of_an_address_are_sent_and_never_told(server: Server, tmp_path: Path) -> None:
    address = server.url.replace("://", "://me:s%40cret@")
    arguments = ("cifar-10-python.tar.gz", WANTED, tmp_path / "root", "cifar10", BOUNDS)
    for url in (f"{address}/absent.tar.gz?token=s%40cret", "https://me:s%40/cret@host/x.tar.gz", "me:s%40cret@host"):
        with pytest.raises(UsageError, match="can't be downloaded from") as caught:
            fetch_archive(url, None, *arguments)
        assert "cret" not in str(caught.value)
        assert "s%40" not in str(caught.value)
    with pytest.raises(UsageError, match=r"from http://\.\.\.@127\.0\.0\.1:\d+/absent \(HTTP Error 404"):
        fetch_archive(f"{address}/absent", None, *arguments)
    fetch_archive(f"{address}/cifar.tar.gz?token=1", None, *arguments)
    assert server.authorized == ["Basic " + base64.b64encode(b"me:s@cret").decode()]
    assert visible(tmp_path / "root") == [WANTED]


@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_an_address_may_be_that_of_a_file(tmp_path: Path, kind: str) -> None:
    archive = tmp_path / "my mirror" / f"copy.{kind}"
    pack(tmp_path / "original", archive)
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            for path in (tmp_path / "original").rglob("*_batch*"):
                zipped.write(path, path.relative_to(tmp_path / "original"))
    for url in (archive.as_uri(), f"file://localhost{archive}", f"file://{archive}"):
        root = tmp_path / "root"
        fetch_archive(url, None, "cifar-10-python.tar.gz", WANTED, root, "cifar10", BOUNDS)
        assert visible(root) == [WANTED]
        shutil.rmtree(root)
    for wrong in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(UsageError, match=r"can't be downloaded from file://.*data\.url"):
            fetch_archive(wrong.as_uri(), None, "cifar-10-python.tar.gz", WANTED, root, "cifar10", BOUNDS)


DIE = """
import os, signal, sys
from pathlib import Path
import huesweep.data.download as download
from tests.data.copies import BOUNDS, WANTED
download.extract = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
download.fetch_archive(sys.argv[1], None, "cifar.tar.gz", WANTED, Path(sys.argv[2]), "cifar10", BOUNDS)
"""


def test_what_a_killed_download_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    pack(tmp_path / "original", tmp_path / "archive.tar.gz")
    root = tmp_path / "root"
    command = [sys.executable, "-c", DIE, (tmp_path / "archive.tar.gz").as_uri(), str(root)]
    subprocess.run(command, check=False, cwd=Path(__file__).parents[2])
    (left,) = visible(root)
    write_copy(root)  # the person has put a copy there meanwhile
    with FileLock(root / f".{WANTED}.lock"):  # as long as somebody downloads, nothing goes
        cifar(root, tmp_path / "cache").load("test")
        assert visible(root) == [left, WANTED]
    cifar(root, tmp_path / "cache").load("test")
    assert visible(root) == [WANTED]
