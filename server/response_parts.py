"""Responses in parts: a large one is in memory once while it is encoded, stored and sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Part = bytes | memoryview

MIN_PART_BYTES = 4 * 1024  # smaller pieces are joined
JOINED_BYTES = 64 * 1024  # up to so many: no part of a larger response is copied with others
SENT_BYTES = 256 * 1024  # parts are handed over in chunks of at least so many
UNSENT = "unsent_bytes"  # in the scope's state: those that are not handed over yet


def count_bytes(parts: Iterable[Part]) -> int:
    return sum(map(len, parts))


def make_response(parts: Sequence[Part], status: int, headers: Mapping[str, str]) -> Response:
    """Make a response whose body is these parts together."""
    size = count_bytes(parts)
    if size <= JOINED_BYTES:
        return WholeResponse(b"".join(parts), size, status, headers)
    return PartedResponse(parts, size, status, headers)


def read_body(response: Response) -> bytes:
    """Return the whole body of a response."""
    if isinstance(response, PartedResponse):
        return b"".join(response.parts)
    return bytes(response.body)


class WholeResponse(Response):
    """A response with a body in one piece, which is encoded already."""

    def __init__(self, body: bytes, size: int, status: int, headers: Mapping[str, str]) -> None:
        # All that the base's constructor sets, without asking what the body and the headers are.
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [
            *(
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in headers.items()
            ),
            (b"content-length", b"%d" % size),
        ]


class PartedResponse(Response):
    """A response whose body is never in one piece. Its `body` is empty; see `read_body`.

    `size` are the bytes of the parts together.
    """

    def __init__(
        self, parts: Sequence[Part], size: int, status: int, headers: Mapping[str, str]
    ) -> None:
        self.parts, self._size = parts, size
        super().__init__(None, status, {**headers, "Content-Length": str(size)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        # The connection is dropped when there is too much that waits for clients.
        state, unsent = scope.setdefault("state", {}), self._size
        for chunk in _chunk(self.parts) if unsent > SENT_BYTES else (b"".join(self.parts),):
            unsent -= len(chunk)
            state[UNSENT] = unsent
            await send({"type": "http.response.body", "body": chunk, "more_body": unsent > 0})


def _chunk(parts: Iterable[Part]) -> Iterator[bytes]:
    chunk: list[Part] = []
    size = 0
    for part in parts:
        chunk.append(part)
        size += len(part)
        if size >= SENT_BYTES:
            yield b"".join(chunk)
            chunk, size = [], 0
    if chunk:
        yield b"".join(chunk)
