"""Reading the body of a response up to a limit."""

import zlib
from collections.abc import AsyncIterator

import httpx

GZIP_WINDOW_BITS = 31


class BodyTooLarge(Exception):
    """The body, or what it decompresses to, has more bytes than allowed."""


class BodyTruncated(Exception):
    """The compressed body ends before its end marker."""


async def read_body(response: httpx.Response, max_bytes: int, *, gzip: bool = False) -> bytes:
    """Return the body; with `gzip` decompress it.

    Raise `BodyTooLarge` as soon as there are more than `max_bytes`, `BodyTruncated`, or
    `zlib.error` for what is not gzip.
    """
    chunks = response.aiter_raw()
    body = bytearray()
    async for chunk in _decompress(chunks, max_bytes) if gzip else chunks:
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLarge
    return bytes(body)


async def _decompress(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[bytes]:
    # Not by httpx, which decompresses a chunk without a bound: 1 MiB can become 1 GiB.
    decompressor = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
    async for chunk in chunks:
        # One byte more than allowed is enough to exceed the limit.
        yield decompressor.decompress(chunk, max_bytes + 1)
    yield decompressor.flush()
    if not decompressor.eof:
        raise BodyTruncated
