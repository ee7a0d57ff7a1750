"""Headers of trusted proxies: who the client is, and under which address it reaches this server.

uvicorn's middleware reads `X-Forwarded-For` into the scope's `client` and `X-Forwarded-Proto` into
its `scheme`. `X-Forwarded-Host`, which it does not know, becomes the scope's `server`. The request
guard has decided before whether the peer is a trusted proxy.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

FORWARDED_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?")


class ProxyHeaders:
    """Middleware that applies the headers of trusted peers, and ignores those of others."""

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[str]) -> None:
        networks = list(_expand_networks(trusted_proxies))
        self._middleware: Any = ProxyHeadersMiddleware(cast("Any", app), networks)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = dict(scope)  # uvicorn's middleware changes the one it gets
            if scope.get("state", {}).get("is_peer_trusted"):
                scope["server"] = _read_forwarded_host(scope) or scope.get("server")
        await self._middleware(scope, receive, send)


def _expand_networks(networks: Iterable[str]) -> Iterable[str]:
    for text in networks:
        network = ipaddress.ip_network(text, strict=False)
        yield str(network)
        if isinstance(network, ipaddress.IPv4Network):
            # An IPv4 peer of a socket that listens on `::` has such an address.
            yield f"::ffff:{network.network_address}/{96 + network.prefixlen}"


def _read_forwarded_host(scope: Scope) -> tuple[str, int | None] | None:
    """Return host and port of `X-Forwarded-Host`; None where it is missing or malformed."""
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-host"]
    # Each proxy appends: only the last value is certainly the trusted peer's own.
    last = b",".join(values).decode("latin-1").rpartition(",")[2].strip()
    match = FORWARDED_HOST.fullmatch(last)
    if match is None:
        return None
    return match[1] or match[2], int(match[3]) if match[3] else None
