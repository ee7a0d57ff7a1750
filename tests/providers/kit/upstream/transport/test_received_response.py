"""Responses that are made of what has arrived: the same for callers of httpx and for our own."""

from collections.abc import AsyncIterator

import httpx
import pytest

from providers.kit.upstream.transport.received_response import ReceivedHttpResponse, get_fields

HEADERS = [
    (b"Content-Type", b"application/json"),
    (b"X-Name", b"M\xfcnchen"),
    (b"X-Twice", b"a"),
    (b"x-twice", b"b, c"),
    (b"Content-Encoding", b""),
]


class NoBody(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b""


def respond(status: int = 200) -> ReceivedHttpResponse:
    return ReceivedHttpResponse(status, HEADERS, NoBody())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "application/json"),
        ("x-name", "München"),
        ("x-twice", "a, b, c"),
        ("content-encoding", ""),
        ("x-other", None),
    ],
)
def test_a_field_is_what_httpx_says(name: str, value: str | None) -> None:
    response = respond()

    assert get_fields(response).get(name) == response.headers.get(name) == value


def test_the_fields_are_a_mapping_of_each_name_once() -> None:
    fields = get_fields(respond())

    assert dict(fields) == {
        "content-type": "application/json",
        "x-name": "München",
        "x-twice": "a, b, c",
        "content-encoding": "",
    }
    assert len(fields) == 4
    assert "x-other" not in fields


def test_the_fields_of_any_response_are_its_headers() -> None:
    response = httpx.Response(200, headers={"X-Name": "value"})

    assert get_fields(response)["x-name"] == "value"


def test_what_httpx_knows_of_a_response_is_there() -> None:
    response = respond(404)

    assert response.is_client_error
    assert response.reason_phrase == "Not Found"
    assert not response.is_closed
    assert not hasattr(response, "another name")


def test_what_was_set_is_kept() -> None:
    response, request, stream = respond(), httpx.Request("GET", "https://upstream.test"), NoBody()

    response.request, response.stream = request, stream

    assert response.headers["x-twice"] == "a, b, c"
    assert (response.request, response.stream) == (request, stream)
