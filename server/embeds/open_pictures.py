"""Opens the pictures for the settings: from the sources' hosts, or from the sandbox."""

import ssl
from functools import cache

from providers.kit.upstream.image_download import GIF, JPEG, PNG, WEBP, ImageDownloader
from providers.kit.upstream.transport.http_transport import HttpTransport, create_tls_context
from server.embeds.picture_hosts import list_picture_hosts, match_hosts
from server.embeds.pictures import MAX_PICTURE_BYTES, Downloader, Pictures
from server.settings import Settings

PICTURE_TYPES = (PNG, JPEG, WEBP, GIF)


def open_pictures(settings: Settings) -> Pictures:
    """Create the pictures, of which none is kept yet."""
    if settings.sandbox:
        return Pictures(_create_sandbox_downloader())
    is_allowed = match_hosts(list_picture_hosts(settings))
    return Pictures(
        ImageDownloader(
            is_allowed,
            PICTURE_TYPES,
            MAX_PICTURE_BYTES,
            transport=lambda: HttpTransport(_load_tls_context()),
        )
    )


def _create_sandbox_downloader() -> Downloader:
    from server.sandbox.pictures import SandboxPictures  # noqa: PLC0415 - in a sandbox alone

    return SandboxPictures()


@cache
def _load_tls_context() -> ssl.SSLContext:
    return create_tls_context()
