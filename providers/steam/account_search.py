"""Searches for an account by its exact name or id; the upstream has no other search."""

from datetime import UTC, datetime

from providers.capabilities import SearchKey
from providers.errors import BadInput, NotFound
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.text import CONTROL_CHARACTERS
from providers.records import ProfilePage
from providers.steam.accounts import get_steam_id
from providers.steam.cached_api import CachedApi
from providers.steam.identifiers import ME, SOURCE
from providers.steam.profiles import get_profile

MAX_TERM_LENGTH = 100


def check_term(term: str) -> None:
    """Raise `BadInput` for an invalid search term."""
    if not 1 <= len(term) <= MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        hint = f"1 to {MAX_TERM_LENGTH} characters, none of them a control character"
        raise BadInput(f"term must be {hint}.", argument="term", source=SOURCE)


async def search_accounts(cached_api: CachedApi, key: SearchKey) -> Cached[ProfilePage]:
    """Return the account with this vanity name, id or address, or an empty page."""
    check_term(key.term)
    if key.term == ME:  # stands for the viewer, and is no name
        return _build_empty_page()
    try:
        steam_id = await get_steam_id(cached_api, key.term)
        cached_profile = await get_profile(cached_api, steam_id)
    except (BadInput, NotFound):
        return _build_empty_page()
    return replace_value(cached_profile, ProfilePage(profiles=(cached_profile.value,), total=1))


def _build_empty_page() -> Cached[ProfilePage]:
    return Cached(ProfilePage(profiles=(), total=0), datetime.now(UTC))
