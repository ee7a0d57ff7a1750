"""Searches for an account by its exact name; the upstream has no other search."""

from datetime import UTC, datetime

from providers.capabilities import SearchKey
from providers.errors import BadInput, NotFound
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.text import CONTROL_CHARACTERS
from providers.records import ProfilePage
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.identifiers import SOURCE, check_handle
from providers.retroachievements.profiles import get_profile

MAX_TERM_LENGTH = 100


def check_term(term: str) -> None:
    """Raise `BadInput` for an invalid search term."""
    if not 1 <= len(term) <= MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        hint = f"1 to {MAX_TERM_LENGTH} characters, none of them a control character"
        raise BadInput(f"term must be {hint}.", argument="term", source=SOURCE)


async def search_accounts(cached_api: CachedApi, key: SearchKey) -> Cached[ProfilePage]:
    """Return the account with this name, or an empty page."""
    check_term(key.term)
    try:
        check_handle(key.term)
        cached_profile = await get_profile(cached_api, key.term)
    except (BadInput, NotFound):
        return Cached(ProfilePage(profiles=(), total=0), datetime.now(UTC))
    return replace_value(cached_profile, ProfilePage(profiles=(cached_profile.value,), total=1))
