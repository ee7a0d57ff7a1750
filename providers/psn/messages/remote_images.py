"""Pictures to send, from the hosts that the operator allows in `PSN_RESOURCE_HOSTS`."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from providers.errors import BadInput, ProviderError, TimedOut, Unavailable
from providers.kit.request_context import get_current
from providers.kit.upstream import image_download
from providers.kit.upstream.image_download import (
    HOST_PATTERN,
    JPEG,
    PNG,
    TIMEOUT_SECONDS,
    ImageDownloader,
    ImageRefused,
    ImageUnreachable,
    Resolver,
    resolve_host,
)
from providers.kit.upstream.transport.http_transport import HttpTransport
from providers.psn.urls import SOURCE

MAX_IMAGE_BYTES = 1024 * 1024
IMAGE_TYPES = (PNG, JPEG)


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
        downloader = ImageDownloader(
            self.allowed_hosts.__contains__,
            IMAGE_TYPES,
            MAX_IMAGE_BYTES,
            self.resolver,
            self.transport,
        )
        seconds = min(TIMEOUT_SECONDS, get_current().get_remaining_seconds())
        try:
            return await downloader.download(url, seconds)
        except ImageRefused as error:
            message = f"url must be {error.requirement}."
            raise BadInput(message, argument="url", source=SOURCE) from None
        except ImageUnreachable:
            raise build_unreachable_error() from None
        except TimeoutError:
            message = "The host of the picture did not respond in time."
            raise TimedOut(message, source=SOURCE) from None


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
    found = image_download.detect_image_type(content)
    return found if found in IMAGE_TYPES else None


def build_unreachable_error() -> ProviderError:
    """Build the error of a host that does not deliver; nothing was sent to PSN."""
    return Unavailable("The host of the picture cannot be reached.", source=SOURCE)
