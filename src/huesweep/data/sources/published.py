"""What sources share that read a published data set: an existing copy or a download, and the classes to keep of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from pydantic.dataclasses import dataclass

from huesweep.data.download import PublishedCopy
from huesweep.data.sources.base import Source
from huesweep.data.store import PackStore
from huesweep.errors import UsageError, unknown
from huesweep.io.archives import Bounds
from huesweep.ranges import Whole
from huesweep.registry import CHECKS


class Archive(NamedTuple):
    """What is published; see PublishedCopy."""

    folder: str
    url: str
    md5: str | None
    filename: str
    bounds: Bounds
    also: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()


@dataclass(config=CHECKS)
class PublishedSource(Source):
    """A subclass sets `archive`, gives recognizes, and is a dataclass of its own options.

    root: the unpacked archive, the folder that holds it or the archive, or into which that goes; None for `home`,
    which is made when needed. download: fetch what is missing, from `url` with `md5` or from the publisher. classes:
    names to keep, or None for all; labels count within them. seed: of the splits. cache: folder of packs.
    """

    archive: ClassVar[Archive]
    root: str | None
    home: str
    download: bool
    url: str | None
    md5: str | None
    classes: list[str] | None
    seed: Whole
    cache: str

    def __post_init__(self) -> None:
        archive = self.archive._replace(url=self.url, md5=self.md5) if self.url else self.archive
        self.copy = PublishedCopy(
            name=self.name,
            root=self.root,
            home=self.home,
            download=self.download,
            recognize=self.recognizes,
            **archive._asdict(),
        )
        self.store = PackStore(Path(self.cache))

    @property
    def folder(self) -> Path:
        return self.copy.path

    def recognizes(self, folder: Path) -> bool:
        """Whether a folder of another name is the data set's."""
        raise NotImplementedError

    def kept_classes(self, there: Sequence[str]) -> list[str]:
        """The classes to keep of those there are. Raises UsageError for one that isn't there or is named twice."""
        for name in self.classes or []:
            if name not in there:
                raise unknown("class", name, there)
        if self.classes and len(set(self.classes)) < len(self.classes):
            raise UsageError(f"data.classes names a class twice: {', '.join(self.classes)}")
        return list(self.classes or there)
