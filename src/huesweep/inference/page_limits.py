"""Whom the page answers, and how much of theirs it keeps."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OWN = ("same-origin", "none")  # of Sec-Fetch-Site: the page itself, and the person who typed its address
FORM = 2**20  # bytes of a request around a photo
MOST_FILES = 200  # a photo's coloring takes up to 20
MOST_BYTES = 2**30
MOST_AT_ONCE = 4  # uploads; others wait their turn:
MOST_WAITING = 50
PATIENCE = 60.0  # seconds


class VisitorGuard:
    """Lets pass what comes from the page itself, and no more of it than fits.

    app: the page's. host: the address it is served on. folder: where its files are kept. most: bytes of a photo.
    A website that is open in the same browser can send requests here as well: it is told by its `Origin`, or, where it
    has made its own name point to this machine, by `Host`.
    """

    def __init__(self, app: ASGIApp, host: str, folder: Path, most: int) -> None:
        self.app = app
        self.host = host
        self.folder = folder
        self.most = most + FORM
        self.waiting = 0
        self.uploading = 0
        self.places = asyncio.Semaphore(MOST_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_foreign(headers, self.host, scope.get("method", "GET")):
            await _refuse(403, "This page answers only itself.", scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        elif not headers.get("content-length", "0").isdecimal() or self._is_large(headers):
            await _refuse(413, f"This is more than {self.most} bytes.", scope, receive, send)
        elif scope["method"] == "POST" and scope["path"].rstrip("/").endswith("/upload"):
            await self._take(scope, receive, send)
        else:
            if scope["method"] == "POST":  # coloring leaves pictures there as well
                keep_newest(self.folder, MOST_FILES, MOST_BYTES)
            await self._bounded(scope, receive, send)

    def _is_large(self, headers: Headers) -> bool:
        length = headers.get("content-length", "0")
        return len(length) > 15 or int(length) > self.most

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._come_in():
            await _refuse(503, "Many photos are being uploaded: try again later.", scope, receive, send)
            return
        self.uploading += 1
        try:
            keep_newest(self.folder, MOST_FILES, MOST_BYTES - self.most)
            with suppress(ClientDisconnect):  # nobody is left to answer
                await self._bounded(scope, receive, send)
        finally:
            self.uploading -= 1
            self.places.release()
            if self.uploading == 0:
                remove_cut_off(self.folder)

    async def _come_in(self) -> bool:
        """Wait for a place among those who upload. Gives whether there is one."""
        if not self.places.locked():
            return await self.places.acquire()
        if self.waiting >= MOST_WAITING:
            return False
        self.waiting += 1
        try:
            await asyncio.wait_for(self.places.acquire(), PATIENCE)
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
        return True

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, whose body may have told no length."""
        taken = 0
        has_answered = False

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise _TooLargeError
            return message

        async def answer(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self.app(scope, receive_some, answer)
        except _TooLargeError:
            if not has_answered:
                await _refuse(413, f"This is more than {self.most} bytes.", scope, receive, send)


class _TooLargeError(Exception):
    """A body goes on beyond its bounds."""


def is_foreign(headers: Mapping[str, str], host: str, method: str) -> bool:
    """Whether a request comes from elsewhere than the page that is served on `host`, by its headers."""
    own = headers.get("host", "")
    if host in LOOPBACK and _name(own) not in LOOPBACK:
        return True
    origin = headers.get("origin")
    if origin is not None and _place(origin) != own.lower():
        return True
    # Somebody follows a link to the page; it is in no frame of another's.
    is_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    is_link = is_link and headers.get("sec-fetch-dest", "document") == "document"
    return headers.get("sec-fetch-site", "none") not in OWN and not is_link


def _place(origin: str) -> str | None:
    """Name and port of an origin, and None for one that has none."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _name(place: str) -> str | None:
    try:
        return urlsplit(f"//{place}").hostname
    except ValueError:
        return None


async def _refuse(status: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    # The rest of a body is not read: the connection ends.
    response = PlainTextResponse(message, status, headers={"Connection": "close"})
    await response(scope, receive, send)


def keep_newest(folder: Path, most_files: int, most_bytes: int) -> None:
    """Remove the oldest files below a folder until there are no more than that, of no more bytes together."""
    known: list[tuple[float, int, Path]] = []
    for file in folder.rglob("*"):
        details = _details(file)
        if details is not None:
            known.append((*details, file))
    known.sort(key=lambda item: item[:2], reverse=True)
    taken = 0
    for files, (_, size, file) in enumerate(known, start=1):
        taken += size
        if files > most_files or taken > most_bytes:
            file.unlink(missing_ok=True)
            with suppress(OSError):  # of a folder that is gone, or holds others
                file.parent.rmdir()


def remove_cut_off(folder: Path) -> None:
    """Remove what lies in a folder itself: uploads that ended in the middle. Whole ones have a folder each."""
    with suppress(OSError):
        for path in folder.iterdir():
            if not path.is_dir():
                path.unlink(missing_ok=True)


def _details(file: Path) -> tuple[float, int] | None:
    """When it was written and its size, unless it is a folder, or gone by now."""
    try:
        if file.is_dir():
            return None
        found = file.lstat()
    except OSError:
        return None
    return found.st_mtime, found.st_size
