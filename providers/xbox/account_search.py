"""Searches for accounts by gamertag."""

from datetime import UTC, datetime
from functools import partial

from providers.capabilities import SearchKey
from providers.errors import BadInput, NotFound
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.text import CONTROL_CHARACTERS
from providers.records import ProfilePage
from providers.xbox.accounts import has_gamertag, search_profiles
from providers.xbox.cache_policies import PROFILE, SEARCH
from providers.xbox.cached_api import CachedApi
from providers.xbox.identifiers import ME, SOURCE, fold_gamertag, is_gamertag, is_xuid
from providers.xbox.profiles import get_profile
from providers.xbox_records import XboxProfile

MAX_TERM_LENGTH = 100


def check_term(term: str) -> None:
    """Raise `BadInput` for an invalid search term."""
    if not 1 <= len(term) <= MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        hint = f"1 to {MAX_TERM_LENGTH} characters, none of them a control character"
        raise BadInput(f"term must be {hint}.", argument="term", source=SOURCE)


async def search_accounts(cached_api: CachedApi, key: SearchKey) -> Cached[ProfilePage]:
    """Return the accounts that a term finds, those with exactly this gamertag first."""
    check_term(key.term)
    term = key.term.strip(" ")
    if is_xuid(term):
        return await _find_by_id(cached_api, term)
    if term == ME or not is_gamertag(term):  # no call can find anything
        return _build_empty_page()
    load = partial(_load, cached_api, term)
    found = await cached_api.get_or_load(SEARCH, (fold_gamertag(term),), load)
    return replace_value(found, ProfilePage(profiles=found.value, total=len(found.value)))


async def _load(cached_api: CachedApi, term: str) -> tuple[XboxProfile, ...]:
    found = await search_profiles(cached_api, term)
    for profile in found:
        cached_api.set_cached_nowait(PROFILE, profile, profile.native_id)
    return tuple(sorted(found, key=lambda each: not has_gamertag(each, term)))


async def _find_by_id(cached_api: CachedApi, xuid: str) -> Cached[ProfilePage]:
    try:
        cached_profile = await get_profile(cached_api, xuid)
    except NotFound:
        return _build_empty_page()
    return replace_value(cached_profile, ProfilePage(profiles=(cached_profile.value,), total=1))


def _build_empty_page() -> Cached[ProfilePage]:
    return Cached(ProfilePage(profiles=(), total=0), datetime.now(UTC))
