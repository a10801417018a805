"""Fetching a published archive: whole, checked and unpacked, or not at all."""

import os
import shutil
import tempfile
from http.client import HTTPException
from pathlib import Path

from filelock import FileLock
from torchvision.datasets.utils import calculate_md5

from huesweep.data.fetching import fetch_file
from huesweep.errors import UsageError
from huesweep.io.archives import Bounds, Budget, extract
from huesweep.io.redacted import redact_text, redact_url


class PublishedCopy:
    """A data set in its publisher's layout: a folder that is there, or will be downloaded.

    name: of the data set. folder: where its files lie below the root. root: as configured, or None for `home`, which is
    made when needed. download: fetch what is missing. url, md5, filename: of the archive. bounds: of what is fetched.
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
    ) -> None:
        self.name = name
        self.folder = folder
        self.root = Path(root or home).expanduser()
        self.root_is_given = root is not None
        self.download = download
        self.archive = (url, md5, filename)
        self.bounds = bounds

    @property
    def path(self) -> Path:
        return self.root / self.folder

    def check(self) -> None:
        """Raise UsageError where the copy is not there and can't be fetched either."""
        if self.root_is_given and not self.root.is_dir():
            raise UsageError(
                f"data.root={self.root} does not exist: point it at the folder that holds {self.folder}, "
                "or make it (mkdir -p) to download into it"
            )
        if not self.download and not self.path.is_dir():
            raise UsageError(
                f"data.root={self.root} holds no {self.folder}: point it at a copy, or set data.download=true"
            )

    def fetch(self) -> None:
        """Download the data set unless it is there. Raises UsageError where it can't be had."""
        self.check()
        if not self.path.is_dir():
            url, md5, filename = self.archive
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

    url, md5: of the archive; md5 None takes it unchecked. filename: the archive's, whose ending tells its kind. name:
    of the data set, for messages. bounds: beyond which the download or the unpacking stops. Works in a folder of its
    own beside the result and removes it whatever happens; of two processes one downloads. Raises UsageError, saying
    what to do, where the archive can't be had or is another.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(dir=root, prefix=f".{name}-", suffix=".part"))
    except OSError as error:
        raise UsageError(f"{name} can't be downloaded into {root}: {error.strerror}") from None
    with FileLock(root / f".{wanted.replace('/', '-')}.lock"):
        try:
            if (root / wanted).is_dir():
                return
            fetch_file(url, workshop / filename, bounds.download, name)
            _check(workshop / filename, md5)
            budget = Budget(bounds)
            extract(workshop / filename, workshop / "unpacked", budget)
            _unpack_inner(workshop / "unpacked", wanted, budget)
            found = workshop / "unpacked" / wanted
            if not found.is_dir():
                raise ValueError(f"the archive holds no {wanted}")
            (root / wanted).parent.mkdir(parents=True, exist_ok=True)
            found.replace(root / wanted)
        except (HTTPException, OSError, ValueError) as error:
            raise UsageError(
                f"{name} can't be downloaded from {redact_url(url)} ({_without_secrets(error, url)}): use data=photos, "
                "which needs no download, name a mirror with data.url and data.md5, or put a copy of "
                f"{wanted} into {root} (data.root)"
            ) from None
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


def _check(archive: Path, md5: str | None) -> None:
    if md5 is not None and (found := calculate_md5(archive)) != md5:
        raise ValueError(f"its md5 is {found}, not {md5}: cut off, or another file")


def _without_secrets(error: Exception, url: str) -> str:
    return " ".join(redact_text(str(error).replace(url, redact_url(url))).split())


def _unpack_inner(folder: Path, wanted: str, budget: Budget) -> None:
    """Some archives hold the pictures in a second one (Caltech-101's zip: a tar.gz named like the folder)."""
    for suffix in (".tar.gz", ".zip"):
        for inner in sorted(folder.rglob(f"{Path(wanted).name}{suffix}")):
            if (folder / wanted).is_dir():
                return
            extract(inner, (folder / wanted).parent, budget)
