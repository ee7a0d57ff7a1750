"""Addresses of images: the upstream sends paths on its media host."""

from urllib.parse import quote

from providers.kit.text import sanitize_url
from providers.records import Image


def map_image(media_url: str, path: str | None) -> Image | None:
    """Map a path on the media host, or an absolute address; None for an unsafe one."""
    url = _build_url(media_url, path)
    return None if url is None else Image(url=url)


def map_badge(media_url: str, name: str | None) -> Image | None:
    """Map the name of an achievement's badge to its coloured and its grey image."""
    if not name:
        return None
    stem = f"{media_url}/Badge/{quote(name, safe='')}"
    return Image(url=sanitize_url(f"{stem}.png"), locked_url=sanitize_url(f"{stem}_lock.png"))


def _build_url(media_url: str, path: str | None) -> str | None:
    if not path:
        return None
    if path.startswith(("https://", "http://")):
        return sanitize_url(path)
    return sanitize_url(f"{media_url}/{path.lstrip('/')}")
