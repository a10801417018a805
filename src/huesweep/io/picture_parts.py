"""What JPEG and PNG files consist of, segments and chunks, as far as a file holds them."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
APP1, START_OF_SCAN = b"\xff\xe1", b"\xff\xda"
SEGMENT_HEAD = 4  # bytes: marker and length
_MARKER = 2  # bytes
_CHUNK_FRAME = 12  # bytes around a chunk's content: length, kind, checksum


def jpeg_segments(content: bytes) -> Iterator[bytes]:
    """The segments of a JPEG file before its pixels, each from its marker on; the first begins at the third byte."""
    place = _MARKER
    while content[place : place + 1] == b"\xff" and content[place : place + _MARKER] != START_OF_SCAN:
        end = place + _MARKER + int.from_bytes(content[place + _MARKER : place + SEGMENT_HEAD], "big")
        yield content[place:end]
        place = end


class PngChunk(NamedTuple):
    """content: all its bytes in the file. length: of its data, as it tells."""

    content: bytes
    length: int

    @property
    def kind(self) -> bytes:
        return self.content[4:8]

    @property
    def body(self) -> bytes:
        """Its kind and its data."""
        return self.content[4 : 8 + self.length]

    @property
    def is_cut(self) -> bool:
        """Whether the file ends before it does."""
        return len(self.content) < _CHUNK_FRAME + self.length

    @property
    def is_whole(self) -> bool:
        """Whether it has the checksum that it tells."""
        return not self.is_cut and zlib.crc32(self.body) == int.from_bytes(self.content[-4:], "big")


def png_chunks(content: bytes) -> Iterator[PngChunk]:
    """The chunks of a PNG file, up to one that is cut off."""
    place = len(PNG_START)
    while place < len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        yield PngChunk(content[place : place + _CHUNK_FRAME + length], length)
        place += _CHUNK_FRAME + length


def png_chunk(body: bytes) -> bytes:
    """A chunk's bytes for a PNG file, of its kind and its data."""
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
