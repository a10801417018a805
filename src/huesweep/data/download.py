"""Fetching a published archive: whole, checked and unpacked, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock, Timeout
from torchvision.datasets.utils import calculate_md5

from huesweep.data.fetching import fetch_file
from huesweep.errors import UsageError
from huesweep.io.archives import Bounds, Budget, extract
from huesweep.io.disk import FULL, disk_error, file_in_place
from huesweep.io.redacted import redact_text, redact_url

ZIP = b"PK\x03\x04"  # what a zip file begins with


class PublishedCopy:
    """A data set in its publisher's layout: a folder that is there, or will be downloaded.

    name: of the data set. folder: where its files lie below the root. root: as configured, or None (or nothing) for
    `home`, which is made when needed. It may also be the folder itself, one of those above it, or hold the archive as
    published, which is unpacked. also: other places of the folder below a root. archives: what else unpacks to it.
    recognize: whether a folder of another name is the data set's. download: fetch what is missing. url, md5, filename:
    of the archive. bounds: of what is fetched.
    """

    def __init__(
        self,
        name: str,
        folder: str,
        root: str | None,
        home: str,
        download: bool,
        url: str,
        md5: str | None,
        filename: str,
        bounds: Bounds,
        also: Sequence[str] = (),
        archives: Sequence[str] = (),
        recognize: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        self.name = name
        self.folder = folder
        self.root = Path(root or home).expanduser()
        self.root_is_given = bool(root)
        self.download = download
        self.archive = (url, md5, filename)
        self.bounds = bounds
        self.places = tuple(dict.fromkeys([folder, *also, Path(folder).name]))
        self.archives = (filename, *archives)
        self.recognize = recognize

    @property
    def path(self) -> Path:
        """The folder, wherever it is; where it will be, as long as it is missing."""
        found = next((self.root / place for place in self.places if (self.root / place).is_dir()), None)
        if found is None and self.root.is_dir():
            is_itself = self.root.name == Path(self.folder).name or self.recognize(self.root)
            found = self.root if is_itself else None
        return found or self.root / self.folder

    def _packed(self) -> Path | None:
        """The archive of the data set, where it lies below the root."""
        folders = dict.fromkeys([self.root, *((self.root / place).parent for place in self.places)])
        found = (folder / name for folder in folders for name in self.archives)
        return next((path for path in found if path.is_file()), None)

    def check(self) -> None:
        """Raise UsageError where the copy is not there and can't be fetched either."""
        if file := file_in_place(self.root):
            option = "data.root" if self.root_is_given else "paths.data"
            raise UsageError(f"{option}={file} is a file: name a folder, such as that of {self.folder} or its archive")
        if self.root_is_given and not self.root.is_dir():
            raise UsageError(
                f"data.root={self.root} does not exist: point it at the folder that holds {self.folder}, "
                "or make it (mkdir -p) to download into it"
            )
        if not self.download and not self.path.is_dir() and self._packed() is None:
            raise UsageError(
                f"data.root={self.root} holds no {self.folder}: point it at a copy, or set data.download=true"
            )

    def fetch(self) -> None:
        """Download the data set, or unpack it, unless it is there. Raises UsageError where it can't be had."""
        self.check()
        remove_unfinished(self.root, self.name, self.folder)
        if self.path.is_dir():
            return
        url, md5, filename = self.archive
        if packed := self._packed():  # the person's own, whose files are checked as those of a folder are
            url, md5, filename = packed.absolute().as_uri(), None, packed.name
        fetch_archive(url, md5, filename, self.folder, self.root, self.name, self.bounds)

    def check_own(self, path: Path) -> None:
        """Raise UsageError where a path below the copy's folder leads out of it, or to neither a file nor a folder.

        The folder itself may be a link. What is missing passes.
        """
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.path)):
            raise UsageError(
                f"{path} is a link out of {self.path}: put the file itself there, or point data.root at a whole copy "
                f"(the folder {self.folder} may be a link)"
            )
        if os.path.lexists(path) and not (path.is_file() or path.is_dir()):
            raise UsageError(f"{path} is no plain file: fetch the data set again")


