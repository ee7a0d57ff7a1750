"""The bytes of a request of HTTP/1.1 (RFC 9112)."""

import httpx


def encode_request(request: httpx.Request) -> bytes:
    """Return the request's head and body. Raise `httpx.LocalProtocolError`.

    A header that contains a line break would begin another header, or another request.
    """
    try:
        content = request.content
    except httpx.RequestNotRead:
        raise httpx.LocalProtocolError("A request's body must be bytes.") from None
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    head = b"\r\n".join(lines)
    line_breaks = len(lines) - 1
    if head.count(b"\n") != line_breaks or head.count(b"\r") != line_breaks or b"\0" in head:
        raise httpx.LocalProtocolError("A header contains a character that is not allowed.")
    return b"%b\r\n\r\n%b" % (head, content)
