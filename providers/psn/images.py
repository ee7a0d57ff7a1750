"""Maps image URLs of PSN's responses to records."""

from collections.abc import Sequence

from providers.kit.text import are_plain_https_urls, match_plain_https_url, sanitize_url
from providers.records import Image


def map_image(url: str | None) -> Image | None:
    """Return the image, or None unless the URL is an absolute http or https URL."""
    if not url:
        return None
    if match_plain_https_url(url):  # as nearly all do
        return Image(url=url)
    safe_url = sanitize_url(url)
    return Image(url=safe_url) if safe_url else None


def map_images(urls: Sequence[str | None]) -> list[Image | None]:
    """Map URLs as `map_image` does, all of them at once if they are plain, as nearly all are."""
    if are_plain_https_urls([url for url in urls if url]):
        return [Image(url=url) if url else None for url in urls]
    return [map_image(url) for url in urls]
