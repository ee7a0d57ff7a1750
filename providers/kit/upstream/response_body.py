"""Reading the body of a response up to a limit, decompressed (RFC 9110, section 8.4.1)."""

import zlib
from typing import Protocol, cast

import httpx

from providers.kit.upstream.transport.http_transport import ResponseBody
from providers.kit.upstream.transport.received_response import find_content_coding

GZIP_WINDOW_BITS, ZLIB_WINDOW_BITS, RAW_WINDOW_BITS = 31, 15, -15
GZIP_CODINGS = frozenset({"gzip", "x-gzip"})
DEFLATE_CODING = "deflate"
DEFLATE_METHOD, METHOD_MASK, HEADER_CHECK, HEADER_BYTES = 8, 0x0F, 31, 2
# An empty gzip member has 20 bytes, and costs a decompressor.
MAX_MEMBERS = 10_000
# What follows the end of a member is copied; small pieces keep many members cheap.
PIECE_BYTES = 16 * 1024


class BodyError(Exception):
    """A body that is not returned."""


class BodyTooLarge(BodyError):
    """The body, or what it decompresses to, has more bytes than allowed."""


class BodyTruncated(BodyError):
    """The compressed body ends before its end marker."""


class BodyUnreadable(BodyError):
    """The body has an unknown content coding, or is not what its coding says."""


class Decoder(Protocol):
    """A content coding's decoder. Not httpx's, with which 1 MiB can become 1 GiB."""

    def decode(self, data: bytes, max_length: int) -> bytes:
        """Return what the data decode to, up to `max_length` bytes; at least one is allowed."""
        ...

    def finish(self) -> None:
        """Raise `BodyTruncated` unless the end was reached."""
        ...


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body without its `Content-Encoding`, and end the response.

    Raise `BodyTooLarge` as soon as there are more than `max_bytes`, `BodyTruncated` or
    `BodyUnreadable`.
    """
    coding = find_content_coding(response)
    # Not through the response, whose iterators cost more than the network.
    stream = response.stream
    whole = stream.take_whole() if isinstance(stream, ResponseBody) else None
    if whole is None:
        return await _read_parts(cast("httpx.AsyncByteStream", stream), coding, max_bytes)
    if not coding and len(whole) <= max_bytes:
        return whole
    body = _Body(coding, max_bytes)
    body.add(whole)
    return body.finish()


async def _read_parts(stream: httpx.AsyncByteStream, coding: str, max_bytes: int) -> bytes:
    try:
        body = _Body(coding, max_bytes)
        async for chunk in stream:
            body.add(chunk)
    finally:
        await stream.aclose()
    return body.finish()


class _Body:
    """The parts of a body without their coding, up to a limit."""

    def __init__(self, coding: str, max_bytes: int) -> None:
        self._decoder = _create_decoder(coding)
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._length = self._received = 0

    def add(self, chunk: bytes) -> None:
        self._received += len(chunk)
        try:
            # One byte more than allowed is enough to exceed the limit.
            part = self._decoder.decode(chunk, self._max_bytes + 1 - self._length)
        except zlib.error:
            raise BodyUnreadable from None
        self._parts.append(part)
        self._length += len(part)
        # No coding doubles a body.
        if self._length > self._max_bytes or self._received > 2 * self._max_bytes:
            raise BodyTooLarge

    def finish(self) -> bytes:
        self._decoder.finish()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


def _create_decoder(content_encoding: str) -> Decoder:
    if not content_encoding:
        return _IdentityDecoder()
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if not codings:
        return _IdentityDecoder()
    if len(codings) == 1 and codings[0] in GZIP_CODINGS:
        return _GzipDecoder()
    if codings == [DEFLATE_CODING]:
        return _DeflateDecoder()
    raise BodyUnreadable


class _IdentityDecoder:
    def decode(self, data: bytes, max_length: int) -> bytes:
        return data[:max_length]

    def finish(self) -> None:
        pass


class _GzipDecoder:
    """One member after the other, as servers make them that compress in pieces (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP_WINDOW_BITS)
        self._members = 1
        self._is_empty = True

    def decode(self, data: bytes, max_length: int) -> bytes:
        output = bytearray()
        self._is_empty = self._is_empty and not data
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            output += self._decode_piece(piece, max_length - len(output))
        return bytes(output)

    def _decode_piece(self, data: bytes, max_length: int) -> bytes:
        output = bytearray()
        while data and len(output) < max_length:
            if self._member.eof:
                data = data.lstrip(b"\0")  # padding of the member before
                if not data:
                    break
                self._start_member()
            output += self._member.decompress(data, max_length - len(output))
            data = self._member.unused_data
        return bytes(output)

    def finish(self) -> None:
        # A response without a body, such as a 204, may name a coding nevertheless.
        if not self._member.eof and not self._is_empty:
            raise BodyTruncated

    def _start_member(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise BodyTooLarge
        self._member = zlib.decompressobj(GZIP_WINDOW_BITS)


class _DeflateDecoder:
    """Either format that servers send under this name: zlib's, as RFC 9110 wants it, or raw."""

    def __init__(self) -> None:
        self._decompressor = zlib.decompressobj(ZLIB_WINDOW_BITS)
        self._start = b""
        self._is_started = False

    def decode(self, data: bytes, max_length: int) -> bytes:
        if not self._is_started:
            data = self._start = self._start + data
            if len(data) < HEADER_BYTES:
                return b""
            self._is_started = True
            if not _has_zlib_header(data):
                self._decompressor = zlib.decompressobj(RAW_WINDOW_BITS)
        return self._decompressor.decompress(data, max_length)

    def finish(self) -> None:
        if not self._decompressor.eof and self._start:
            raise BodyTruncated


def _has_zlib_header(data: bytes) -> bool:
    is_checked = int.from_bytes(data[:HEADER_BYTES]) % HEADER_CHECK == 0
    return is_checked and data[0] & METHOD_MASK == DEFLATE_METHOD
