"""Maps image URLs of PSN's responses to records."""

from providers.kit.text import sanitize_url
from providers.records import Image


def map_image(url: str | None) -> Image | None:
    """Return the image, or None unless the URL is an absolute http or https URL."""
    safe_url = sanitize_url(url) if url else None
    return Image(url=safe_url) if safe_url else None
