"""Downloads pictures from hosts that the operator allows, without server-side request forgery.

A URL from a caller could make this server send requests to internal services. Therefore the host
must be allowed, it is resolved once, all of its addresses must be public, and the request goes to
one of the addresses that were checked.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from providers.errors import BadInput, ProviderError, TimedOut, Unavailable
from providers.kit.public_addresses import is_public
from providers.kit.request_context import get_current
from providers.kit.upstream.response_body import (
    BodyTooLarge,
    BodyTruncated,
    BodyUnreadable,
    read_body,
)
from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.kit.upstream.user_agent import USER_AGENT
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
# One strict pattern instead of a parser: two parsers may read the same URL differently.
URL_PATTERN = re.compile(
    rf"[Hh][Tt][Tt][Pp][Ss]://(?P<host>{HOST_PATTERN.pattern})(?::443)?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)

Resolver = Callable[[str], Awaitable[Sequence[str]]]


async def resolve_host(host: str) -> Sequence[str]:
    """Return the IP addresses of a host from the system's resolver."""
    loop = asyncio.get_running_loop()
    address_infos = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in address_infos]


@dataclass(frozen=True)
class RemoteImages:
    """Pictures on the allowed hosts; by default no host is allowed."""

    allowed_hosts: frozenset[str] = frozenset()
    resolver: Resolver = resolve_host
    transport: Callable[[], httpx.AsyncBaseTransport] = HttpTransport

    async def fetch(self, url: str) -> bytes:
        """Download a PNG or JPEG picture of at most 1 MiB within 5 seconds.

        Raise `BadInput` for a URL or content that is not allowed, `Unavailable` or `TimedOut`.
        """
        host, target = self._parse_url(url)
        try:
            async with asyncio.timeout(min(TIMEOUT_SECONDS, get_current().get_remaining_seconds())):
                addresses = await self._resolve_public_addresses(host)
                content = await self._download(host, addresses, target)
        except TimeoutError:
            message = "The host of the picture did not respond in time."
            raise TimedOut(message, source=SOURCE) from None
        if detect_image_type(content) is None:
            raise build_invalid_url_error("the URL of a PNG or JPEG picture")
        return content

    def _parse_url(self, url: str) -> tuple[str, str]:
        match = URL_PATTERN.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
        if match is None or match["host"].lower() not in self.allowed_hosts:
            raise build_invalid_url_error(
                "an https URL on a host that the operator of this server allows"
            )
        target = match["target"]
        return match["host"].lower(), target if target.startswith("/") else f"/{target}"

    async def _resolve_public_addresses(self, host: str) -> Sequence[str]:
        try:
            addresses = list(dict.fromkeys(await self.resolver(host)))
        except (OSError, UnicodeError):
            raise build_unreachable_error() from None
        if not addresses or not all(is_public(address) for address in addresses):
            raise build_invalid_url_error("the URL of a host on the public internet")
        return addresses[:MAX_ADDRESSES]

    async def _download(self, host: str, addresses: Sequence[str], target: str) -> bytes:
        # Not the shared transport, which holds connections to other hosts.
        async with self.transport() as transport:
            for address in addresses:
                try:
                    return await _read_image(transport, _build_request(host, address, target))
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
                except httpx.TimeoutException:
                    raise TimeoutError from None
                except (httpx.HTTPError, httpx.InvalidURL):
                    break
        raise build_unreachable_error()


def parse_allowed_hosts(text: str) -> frozenset[str]:
    """Parse `PSN_RESOURCE_HOSTS`, names separated by commas; `ValueError` for an invalid one."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not HOST_PATTERN.fullmatch(name):
            message = (
                f"PSN_RESOURCE_HOSTS: {name} is not a host name; list names such as cdn.example.org"
            )
            raise ValueError(message)
    return frozenset(names)


def detect_image_type(content: bytes) -> str | None:
    """Return the media type of a PNG or JPEG picture by its first bytes, else None."""
    return next(
        (media_type for start, media_type in IMAGE_SIGNATURES if content.startswith(start)), None
    )


def build_invalid_url_error(requirement: str) -> BadInput:
    """Build the error of a URL that is not allowed, or that leads to something else."""
    return BadInput(f"url must be {requirement}.", argument="url", source=SOURCE)


def build_unreachable_error() -> ProviderError:
    """Build the error of a host that does not deliver; nothing was sent to PSN."""
    return Unavailable("The host of the picture cannot be reached.", source=SOURCE)


def _build_request(host: str, address: str, target: str) -> httpx.Request:
    url_host = f"[{address}]" if ":" in address else address
    timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx.Request(
        "GET",
        f"https://{url_host}{target}",
        headers={
            "Host": host,
            "User-Agent": USER_AGENT,
            "Accept": "image/png, image/jpeg",
            "Accept-Encoding": "identity",
        },
        # The certificate must be the host's although the URL has its IP address.
        extensions={"sni_hostname": host, "timeout": timeout.as_dict()},
    )


async def _read_image(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
    response = await transport.handle_async_request(request)
    try:
        if response.status_code != OK:
            raise build_invalid_url_error("the URL of a picture, without redirects")
        return await read_body(response, MAX_IMAGE_BYTES)
    except BodyTooLarge:
        raise build_invalid_url_error("the URL of a picture of at most 1 MiB") from None
    except (BodyTruncated, BodyUnreadable):
        raise build_invalid_url_error("the URL of a picture that can be read") from None
    finally:
        await response.aclose()
