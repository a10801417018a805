"""Getting a file from an address: whole, and not without end."""

import base64
import sys
from http.client import HTTPException, InvalidURL
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from huesweep.io.archives import as_size

PIECE = 2**18
PATIENCE = 60  # seconds without a byte


def fetch_file(url: str, path: Path, most: int, what: str) -> None:
    """Download `url` into a file of at most `most` bytes, with a progress bar that names `what`.

    A user and a password in the address are sent as HTTP asks for them, and not along to where it redirects. Raises
    OSError (urllib's errors too), http.client.HTTPException, and ValueError for an address that is none and for a file
    that is larger or was cut off; each may leave a part of the file.
    """
    with _open(url) as response:
        announced = getattr(response, "length", None)
        if announced is not None and announced > most:
            raise ValueError(f"it has {as_size(announced)}, more than the {as_size(most)} that are allowed")
        console = Console(file=sys.stderr)
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        with (
            path.open("wb") as file,
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task(f"downloading {escape(what)}", total=announced)
            size = 0
            while piece := response.read(PIECE):
                size += len(piece)
                if size > most:
                    raise ValueError(f"it has more than the {as_size(most)} that are allowed")
                file.write(piece)
                progress.advance(task, len(piece))
    if announced is not None and size < announced:
        raise HTTPException(f"broken off after {size:,} of {announced:,} bytes")


def _open(url: str) -> Any:
    try:
        return urlopen(_request(url), timeout=PATIENCE)
    except (InvalidURL, ValueError):  # whose messages hold parts of the address, of a password too
        raise ValueError("it is no address that can be fetched") from None


def _request(url: str) -> Request:
    parts = urlsplit(url)
    user, separator, host = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=host)), headers={"User-Agent": "huesweep"})
    if separator:
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(unquote(user).encode()).decode()}")
    return request
