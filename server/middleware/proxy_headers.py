"""Whose word is taken for where a request came from, and where this server is."""

import ipaddress
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.types import ASGIApp, Receive, Scope, Send

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
SCHEMES = frozenset({"http", "https"})


class ProxyHeaders:
    """Believes the forwarding headers of trusted proxies, and nobody else's."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._trusted_networks: list[Network] = [
            ipaddress.ip_network(each, strict=False) for each in trusted
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_trusted(_get_peer(scope)):
            scope = {**scope, **self._read_forwarded(scope)}
        await self._app(scope, receive, send)

    def _read_forwarded(self, scope: Scope) -> dict[str, object]:
        forwarded: dict[str, object] = {}
        # Each proxy adds at the end: the last word is that of the one we know.
        scheme = (_split_header(scope, b"x-forwarded-proto") or [""])[-1].lower()
        if scheme in SCHEMES:
            forwarded["scheme"] = scheme
        client = self._find_client(_split_header(scope, b"x-forwarded-for"))
        if client is not None:
            forwarded["client"] = (str(client), 0)
        return forwarded

    def _find_client(self, addresses: Iterable[str]) -> Address | None:
        """The nearest address that is no trusted proxy's; what is beyond it anybody can write."""
        nearest = None
        for hop in reversed(list(addresses)):
            address = _parse_address(hop)
            if address is None:
                break
            nearest = address
            if not self._is_trusted(address):
                break
        return nearest

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted_networks)


def _get_peer(scope: Scope) -> Address | None:
    client = scope.get("client")
    return _parse_address(client[0]) if client else None


def _split_header(scope: Scope, header: bytes) -> list[str]:
    joined = b",".join(value for name, value in scope["headers"] if name == header)
    return [part.strip() for part in joined.decode("latin-1").split(",") if part.strip()]


def _parse_address(text: str) -> Address | None:
    """An address, with or without a port and brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
