"""Fetching a published archive: whole, checked and unpacked, or not at all."""

import shutil
import tarfile
import tempfile
import zipfile
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError

from filelock import FileLock
from torchvision.datasets.utils import calculate_md5, download_url, extract_archive

from huesweep.errors import UsageError


class PublishedCopy:
    """A data set in its publisher's layout: a folder that is there, or will be downloaded.

    name: of the data set. folder: where its files lie below the root. root: as configured, or None for `home`, which is
    made when needed. download: fetch what is missing. url, md5, filename: of the archive.
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
    ) -> None:
        self.name = name
        self.folder = folder
        self.root = Path(root or home).expanduser()
        self.root_is_given = root is not None
        self.download = download
        self.archive = (url, md5, filename)

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
            fetch_archive(url, md5, filename, self.folder, self.root, self.name)


def fetch_archive(url: str, md5: str | None, filename: str, wanted: str, root: Path, name: str) -> None:
    """Download an archive and put the folder `wanted` that it holds below `root`, in one step.

    url, md5: of the archive; md5 None takes it unchecked. filename: the archive's, whose ending tells its kind. name:
    of the data set, for messages. Works in a folder of its own beside the result and removes it whatever happens; of
    two processes one downloads. Raises UsageError, saying what to do, where the archive can't be had or is another.
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
            download_url(url, str(workshop), filename=filename, md5=None)
            _check(workshop / filename, md5)
            extract_archive(str(workshop / filename), str(workshop / "unpacked"))
            _unpack_inner(workshop / "unpacked", wanted)
            found = workshop / "unpacked" / wanted
            if not found.is_dir():
                raise ValueError(f"the archive holds no {wanted}")
            (root / wanted).parent.mkdir(parents=True, exist_ok=True)
            found.replace(root / wanted)
        except (
            *(URLError, HTTPException, OSError, RuntimeError, ValueError, EOFError),
            *(tarfile.TarError, zipfile.BadZipFile, ImportError),
        ) as error:
            raise UsageError(
                f"{name} can't be downloaded from {url} ({error}): use data=photos, which needs no download, name a "
                f"mirror with data.url and data.md5, or put a copy of {wanted} into {root} (data.root)"
            ) from None
        finally:
            shutil.rmtree(workshop, ignore_errors=True)


def _check(archive: Path, md5: str | None) -> None:
    if md5 is not None and (found := calculate_md5(archive)) != md5:
        raise ValueError(f"its md5 is {found}, not {md5}: cut off, or another file")


def _unpack_inner(folder: Path, wanted: str) -> None:
    """Some archives hold the pictures in a second one (Caltech-101's zip: a tar.gz named like the folder)."""
    if (folder / wanted).is_dir():
        return
    for inner in [*folder.rglob(f"{Path(wanted).name}.tar.gz"), *folder.rglob(f"{Path(wanted).name}.zip")]:
        extract_archive(str(inner), str((folder / wanted).parent))
