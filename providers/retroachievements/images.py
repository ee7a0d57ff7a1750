"""Pictures: the upstream names them by a path on its media host."""

from urllib.parse import quote

from providers.kit.text import https
from providers.records import Image


def image(media_url: str, path: str | None) -> Image | None:
    """The picture at a path; an address that is whole already is taken as it is."""
    url = _absolute(media_url, path)
    return None if url is None else Image(url=url)


def badge(media_url: str, name: str | None) -> Image | None:
    """An achievement's badge, in colour and in grey."""
    if not name:
        return None
    stem = f"{media_url}/Badge/{quote(name, safe='')}"
    return Image(url=https(f"{stem}.png"), locked_url=https(f"{stem}_lock.png"))


def _absolute(media_url: str, path: str | None) -> str | None:
    if not path:
        return None
    if path.startswith(("https://", "http://")):
        return https(path)
    return https(f"{media_url}/{path.lstrip('/')}")
