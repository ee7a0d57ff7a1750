"""Responses are parsed the same in whatever pieces they arrive, and are bounded."""

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.upstream.transport.response_parser import (
    MAX_OVERHEAD_BYTES,
    InvalidResponse,
    ReceivedResponse,
    ResponseParser,
)

PIECE = b"x" * 8000


@dataclass(frozen=True)
class Parsed:
    """What became of a response."""

    status: int = 200
    body: bytes = b"{}"
    header_count: int = 1
    can_continue: bool = True
    is_valid: bool = True


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

RESPONSES = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}": Parsed(),
    b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}": Parsed(),
    b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\r\n": Parsed(),
    CHUNKED + b"1\r\n{\r\n1;a=b\r\n}\r\n0\r\n\r\n": Parsed(),
    CHUNKED + b"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n": Parsed(),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}": Parsed(),
    b"HTTP/1.1 204 No\r\nServer: x\r\n\r\n": Parsed(204, b""),
    b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n": Parsed(204, b""),
    b"HTTP/1.1 304 Not\r\nContent-Length: 2\r\n\r\n": Parsed(304, b""),
    b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n": Parsed(404, b""),
    b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}": Parsed(can_continue=False),
    b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}": Parsed(
        header_count=2
    ),
    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}": Parsed(
        header_count=2, can_continue=False
    ),
    b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{}": Parsed(can_continue=False),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}": Parsed(can_continue=False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}garbage": Parsed(can_continue=False),
    OK + b"Content-Length: 2\r\n\r\n{}" + OK + b"Content-Length: 3\r\n\r\n[1]": (
        Parsed(can_continue=False)
    ),
    b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n{}": Parsed(204, b"", can_continue=False),
    b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n": Parsed(is_valid=False),
    b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\n{}": Parsed(is_valid=False),
    b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}": Parsed(is_valid=False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}": Parsed(is_valid=False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}": (
        Parsed(is_valid=False)
    ),
    b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}": Parsed(is_valid=False),
    b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}": Parsed(is_valid=False),
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}": Parsed(is_valid=False),
    CHUNKED + b"2\r\n{}\r\n": Parsed(is_valid=False),
    CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n": (Parsed(is_valid=False)),
    b"HTTP/1.1 200 OK\r\nContent-Le": Parsed(is_valid=False),
    b"SSH-2.0-OpenSSH\r\n": Parsed(is_valid=False),
    b"": Parsed(is_valid=False),
}


def parse(pieces: list[bytes], *, has_body: bool = True) -> Parsed:
    """Parse a response in these pieces, after which the server closes the connection."""
    parser, response = ResponseParser(), ReceivedResponse(has_body=has_body)
    parser.begin(response)
    try:
        for piece in pieces:
            parser.feed(piece)
        can_continue = parser.can_continue
        if not response.is_complete:
            parser.feed_eof()
    except InvalidResponse:
        return Parsed(is_valid=False)
    assert response.is_complete
    return Parsed(response.status, response.take_chunks(), len(response.headers), can_continue)


def split(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds) if start < end]


@pytest.mark.parametrize("sent", RESPONSES)
def test_a_response_is_what_its_bytes_say(sent: bytes) -> None:
    assert parse([sent] if sent else []) == RESPONSES[sent]


@pytest.mark.slow
@given(st.sampled_from(list(RESPONSES)), st.lists(st.integers(0, 160), max_size=12))
def test_the_pieces_in_which_a_response_arrives_do_not_matter(sent: bytes, at: list[int]) -> None:
    pieces = split(sent, at)
    assert parse(pieces) == RESPONSES[sent]


@pytest.mark.parametrize("sent", RESPONSES)
def test_a_response_may_arrive_byte_by_byte(sent: bytes) -> None:
    assert parse([bytes([each]) for each in sent]) == RESPONSES[sent]


@pytest.mark.slow
@given(st.lists(st.integers(0, 60), max_size=5))
def test_a_response_to_head_has_no_body_and_ends_the_connection(at: list[int]) -> None:
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    expected = replace(RESPONSES[sent + b"{}"], body=b"", can_continue=False)
    assert parse(split(sent, at), has_body=False) == expected


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(list(RESPONSES)), st.lists(st.integers(0, 160)))))
def test_one_response_follows_the_other(sent: list[tuple[bytes, list[int]]]) -> None:
    parser = ResponseParser()
    for data, at in sent:
        expected = RESPONSES[data]
        response = ReceivedResponse()
        if not expected.is_valid or not expected.can_continue:
            continue
        parser.begin(response)
        for piece in split(data, at):
            parser.feed(piece)
        assert parser.can_continue
        assert (response.status, response.take_chunks()) == (expected.status, expected.body)


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", PIECE),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + PIECE + b"\r\n"),
        (b"HTTP/1.1 200 ", PIECE),
        (b"", b"HTTP/1.1 103 Hints\r\nLink: " + PIECE + b"\r\n\r\n"),
        (
            CHUNKED + b"2\r\n{}\r\n0\r\n",
            b"X: " + PIECE + b"\r\n",
        ),
        (CHUNKED + b"2;", PIECE),
        (b"\r\n", b"\r\n" * 4000),
    ],
    ids=["header", "headers", "reason", "hints", "trailers", "extension", "blank lines"],
)
def test_what_is_not_body_is_bounded(start: bytes, repeated: bytes) -> None:
    parser = ResponseParser()
    parser.begin(ReceivedResponse())
    parser.feed(start)
    times = MAX_OVERHEAD_BYTES // len(repeated) - 1
    for _ in range(times):
        parser.feed(repeated)

    with pytest.raises(InvalidResponse):
        parser.feed(2 * repeated)


def test_a_long_body_is_not_bounded_here() -> None:
    parser, response = ResponseParser(), ReceivedResponse()
    parser.begin(response)
    parser.feed(CHUNKED + b"")
    for _ in range(100):
        parser.feed(b"1f40\r\n" + PIECE + b"\r\n")
    parser.feed(b"0\r\n\r\n")

    assert parser.can_continue
    assert response.take_chunks() == PIECE * 100
