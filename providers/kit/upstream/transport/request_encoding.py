"""The bytes of a request of HTTP/1.1 (RFC 9112)."""

import httpx

from providers.kit.upstream.transport.prepared_request import PreparedRequest


def encode_request(request: httpx.Request) -> bytes:
    """Return the request's head and body. Raise `httpx.LocalProtocolError`.

    A header that contains a line break would begin another header, or another request.
    """
    try:
        if isinstance(request, PreparedRequest):
            lines, content = request.build_head_lines(), request.body
        else:
            lines, content = _build_lines(request), request.content
        head = "\r\n".join((*lines, "", "")).encode("latin-1")
    except (httpx.RequestNotRead, UnicodeEncodeError):
        message = "A request's body must be bytes, and its headers be of Latin-1."
        raise httpx.LocalProtocolError(message) from None
    text = "".join(lines)
    if "\r" in text or "\n" in text or "\0" in text:
        raise httpx.LocalProtocolError("A header contains a character that is not allowed.")
    return head + content


def _build_lines(request: httpx.Request) -> list[str]:
    lines = [f"{name.decode()}: {value.decode('latin-1')}" for name, value in request.headers.raw]
    return [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1", *lines]
