"""Pictures to be sent: what counts as one, and fetching one from a host the operator has listed.

An address from a caller could make this server ask for anything it can reach itself. So the host
must be on the list, is resolved once, must be public by every one of its addresses, and is asked
at the very address that was looked at.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from providers.errors import BadInput, ProviderError, TimedOut, Unavailable
from providers.kit.request_context import get_current
from providers.psn.messages.public_addresses import is_public
from providers.psn.urls import SOURCE

MAX_IMAGE_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 2.0
MAX_ADDRESSES = 4
MAX_URL_LENGTH = 2000
OK = 200
IMAGE_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))

HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST_PATTERN = re.compile(rf"{HOST_LABEL}(?:\.{HOST_LABEL})*")
# One strict shape instead of a parser: two parsers may read one address differently.
URL_PATTERN = re.compile(
    rf"[Hh][Tt][Tt][Pp][Ss]://(?P<host>{HOST_PATTERN.pattern})(?::443)?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)

Resolver = Callable[[str], Awaitable[Sequence[str]]]


async def resolve_host(host: str) -> Sequence[str]:
    """The host's addresses as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True)
class RemoteImages:
    """Pictures on listed hosts; none at all unless the operator lists some."""

    allowed_hosts: frozenset[str] = frozenset()
    resolver: Resolver = resolve_host
    transport: Callable[[], httpx.AsyncBaseTransport] = field(
        default=lambda: httpx.AsyncHTTPTransport(trust_env=False)
    )

    async def fetch(self, url: str) -> bytes:
        """The picture at an address."""
        host, target = self._parse_url(url)
        try:
            async with asyncio.timeout(min(TIMEOUT_SECONDS, get_current().get_remaining_seconds())):
                addresses = await self._resolve_public_addresses(host)
                content = await self._download(host, addresses, target)
        except TimeoutError:
            raise TimedOut("The picture did not come in time.", source=SOURCE) from None
        if detect_image_type(content) is None:
            raise build_invalid_url("a PNG or JPEG picture")
        return content

    def _parse_url(self, url: str) -> tuple[str, str]:
        match = URL_PATTERN.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
        if match is None or match["host"].lower() not in self.allowed_hosts:
            raise build_invalid_url("https, on a host that this server's operator has listed")
        target = match["target"]
        return match["host"].lower(), target if target.startswith("/") else f"/{target}"

    async def _resolve_public_addresses(self, host: str) -> Sequence[str]:
        try:
            found = list(dict.fromkeys(await self.resolver(host)))
        except (OSError, UnicodeError):
            raise build_unreachable() from None
        if not found or not all(is_public(address) for address in found):
            raise build_invalid_url("a host of the public internet")
        return found[:MAX_ADDRESSES]

    async def _download(self, host: str, addresses: Sequence[str], target: str) -> bytes:
        # A client of its own: no proxy, no cookies, and none of the shared connections.
        async with httpx.AsyncClient(transport=self.transport(), trust_env=False) as http:
            for address in addresses:
                try:
                    return await _read_image(http, _build_request(host, address, target))
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
                except httpx.TimeoutException:
                    raise TimeoutError from None
                except (httpx.HTTPError, httpx.InvalidURL):
                    break
        raise build_unreachable()


def parse_allowed_hosts(text: str) -> frozenset[str]:
    """The operator's hosts; `ValueError` for what is no host."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not HOST_PATTERN.fullmatch(name):
            raise ValueError(f"PSN_RESOURCE_HOSTS: {name} is not the name of a host")
    return frozenset(names)


def detect_image_type(content: bytes) -> str | None:
    """What kind of picture it is, by its first bytes."""
    return next((name for start, name in IMAGE_SIGNATURES if content.startswith(start)), None)


def build_invalid_url(requirement: str) -> BadInput:
    """The error of an address, or of what is there, that is not wanted here."""
    return BadInput(f"url: {requirement}.", argument="url", source=SOURCE)


def build_unreachable() -> ProviderError:
    """The error of a host that gives nothing. Nothing was sent to PSN."""
    return Unavailable("The picture's host cannot be reached.", source=SOURCE)


def _build_request(host: str, address: str, target: str) -> httpx.Request:
    url_host = f"[{address}]" if ":" in address else address
    timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx.Request(
        "GET",
        f"https://{url_host}{target}",
        headers={
            "Host": host,
            "User-Agent": "trophycase",
            "Accept": "image/png, image/jpeg",
            "Accept-Encoding": "identity",
        },
        # The certificate must be the named host's, whatever address was connected to.
        extensions={"sni_hostname": host, "timeout": timeout.as_dict()},
    )


async def _read_image(http: httpx.AsyncClient, request: httpx.Request) -> bytes:
    response = await http.send(request, stream=True, follow_redirects=False)
    try:
        encoding = response.headers.get("content-encoding", "identity").lower()
        if response.status_code != OK or encoding != "identity":
            raise build_invalid_url("a picture, there and then")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_IMAGE_BYTES:
                raise build_invalid_url("a picture of at most 1 MiB")
        return bytes(body)
    finally:
        await response.aclose()
