"""Sends one request to a webhook's address, without server-side request forgery.

The host is resolved once, all of its addresses must be public, and the connection goes to one of
the addresses that were checked: a name that resolves differently a moment later changes nothing.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, urlsplit

import httpx

from providers.kit.public_addresses import is_public
from providers.kit.upstream.transport.http_transport import HttpTransport, create_tls_context
from providers.kit.upstream.user_agent import USER_AGENT

TIMEOUT_SECONDS = 10.0
CONNECT_TIMEOUT_SECONDS = 5.0
MAX_ADDRESSES = 4
DEFAULT_PORTS = {"http": 80, "https": 443}

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class DeliveryFailed(Exception):
    """No response: `reason` is a word for the log and says nothing of the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """What is read of a response; its body is not."""

    status: int
    retry_after: str = ""


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host from the system's resolver."""
    loop = asyncio.get_running_loop()
    infos = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in infos]


@cache
def _load_tls_context() -> ssl.SSLContext:
    return create_tls_context()


@dataclass(frozen=True)
class WebhookSender:
    """Sends requests to public addresses, and to those of the allowed hosts.

    `transport` replaces the network.
    """

    allowed_hosts: frozenset[str] = frozenset()
    resolver: Resolver = resolve_host
    transport: Callable[[], httpx.AsyncBaseTransport] | None = None
    timeout: float = TIMEOUT_SECONDS

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a body by POST, and return the response's status; redirects are not followed.

        Raise `DeliveryFailed` if there is none within ten seconds.
        """
        parts = urlsplit(url)
        try:
            async with asyncio.timeout(self.timeout):
                addresses = await self._resolve(parts)
                return await self._send_to_first(parts, addresses, headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise DeliveryFailed("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeliveryFailed("broken") from None

    async def _resolve(self, parts: SplitResult) -> Sequence[str]:
        host = (parts.hostname or "").removesuffix(".")
        try:
            addresses = list(dict.fromkeys(await self.resolver(host, _get_port(parts))))
        except (OSError, UnicodeError):
            raise DeliveryFailed("unreachable") from None
        if host not in self.allowed_hosts and not all(map(is_public, addresses)):
            raise DeliveryFailed("not public")
        return addresses[:MAX_ADDRESSES]

    async def _send_to_first(
        self, parts: SplitResult, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Send to the first address that accepts a connection."""
        # A transport of its own: no connection to another address of the name is used again.
        async with self._open_transport() as transport:
            for address in addresses:
                try:
                    request = _build_request(parts, address, headers, body)
                    response = await transport.handle_async_request(request)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
                reply = Reply(response.status_code, response.headers.get("retry-after", ""))
                await response.aclose()
                return reply
        raise DeliveryFailed("unreachable")

    def _open_transport(self) -> httpx.AsyncBaseTransport:
        return HttpTransport(_load_tls_context()) if self.transport is None else self.transport()


def _build_request(
    parts: SplitResult, address: str, headers: Mapping[str, str], body: bytes
) -> httpx.Request:
    authority = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{authority}:{_get_port(parts)}").geturl()
    timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx.Request(
        "POST",
        target,
        headers={
            "Host": parts.netloc,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            **headers,
        },
        content=body,
        # The certificate must be the host's although the URL has its IP address.
        extensions={"sni_hostname": parts.hostname or "", "timeout": timeout.as_dict()},
    )


def _get_port(parts: SplitResult) -> int:
    return parts.port or DEFAULT_PORTS[parts.scheme]