def fetch_archive(url: str, md5: str | None, filename: str, wanted: str, root: Path, name: str, bounds: Bounds) -> None:
    """Download an archive and put the folder `wanted` that it holds below `root`, in one step.

    url, md5: of the archive; md5 None takes it unchecked. filename: what it is called meanwhile. name: of the data set,
    for messages. bounds: beyond which the download or the unpacking stops. Works in a folder of its own beside the
    result and removes it whatever happens; of two processes one downloads. Raises UsageError, saying what to do, where
    the archive can't be had or is another.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(_lock_of(root, wanted)):
            if (root / wanted).is_dir():
                return
            workshop = Path(tempfile.mkdtemp(dir=root, prefix=f".{name}-", suffix=".part"))
            try:
                fetch_file(url, workshop / filename, bounds.download, name)
                _check(workshop / filename, md5)
                archive = _named_by_kind(workshop / filename)
                budget = Budget(bounds)
                extract(archive, workshop / "unpacked", budget)
                _unpack_inner(workshop / "unpacked", wanted, budget)
                (root / wanted).parent.mkdir(parents=True, exist_ok=True)
                _find(workshop / "unpacked", wanted).replace(root / wanted)
            finally:
                shutil.rmtree(workshop, ignore_errors=True)
    except (HTTPException, OSError, ValueError) as error:
        full = disk_error(error) if isinstance(error, OSError) and error.errno in FULL else None
        raise full or UsageError(
            f"{name} can't be downloaded from {redact_url(url)} ({_without_secrets(error, url)}): use "
            "data=photos, which needs no download, name a mirror with data.url and data.md5, or put a copy of "
            f"{wanted} into {root} (data.root)"
        ) from None


def remove_unfinished(root: Path, name: str, wanted: str) -> None:
    """Remove what downloads of a data set have left that were killed; waits for none that is going on."""
    left = [path for path in root.glob(f".{name}-*.part") if path.is_dir() and not path.is_symlink()]
    if left:
        with suppress(Timeout, OSError), FileLock(_lock_of(root, wanted), blocking=False):
            for path in left:
                shutil.rmtree(path, ignore_errors=True)


def _lock_of(root: Path, wanted: str) -> Path:
    return root / f".{wanted.replace('/', '-')}.lock"


def _find(unpacked: Path, wanted: str) -> Path:
    """The folder that is wanted among what was unpacked; it may lie deeper or less deep than published."""
    last = Path(wanted).name
    found = [unpacked / wanted, *sorted(path for path in unpacked.rglob(last) if path.is_dir())]
    for path in found:
        if path.is_dir():
            return path
    raise ValueError(f"the archive holds no {wanted}")


def _check(archive: Path, md5: str | None) -> None:
    if md5 is not None and (found := calculate_md5(archive)) != md5:
        raise ValueError(f"its md5 is {found}, not {md5}: cut off, or another file")


def _named_by_kind(archive: Path) -> Path:
    """The archive under a name whose ending tells what it is: a mirror may have packed it in another way."""
    with archive.open("rb") as file:
        ending = ".zip" if file.read(len(ZIP)) == ZIP else ".tar.gz"
    return archive.replace(archive.with_name(f"archive{ending}"))


def _without_secrets(error: Exception, url: str) -> str:
    return " ".join(redact_text(str(error).replace(url, redact_url(url))).split())


def _unpack_inner(folder: Path, wanted: str, budget: Budget) -> None:
    """Some archives hold the pictures in a second one (Caltech-101's zip: a tar.gz named like the folder)."""
    for suffix in (".tar.gz", ".zip"):
        for inner in sorted(folder.rglob(f"{Path(wanted).name}{suffix}")):
            if (folder / wanted).is_dir():
                return
            extract(inner, (folder / wanted).parent, budget)
