"""Images of PSN answers as records."""

from providers.kit.text import sanitize_url
from providers.records import Image


def map_image(url: str | None, locked_url: str | None = None) -> Image | None:
    """A picture that can be shown."""
    shown, locked = sanitize_url(url), sanitize_url(locked_url)
    return Image(url=shown, locked_url=locked) if shown or locked else None
