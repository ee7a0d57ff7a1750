"""Parses the responses that arrive on one connection, and bounds what is not body."""

import httptools
from msgspec import Struct

# Bytes in a row without one of the body: a head, interim responses, trailers, chunk extensions.
MAX_OVERHEAD_BYTES = 100 * 1024
FIRST_STATUS, FIRST_FINAL_STATUS = 100, 200
SWITCHING_PROTOCOLS = 101
HTTP_VERSIONS = frozenset({"1.0", "1.1"})


class InvalidResponse(Exception):
    """The bytes are not a response of HTTP/1.1, or it ends too early, or it has no end in sight."""


class ReceivedResponse(Struct, eq=False):
    """What has arrived of a response so far; `chunks` are the parts of the body not read yet."""

    has_body: bool = True  # False for the response to a HEAD request
    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    chunks: list[bytes] = []
    buffered_bytes: int = 0
    is_head_complete: bool = False
    is_complete: bool = False
    error: Exception | None = None

    def take_chunks(self) -> bytes:
        """Return the body that has arrived since the last time."""
        chunks, self.chunks, self.buffered_bytes = self.chunks, [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


NO_RESPONSE = ReceivedResponse(is_head_complete=True, is_complete=True)


class ResponseParser:
    """Fills one `ReceivedResponse` after the other; `httptools` calls the methods `on_…`."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._response = NO_RESPONSE
        self._overhead_bytes = 0
        self._has_surplus = False
        self._keeps_alive = False

    @property
    def can_continue(self) -> bool:
        """Whether another response may follow: the server agrees, and has sent nothing more."""
        return self._response.is_complete and self._keeps_alive and not self._has_surplus

    def begin(self, response: ReceivedResponse) -> None:
        """Fill this response from now on."""
        self._response = response
        self._overhead_bytes = 0
        self._has_surplus = self._keeps_alive = False

    def end(self) -> None:
        """Forget the response, of which an idle connection would keep the headers."""
        self._response = NO_RESPONSE

    def feed(self, data: bytes) -> None:
        """Parse data of the response. Raise `InvalidResponse`."""
        response = self._response
        buffered_bytes = response.buffered_bytes
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not response.is_complete:
                raise InvalidResponse("The response is not valid HTTP.") from error
            self._has_surplus = True
        if response.is_complete:
            return
        if response.buffered_bytes > buffered_bytes:
            self._overhead_bytes = 0
            return
        self._overhead_bytes += len(data)
        if self._overhead_bytes > MAX_OVERHEAD_BYTES:
            raise InvalidResponse("The response has too much beside its body.")

    def feed_eof(self) -> None:
        """End a response whose body ends with the connection. Raise `InvalidResponse`."""
        response = self._response
        if not response.is_head_complete:
            raise InvalidResponse("The connection was closed before a response.")
        if not response.is_complete and _has_length(response.headers):
            raise InvalidResponse("The connection was closed within a response.")
        response.is_complete = True

    def on_message_begin(self) -> None:
        """Begin a response, or note that another one follows that was not requested."""
        if self._response.is_complete:
            self._has_surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; trailers are ignored."""
        response = self._response
        if not response.is_head_complete:
            response.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take over the status of a final response; an interim one is forgotten."""
        response = self._response
        if response.is_complete:
            return
        status = self._parser.get_status_code()
        if (
            status < FIRST_STATUS
            or status == SWITCHING_PROTOCOLS
            or self._parser.get_http_version() not in HTTP_VERSIONS
        ):
            raise InvalidResponse("The response has an unexpected status or version.")
        if status < FIRST_FINAL_STATUS:
            response.headers.clear()
            return
        response.status = status
        response.is_head_complete = True
        # llhttp would take what follows for the body that the headers announce.
        response.is_complete = not response.has_body

    def on_body(self, data: bytes) -> None:
        """Add to the body."""
        response = self._response
        if not response.is_complete:
            response.chunks.append(data)
            response.buffered_bytes += len(data)

    def on_message_complete(self) -> None:
        """End the response, unless it was an interim one."""
        response = self._response
        if response.is_head_complete and not response.is_complete:
            response.is_complete = True
            self._keeps_alive = self._parser.should_keep_alive()


def _has_length(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether the body ends at a place that the headers announce; the last one counts."""
    has_length = False
    for name, value in headers:
        lower_name = name.lower()
        if lower_name == b"content-length":
            has_length = True
        elif lower_name == b"transfer-encoding":
            has_length = value.lower().endswith(b"chunked")
    return has_length
