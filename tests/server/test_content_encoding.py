"""Who accepts gzip, and streams whose beginning was compressed before."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.content_encoding import MAX_STORED_BLOCK, CompressedPart, accepts_gzip


@pytest.mark.parametrize(
    ("header", "is_accepted"),
    [
        ("gzip", True),
        ("GZip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("*", True),
        ("identity, *;q=0.1", True),
        ("gzip;q=0, *", False),
        ("gzip;q=0.000", False),
        ("gzip;q=much", False),
        ("*;q=0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_the_header_is_read_with_its_weights(header: str, is_accepted: bool) -> None:
    scope = {"headers": [(b"accept-encoding", header.encode())]}
    assert accepts_gzip(scope) == is_accepted


def test_a_request_without_the_header_accepts_no_gzip() -> None:
    assert not accepts_gzip({"headers": []})


@given(st.binary(max_size=2_000), st.binary(max_size=300))
def test_a_completed_stream_is_the_beginning_and_the_end(beginning: bytes, end: bytes) -> None:
    completed = CompressedPart.compress(beginning).complete(end)

    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(completed) == beginning + end
    assert (reader.eof, reader.unused_data) == (True, b"")


def test_an_end_fits_into_one_block() -> None:
    part = CompressedPart.compress(b"beginning")
    longest = bytes(MAX_STORED_BLOCK)

    assert zlib.decompress(part.complete(longest), 31) == b"beginning" + longest
    with pytest.raises(ValueError, match="too long"):
        part.complete(longest + b"x")
