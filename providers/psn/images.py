"""Images of PSN answers as records."""

from providers.kit.text import https
from providers.records import Image


def image(url: str | None, locked_url: str | None = None) -> Image | None:
    """A picture that can be shown."""
    shown, locked = https(url), https(locked_url)
    return Image(url=shown, locked_url=locked) if shown or locked else None
