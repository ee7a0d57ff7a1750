"""Addresses of images: the upstream sends hashes, file names or whole addresses."""

from urllib.parse import quote

from providers.kit.text import sanitize_url
from providers.records import Image

ACHIEVEMENT_BASE_URL = "https://shared.akamai.steamstatic.com/community_assets/images/apps"
GAME_ICON_BASE_URL = "https://media.steampowered.com/steamcommunity/public/images/apps"
HEADER_BASE_URL = "https://cdn.akamai.steamstatic.com/steam/apps"


def map_achievement_icon(app_id: str, icon: str | None, gray_icon: str | None) -> Image | None:
    """Map the coloured and the grey image of an achievement, file names or whole addresses."""
    url, locked_url = (_map_file(app_id, each) for each in (icon, gray_icon))
    return None if url is None and locked_url is None else Image(url=url, locked_url=locked_url)


def map_game_icon(app_id: str, icon_hash: str | None) -> Image | None:
    """Map the hash of a game's icon; None for a game without one."""
    if not icon_hash:
        return None
    return Image(url=sanitize_url(f"{GAME_ICON_BASE_URL}/{app_id}/{quote(icon_hash, safe='')}.jpg"))


def build_header_image(app_id: str) -> Image:
    """Return the game's picture in the store, for games whose icon is not known."""
    return Image(url=f"{HEADER_BASE_URL}/{app_id}/header.jpg")


def map_avatar(*urls: str | None) -> Image | None:
    """Map the first of an account's pictures that it has."""
    found = next((url for each in urls if (url := sanitize_url(each)) is not None), None)
    return None if found is None else Image(url=found)


def _map_file(app_id: str, name: str | None) -> str | None:
    if not name or name.endswith("/"):  # a schema names the folder of an image that is missing
        return None
    if name.startswith(("https://", "http://")):
        return sanitize_url(name)
    return sanitize_url(f"{ACHIEVEMENT_BASE_URL}/{app_id}/{quote(name, safe='')}")
