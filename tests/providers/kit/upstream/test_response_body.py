"""Bodies of responses: every content coding that servers use, and no more bytes than allowed."""

import asyncio
import gzip
import zlib
from collections.abc import Callable, Iterable, Sequence

import httpx
import pytest

from providers.kit.upstream.response_body import (
    MAX_MEMBERS,
    BodyTooLarge,
    BodyTruncated,
    BodyUnreadable,
    read_body,
)
from tests.providers.kit.upstream.scripted_upstream import ChunkedBody

TEXT = b'{"name": "' + b"a long name " * 200 + b'"}'
EMPTY_MEMBER = gzip.compress(b"")
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(TEXT) + RAW.flush()


def make_members(*texts: bytes) -> bytes:
    return b"".join(gzip.compress(text) for text in texts)


def keep_whole(body: bytes) -> list[bytes]:
    return [body]


def split_into_bytes(body: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in body]


def read(chunks: Iterable[bytes], coding: str | None, max_bytes: int = 1_000_000) -> bytes:
    headers = {} if coding is None else {"Content-Encoding": coding}
    response = httpx.Response(200, headers=headers, stream=ChunkedBody(chunks))
    return asyncio.run(read_body(response, max_bytes))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("GZip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("identity, gzip", gzip.compress(TEXT)),
        ("gzip", make_members(TEXT[:20], TEXT[20:])),
        ("x-gzip", make_members(*split_into_bytes(TEXT))),
        ("gzip", make_members(b"", TEXT, b"")),
        ("gzip", gzip.compress(TEXT) + bytes(512)),
        ("gzip", gzip.compress(TEXT[:9]) + bytes(7) + gzip.compress(TEXT[9:]) + bytes(3)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
    ],
    ids=range(14),
)
@pytest.mark.parametrize("split", [keep_whole, split_into_bytes], ids=["whole", "bytes"])
def test_a_body_is_read_in_every_coding_and_any_chunks(
    coding: str | None, body: bytes, split: Callable[[bytes], Sequence[bytes]]
) -> None:
    assert read(split(body), coding) == TEXT


@pytest.mark.parametrize("coding", [None, "gzip", "x-gzip", "deflate"])
def test_a_response_without_a_body_is_empty_in_every_coding(coding: str | None) -> None:
    assert read([], coding) == b""
    assert read([b""], coding) == b""


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", TEXT),
        ("zstd", TEXT),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("gzip", TEXT),
        ("gzip", gzip.compress(TEXT) + b"more"),
        ("deflate", b"\xff" + TEXT),
        ("deflate", gzip.compress(TEXT)),
    ],
    ids=range(8),
)
def test_what_does_not_follow_its_coding_is_unreadable(coding: str, body: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        read([body], coding)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)[:-9]),
        ("gzip", make_members(TEXT, TEXT)[:-9]),
        ("gzip", gzip.compress(TEXT) + b"\x1f"),
        ("deflate", zlib.compress(TEXT)[:-5]),
        ("deflate", RAW_DEFLATE[:-5]),
        ("deflate", b"\x78"),
    ],
    ids=range(6),
)
def test_a_compressed_body_without_its_end_is_truncated(coding: str, body: bytes) -> None:
    with pytest.raises(BodyTruncated):
        read([body], coding)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("gzip", make_members(TEXT[:100], TEXT[100:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", RAW_DEFLATE),
    ],
    ids=range(5),
)
def test_a_body_may_have_as_many_bytes_as_allowed_and_no_more(
    coding: str | None, body: bytes
) -> None:
    assert read([body], coding, len(TEXT)) == TEXT
    for chunks in ([body], split_into_bytes(body)):
        with pytest.raises(BodyTooLarge):
            read(chunks, coding, len(TEXT) - 1)


def test_the_number_of_members_is_limited() -> None:
    assert read([EMPTY_MEMBER * (MAX_MEMBERS - 1), gzip.compress(TEXT)], "gzip") == TEXT
    with pytest.raises(BodyTooLarge):
        read([EMPTY_MEMBER * (MAX_MEMBERS + 1)], "gzip")


def test_compressed_bytes_that_stand_for_nothing_are_limited() -> None:
    endless = ChunkedBody(b"\0" * 1000 for _ in range(1_000_000))
    response = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=endless)
    endless_padding = ChunkedBody([gzip.compress(TEXT), *([bytes(1000)] * 10_000)])
    padded = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=endless_padding)

    with pytest.raises(BodyUnreadable):
        asyncio.run(read_body(response, 10_000))
    with pytest.raises(BodyTooLarge):
        asyncio.run(read_body(padded, 10_000))
    assert endless_padding.bytes_sent < 30_000
