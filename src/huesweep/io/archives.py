"""Unpacking a stranger's archive: plain files and folders, inside one folder, and no more of them than allowed."""

import gzip
import io
import re
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from huesweep.errors import shortened

PIECE = 2**16  # bytes copied at once
LONGEST_READ = 2**22  # bytes of a list of members; what is in memory at once
LONGEST_HEADER = 2**16  # bytes of a member's long name or further attributes
MOST_ATTRIBUTES = 100  # of all members, which are copied for each
DEEPEST = 16  # folders within folders
_LINKS = (tarfile.SYMTYPE, tarfile.LNKTYPE)
_FURTHER = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME)
_PLAIN = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others a dictionary's size is the archive's to choose


class ArchiveError(ValueError):
    """An archive that is damaged, or that holds what is not unpacked; the message says which."""


class Bounds(NamedTuple):
    """How much is taken at most. download, unpacked: bytes; unpacked and members: an archive's, inner ones included."""

    download: int
    unpacked: int
    members: int


class Budget:
    """What may still be unpacked, within the bounds of all archives of a data set together."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._bytes = bounds.unpacked
        self._members = bounds.members

    def take_bytes(self, count: int) -> None:
        """Note bytes before they are written. Raises ArchiveError where they are too many."""
        self._bytes -= count
        if self._bytes < 0:
            raise ArchiveError(f"unpacks to more than {as_size(self.bounds.unpacked)}, which is not that data set")

    def take_member(self) -> None:
        """Note a member before it is written. Raises ArchiveError where it is one too many."""
        self._members -= 1
        if self._members < 0:
            raise ArchiveError(f"holds more than {self.bounds.members:,} files and folders, which is not that data set")


def as_size(count: int) -> str:
    """Bytes for people: 400 MB."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count:,} bytes"


def extract(archive: Path, folder: Path, budget: Budget) -> None:
    """Unpack a .zip or .tar.gz file below a folder, which is made if missing.

    Takes plain files and folders alone, with the permissions that new files have: a link, a device, a name that leads
    out of the folder or a second file of the same name is refused. Stops while unpacking where the budget is used up.
    Raises ArchiveError for all that is wrong with the archive, and OSError where files can't be written; both may leave
    what was unpacked so far.
    """
    folder.mkdir(parents=True, exist_ok=True)
    unpack = _extract_zip if archive.suffix == ".zip" else _extract_tar
    try:
        unpack(archive, folder, budget)
    except ArchiveError:
        raise
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise ArchiveError(f"holds {shortened(Path(str(error.filename)).name)} twice") from None
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ArchiveError(f"is damaged or no archive: {shortened(str(error))}") from None
    except (ValueError, RuntimeError, IndexError, KeyError, OverflowError, MemoryError) as error:
        # What the readers raise for mutilated headers, encrypted members, chains of headers without an end.
        raise ArchiveError(f"is damaged: {type(error).__name__}, {shortened(str(error))}") from None


def _extract_tar(archive: Path, folder: Path, budget: Budget) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise ArchiveError("can't be unpacked safely by this Python: update it to its latest patch release")
    with gzip.open(archive) as content:
        counted = _Counted(content, budget)
        # Read from front to back, so that no header can send the reader back for ever.
        with tarfile.open(fileobj=counted, mode="r|", tarinfo=_PlainMember) as tar:
            for member in tar:
                budget.take_member()
                if len(tar.pax_headers) > MOST_ATTRIBUTES:
                    raise ArchiveError(f"is damaged: more than {MOST_ATTRIBUTES} attributes for all members")
                target = _place(member.name, folder)
                tarfile.data_filter(member, str(folder))  # the standard library's own rules on top
                if member.issparse():
                    raise ArchiveError(f"holds {shortened(member.name)}, a file with holes")
                if member.isdir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                file = tar.extractfile(member)
                assert file is not None
                with file:
                    _write(file, target, None)  # its bytes are counted where they come from


def _extract_zip(archive: Path, folder: Path, budget: Budget) -> None:
    with _ShortReads(archive) as content, zipfile.ZipFile(content) as zipped:
        for member in zipped.infolist():
            budget.take_member()
            target = _place(member.filename, folder)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                what = "a link" if kind == stat.S_IFLNK else "no plain file"
                raise ArchiveError(f"holds {shortened(member.filename)}, {what}")
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            if member.compress_type not in _METHODS:
                raise ArchiveError(f"holds {shortened(member.filename)}, compressed in another way than deflate")
            with zipped.open(member) as file:
                if _write(file, target, budget) != member.file_size:
                    raise ArchiveError(f"holds {shortened(member.filename)} in another size than it says")


def _place(name: str, folder: Path) -> Path:
    """Where a member goes. Raises ArchiveError for a name that may lead out of the folder, and for one too deep."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name or re.match("[A-Za-z]:", name):
        raise ArchiveError(f"holds {shortened(name)}, which leads out of its folder")
    if len(parts) > DEEPEST:
        raise ArchiveError(f"holds {shortened(name)}, more than {DEEPEST} folders deep")
    return folder / PurePosixPath(name)


def _write(source: IO[bytes], target: Path, budget: Budget | None) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with target.open("xb") as file:
        while piece := source.read(PIECE):
            if budget is not None:
                budget.take_bytes(len(piece))
            file.write(piece)
            size += len(piece)
    return size


class _Counted(io.RawIOBase):
    """What a gzip file unpacks to, counted, headers and padding too."""

    def __init__(self, content: gzip.GzipFile, budget: Budget) -> None:
        self._content = content
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(min(size, PIECE) if size >= 0 else PIECE)
        self._budget.take_bytes(len(piece))
        return piece


class _PlainMember(tarfile.TarInfo):
    """A member of a tar file whose header is looked at before anything is done about it."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_PlainMember":
        member = super().frombuf(buf, encoding, errors)
        if member.type in _LINKS or member.type == tarfile.GNUTYPE_LONGLINK:
            raise ArchiveError(f"holds {shortened(member.name)}, a link")
        if member.type not in (*_PLAIN, *_FURTHER):
            raise ArchiveError(f"holds {shortened(member.name)}, no plain file")
        if member.size < 0 or (member.type in _FURTHER and member.size > LONGEST_HEADER):
            raise ArchiveError(f"is damaged: a header of {member.size:,} bytes")
        return member


class _ShortReads(io.FileIO):
    """A file whose reader asks for no more at once than a list of members needs."""

    def read(self, size: int | None = -1) -> bytes:
        asked = LONGEST_READ + 1 if size is None or size < 0 else size
        piece = b"" if asked > LONGEST_READ + 1 else super().read(asked) or b""
        if asked > LONGEST_READ + 1 or len(piece) > LONGEST_READ:
            raise ArchiveError(f"lists its members in more than {as_size(LONGEST_READ)}")
        return piece
