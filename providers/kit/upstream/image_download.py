"""Downloads pictures from allowed hosts, without server-side request forgery.

A URL from outside could make this server send requests to internal services. Therefore the host
must be allowed, it is resolved once, all of its addresses must be public, and the request goes to
one of the addresses that were checked. Redirects are not followed.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from providers.kit.public_addresses import is_public
from providers.kit.upstream.response_body import (
    BodyTooLarge,
    BodyTruncated,
    BodyUnreadable,
    read_body,
)
from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.kit.upstream.user_agent import USER_AGENT

TIMEOUT_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 2.0
MAX_ADDRESSES = 4
MAX_URL_LENGTH = 2000
OK = 200
KIB, MIB = 1024, 1024 * 1024
PNG, JPEG, GIF, WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WEBP),
)

HOST_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST_PATTERN = re.compile(rf"{HOST_LABEL}(?:\.{HOST_LABEL})*")
# One strict pattern instead of a parser: two parsers may read the same URL differently.
URL_PATTERN = re.compile(
    rf"[Hh][Tt][Tt][Pp][Ss]://(?P<host>{HOST_PATTERN.pattern})(?::443)?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)

Resolver = Callable[[str], Awaitable[Sequence[str]]]


class ImageRefused(Exception):
    """A URL, or what it leads to, that is not allowed; `requirement` says what it must be."""

    def __init__(self, requirement: str) -> None:
        super().__init__(requirement)
        self.requirement = requirement


class ImageUnreachable(Exception):
    """The host of a picture does not deliver it."""


async def resolve_host(host: str) -> Sequence[str]:
    """Return the IP addresses of a host from the system's resolver."""
    loop = asyncio.get_running_loop()
    address_infos = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in address_infos]


@dataclass(frozen=True)
class ImageDownloader:
    """Downloads pictures of some types and a bounded size from the hosts that are allowed."""

    is_allowed: Callable[[str], bool]  # of a host's name in lower case
    media_types: Sequence[str]
    max_bytes: int
    resolver: Resolver = resolve_host
    transport: Callable[[], httpx.AsyncBaseTransport] = HttpTransport

    async def download(self, url: str, seconds: float) -> bytes:
        """Download a picture within a time.

        Raise `ImageRefused`, `ImageUnreachable` or `TimeoutError`.
        """
        host, target = self._parse_url(url)
        async with asyncio.timeout(seconds):
            addresses = await self._resolve_public_addresses(host)
            content = await self._request(host, addresses, target)
        if detect_image_type(content) not in self.media_types:
            raise ImageRefused(f"the URL of a {self._describe_types()} picture")
        return content

    def _parse_url(self, url: str) -> tuple[str, str]:
        match = URL_PATTERN.fullmatch(url) if len(url) <= MAX_URL_LENGTH else None
        if match is None or not self.is_allowed(match["host"].lower()):
            raise ImageRefused("an https URL on a host that the operator of this server allows")
        target = match["target"]
        return match["host"].lower(), target if target.startswith("/") else f"/{target}"

    async def _resolve_public_addresses(self, host: str) -> Sequence[str]:
        try:
            addresses = list(dict.fromkeys(await self.resolver(host)))
        except (OSError, UnicodeError):
            raise ImageUnreachable from None
        if not addresses or not all(is_public(address) for address in addresses):
            raise ImageRefused("the URL of a host on the public internet")
        return addresses[:MAX_ADDRESSES]

    async def _request(self, host: str, addresses: Sequence[str], target: str) -> bytes:
        # Not the shared transport, which holds connections to other hosts.
        async with self.transport() as transport:
            for address in addresses:
                try:
                    return await self._read(transport, self._build_request(host, address, target))
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
                except httpx.TimeoutException:
                    raise TimeoutError from None
                except (httpx.HTTPError, httpx.InvalidURL):
                    break
        raise ImageUnreachable

    def _build_request(self, host: str, address: str, target: str) -> httpx.Request:
        url_host = f"[{address}]" if ":" in address else address
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
        return httpx.Request(
            "GET",
            f"https://{url_host}{target}",
            headers={
                "Host": host,
                "User-Agent": USER_AGENT,
                "Accept": ", ".join(self.media_types),
                "Accept-Encoding": "identity",
            },
            # The certificate must be the host's although the URL has its IP address.
            extensions={"sni_hostname": host, "timeout": timeout.as_dict()},
        )

    async def _read(self, transport: httpx.AsyncBaseTransport, request: httpx.Request) -> bytes:
        response = await transport.handle_async_request(request)
        try:
            if response.status_code != OK:
                raise ImageRefused("the URL of a picture, without redirects")
            return await read_body(response, self.max_bytes)
        except BodyTooLarge:
            size = _describe_size(self.max_bytes)
            raise ImageRefused(f"the URL of a picture of at most {size}") from None
        except (BodyTruncated, BodyUnreadable):
            raise ImageRefused("the URL of a picture that can be read") from None
        finally:
            await response.aclose()

    def _describe_types(self) -> str:
        names = [each.partition("/")[2].upper() for each in self.media_types]
        return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def detect_image_type(content: bytes) -> str | None:
    """Return the media type of a PNG, JPEG, GIF or WebP picture by its first bytes, else None."""
    return next((media_type for start, media_type in SIGNATURES if start.match(content)), None)


def _describe_size(size: int) -> str:
    return f"{size // KIB:,} KiB" if size % MIB else f"{size // MIB:,} MiB"
