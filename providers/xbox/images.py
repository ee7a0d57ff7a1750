"""Addresses of images; the upstream sends some of them without encryption."""

from providers.kit.text import sanitize_url
from providers.records import Image

X360_BASE_URL = "https://image-ssl.xboxlive.com/global"


def map_image(url: str | None) -> Image | None:
    """Map an address; None for none, and for one that must not be shown."""
    safe_url = sanitize_url(url)
    return None if safe_url is None else Image(url=safe_url)


def build_x360_icon(title_id: str, image_id: int | None) -> Image | None:
    """Return the icon of an achievement of Xbox 360, whose address is made of two numbers."""
    if image_id is None or image_id < 0:
        return None
    return Image(url=f"{X360_BASE_URL}/t.{int(title_id):x}/ach/0/{image_id:x}")
