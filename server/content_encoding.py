"""Compressed responses: who accepts gzip, and a part of a response that is compressed once."""

import zlib
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.types import Scope

from server.request_headers import get_header
from server.response_parts import Part, count_bytes

MIN_BYTES = 1_000  # below, compressing takes more than it saves
LEVEL = 4  # a third of the time of level 9, for an eighth more bytes
NEITHER_HEADER_NOR_TRAILER = -zlib.MAX_WBITS
# RFC 1952: no name, no time, an unknown system.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
MAX_STORED_BLOCK = 0xFFFF


def accepts_gzip(scope: Scope) -> bool:
    """Return whether a request's `Accept-Encoding` has gzip, with a weight above zero."""
    header = get_header(scope, b"accept-encoding")
    return bool(header) and _has_gzip(header)


@lru_cache(128)
def _has_gzip(header: str) -> bool:
    weights: dict[str, float] = {}
    for entry in header.lower().split(","):
        name, _, parameters = entry.partition(";")
        weights[name.strip()] = _parse_weight(parameters.strip())
    return weights.get("gzip", weights.get("*", 0)) > 0


def _parse_weight(text: str) -> float:
    if not text:
        return 1
    try:
        return float(text.removeprefix("q="))
    except ValueError:
        return 0


@dataclass(frozen=True)
class CompressedPart:
    """The beginning of a gzip stream; `length` and `checksum` are those of the plain bytes."""

    data: bytes = field(repr=False)
    length: int
    checksum: int

    @classmethod
    def compress(cls, *parts: Part) -> "CompressedPart":
        """Compress the beginning of a body, so that a small end can follow uncompressed."""
        compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, NEITHER_HEADER_NOR_TRAILER)
        compressed, checksum = [GZIP_HEADER], 0
        for part in parts:
            compressed.append(compressor.compress(part))
            checksum = zlib.crc32(part, checksum)
        compressed.append(compressor.flush(zlib.Z_SYNC_FLUSH))
        return cls(b"".join(compressed), count_bytes(parts), checksum)

    def complete(self, end: bytes) -> bytes:
        """Return the whole gzip stream with this end of the body, of up to 64 KiB."""
        if len(end) > MAX_STORED_BLOCK:
            raise ValueError("the end of a body is too long")
        length = len(end)
        # RFC 1951, section 3.2.4: the last block, stored as it is.
        block = b"\x01" + _encode(length, 2) + _encode(length ^ MAX_STORED_BLOCK, 2) + end
        checksum = zlib.crc32(end, self.checksum)
        return self.data + block + _encode(checksum, 4) + _encode(self.length + length, 4)


def _encode(number: int, size: int) -> bytes:
    return number.to_bytes(size, "little")
