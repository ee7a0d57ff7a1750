"""Maps image URLs of PSN's responses to records."""

from providers.kit.text import match_plain_https_url, sanitize_url
from providers.records import Image


def map_image(url: str | None) -> Image | None:
    """Return the image, or None unless the URL is an absolute http or https URL."""
    if not url:
        return None
    if match_plain_https_url(url):  # as nearly all do
        return Image(url=url)
    safe_url = sanitize_url(url)
    return Image(url=safe_url) if safe_url else None
