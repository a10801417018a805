"""Archives from strangers: nothing lands outside the folder, nothing but plain files, and no more than allowed."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from huesweep.io.archives import ArchiveError, Bounds, Budget, extract

BOUNDS = Bounds(download=10**6, unpacked=10**6, members=20)


def add(tar: tarfile.TarFile, name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    member.size = len(content) if kind == tarfile.REGTYPE else 0
    member.mode = 0o4777
    tar.addfile(member, io.BytesIO(content) if kind == tarfile.REGTYPE else None)


def tar_of(path: Path, *members: tuple[str, bytes, bytes, str]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content, kind, link in members:
            add(tar, name, content, kind, link)
    return path


def zip_of(path: Path, *members: tuple[str, int], content: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, mode in members:
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return path


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def unpack(archive: Path, folder: Path, bounds: Bounds = BOUNDS) -> None:
    extract(archive, folder, Budget(bounds))


@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_plain_files_and_folders_are_unpacked_with_usual_permissions(tmp_path: Path, ending: str) -> None:
    archive = tmp_path / f"a{ending}"
    long = "pictures/" + "n" * 150 + ".jpg"  # needs a header of its own in a tar file
    if ending == ".zip":
        zip_of(archive, ("empty/", 0), ("./pictures/one.jpg", stat.S_IFREG | 0o4777), (long, 0))
    else:
        tar_of(
            archive,
            ("empty", b"", tarfile.DIRTYPE, ""),
            ("./pictures/one.jpg", b"x", tarfile.REGTYPE, ""),
            (long, b"x", tarfile.REGTYPE, ""),
        )
    unpack(archive, tmp_path / "out")
    assert tree(tmp_path / "out") == {"empty", "pictures", "pictures/one.jpg", long}
    assert (tmp_path / "out" / long).read_bytes() == b"x"
    assert (tmp_path / "out" / "pictures/one.jpg").stat().st_mode & 0o7111 == 0


def outside(tmp_path: Path) -> list[str]:
    return ["../x", "a/../../x", "/x", f"{tmp_path}/x", "..", "C:/x", "C:x", "..\\x", "a\\..\\..\\x"]


@pytest.mark.parametrize("index", range(9))
@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, ending: str, index: int) -> None:
    name = outside(tmp_path)[index]
    archive = tmp_path / f"a{ending}"
    if ending == ".zip":
        zip_of(archive, (name, 0))
    else:
        tar_of(archive, (name, b"x", tarfile.REGTYPE, ""))
    with pytest.raises(ArchiveError, match="leads out of its folder"):
        unpack(archive, tmp_path / "deep" / "out")
    assert tree(tmp_path) == {archive.name, "deep", "deep/out"}


@pytest.mark.parametrize(
    ("kind", "link", "message"),
    [
        (tarfile.SYMTYPE, "../../outside", "a link"),
        (tarfile.SYMTYPE, "pictures", "a link"),
        (tarfile.LNKTYPE, "/etc/passwd", "a link"),
        (tarfile.SYMTYPE, "a" * 150, "a link"),
        (tarfile.CHRTYPE, "", "no plain file"),
        (tarfile.BLKTYPE, "", "no plain file"),
        (tarfile.FIFOTYPE, "", "no plain file"),
    ],
)
def test_links_and_devices_in_a_tar_file_are_refused(tmp_path: Path, kind: bytes, link: str, message: str) -> None:
    archive = tar_of(
        tmp_path / "a.tar.gz", ("pictures/way", b"", kind, link), ("pictures/way/x", b"x", tarfile.REGTYPE, "")
    )
    with pytest.raises(ArchiveError, match=message):
        unpack(archive, tmp_path / "out")
    assert tree(tmp_path) == {"a.tar.gz", "out"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_file_are_refused(tmp_path: Path, kind: int) -> None:
    archive = zip_of(tmp_path / "a.zip", ("way", kind | 0o777), ("way/x", 0), content=b"../../outside")
    with pytest.raises(ArchiveError, match="a link" if kind == stat.S_IFLNK else "no plain file"):
        unpack(archive, tmp_path / "out")
    assert tree(tmp_path) == {"a.zip", "out"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    with pytest.raises(ArchiveError, match="twice"):
        unpack(zip_of(tmp_path / "a.zip", *((name, 0) for name in names)), tmp_path / "zip")
    with pytest.raises(ArchiveError, match="twice"):
        unpack(tar_of(tmp_path / "a.tar.gz", *((name, b"", tarfile.REGTYPE, "") for name in names)), tmp_path / "tar")


def test_folders_too_deep_to_be_removed_again_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="folders deep"):
        unpack(zip_of(tmp_path / "a.zip", ("a/" * 1500 + "x", 0)), tmp_path / "out")


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_bomb_is_stopped_while_it_is_unpacked(tmp_path: Path) -> None:
    zeros = tarfile.TarInfo("zeros")
    zeros.size = 300_000_000
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar, Path("/dev/zero").open("rb") as source:
        tar.addfile(zeros, source)
    assert (tmp_path / "a.tar.gz").stat().st_size < 1_000_000
    with pytest.raises(ArchiveError, match="unpacks to more than 2 MB"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "tar", BOUNDS._replace(unpacked=2_000_000))
    assert written(tmp_path / "tar") <= 2_000_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50_000_000))
    with pytest.raises(ArchiveError, match="unpacks to more than 2 MB"):
        unpack(tmp_path / "a.zip", tmp_path / "zip", BOUNDS._replace(unpacked=2_000_000))
    assert written(tmp_path / "zip") <= 2_000_000


def test_two_archives_share_one_budget(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", ("x", 0), content=bytes(600_000))
    budget = Budget(BOUNDS)
    extract(archive, tmp_path / "one", budget)
    with pytest.raises(ArchiveError, match="unpacks to more than"):
        extract(archive, tmp_path / "two", budget)
    assert written(tmp_path / "two") <= 400_000


@pytest.mark.parametrize("ending", [".tar.gz", ".zip"])
def test_members_are_counted(tmp_path: Path, ending: str) -> None:
    names = [f"folder-{index}/" for index in range(21)]
    archive = tmp_path / f"a{ending}"
    if ending == ".zip":
        zip_of(archive, *((name, 0) for name in names))
    else:
        tar_of(archive, *((name, b"", tarfile.DIRTYPE, "") for name in names))
    with pytest.raises(ArchiveError, match="more than 20 files"):
        unpack(archive, tmp_path / "out")
    assert len(tree(tmp_path / "out")) == 20


def test_a_zip_member_of_another_size_than_it_says_is_refused(tmp_path: Path) -> None:
    archive = zip_of(tmp_path / "a.zip", ("x", 0), content=bytes(1000))
    whole = archive.read_bytes()
    for said in (10, 2000):
        archive.write_bytes(whole.replace(struct.pack("<I", 1000), struct.pack("<I", said)))
        with pytest.raises(ArchiveError):
            unpack(archive, tmp_path / f"out-{said}")
        assert written(tmp_path / f"out-{said}") <= 1000


def test_headers_that_claim_memory_are_refused(tmp_path: Path) -> None:
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
        header = tarfile.TarInfo("long")
        header.type, header.size = kind, 500_000_000
        (tmp_path / "a.tar.gz").write_bytes(gzip.compress(header.tobuf() + bytes(1024)))
        with pytest.raises(ArchiveError, match="a header of 500,000,000 bytes"):
            unpack(tmp_path / "a.tar.gz", tmp_path / "out")


def test_headers_before_headers_without_end_are_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("next")
    header.type, header.size = tarfile.XHDTYPE, 0
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(header.tobuf() * 1800))
    with pytest.raises(ArchiveError, match="damaged"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")


def test_a_list_of_members_that_fills_the_memory_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for index in range(400):
            member = zipfile.ZipInfo(f"{index}/")
            member.comment = bytes(60_000)
            archive.writestr(member, b"")
    with pytest.raises(ArchiveError, match="lists its members in more than"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


def test_a_file_with_holes_and_other_compressions_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("holes")
        member.size = 512
        member.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(2**40), "GNU.sparse.numblocks": "1"}
        tar.addfile(member, io.BytesIO(bytes(512)))
    with pytest.raises(ArchiveError, match="holes"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "tar")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x", b"x")
    with pytest.raises(ArchiveError, match="deflate"):
        unpack(tmp_path / "a.zip", tmp_path / "zip")


def test_a_name_is_told_in_one_printable_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        unpack(zip_of(tmp_path / "a.zip", ("../x\n\x1b[31m" + "é" * 300, 0)), tmp_path / "out")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_a_python_without_the_safe_way_to_unpack_is_told_to_be_updated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tarfile, "data_filter")
    with pytest.raises(ArchiveError, match="update it to its latest patch release"):
        unpack(tar_of(tmp_path / "a.tar.gz", ("x", b"x", tarfile.REGTYPE, "")), tmp_path / "out")
    assert tree(tmp_path / "out") == set()
