"""Responses that are never in one piece."""

import asyncio
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import Message

from server.graphql_request import build_json_response
from server.graphql_response import cut_extensions
from server.response_parts import (
    JOINED_BYTES,
    SENT_BYTES,
    UNSENT,
    PartedResponse,
    make_response,
    read_body,
)

LARGE = [bytes([number]) * (JOINED_BYTES - number) for number in range(20)]


def send(response: Response) -> tuple[dict[str, Any], list[Message], list[int]]:
    """Return the headers, the messages with the body, and how much was held back at each."""
    messages: list[Message] = []
    held_back: list[int] = []
    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": []}

    async def record(message: Message) -> None:
        messages.append(message)
        held_back.append(scope.get("state", {}).get(UNSENT, 0))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(response(scope, receive, record))
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return headers, messages[1:], held_back[1:]


def test_a_large_response_is_sent_in_chunks_of_its_parts() -> None:
    whole = b"".join(LARGE)
    headers, bodies, held_back = send(make_response(LARGE, 200, {"A": "b"}))

    assert (headers["a"], headers["content-length"]) == ("b", str(len(whole)))
    assert b"".join(each["body"] for each in bodies) == whole
    assert all(len(each["body"]) < SENT_BYTES + JOINED_BYTES for each in bodies)
    assert [each["more_body"] for each in bodies] == [True] * (len(bodies) - 1) + [False]
    assert held_back == [
        sum(len(each["body"]) for each in bodies[number:]) for number in range(1, len(bodies) + 1)
    ]


def test_a_small_response_is_one_message() -> None:
    response = make_response((b"a", memoryview(b"b")), 404, {})
    headers, (body,), _ = send(response)

    assert (headers["content-length"], body["body"], read_body(response)) == ("2", b"ab", b"ab")


def test_what_is_stored_of_a_response_is_no_copy_of_it() -> None:
    parts = (*LARGE, b',"extensions":{}}')
    response = build_json_response(parts)

    assert isinstance(response, PartedResponse)
    assert all(kept is part for kept, part in zip(cut_extensions(response), LARGE, strict=True))
    assert read_body(response) == b"".join(parts)


@pytest.mark.parametrize("data", [b'{"data":1', b'{"data":",\\"extensions\\":"'])
def test_the_extensions_of_a_small_response_are_cut(data: bytes) -> None:
    response = build_json_response((data, b',"extensions":{"a":1}}'))
    assert cut_extensions(response) == (data,)
