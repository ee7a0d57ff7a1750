"""Finding an account: the site has no search, but a name is either somebody's or nobody's."""

from datetime import UTC, datetime

from providers.capabilities import SearchKey
from providers.errors import BadInput, NotFound
from providers.kit.caching.cached import Cached
from providers.kit.text import CONTROL_CHARACTERS
from providers.records import ProfilePage
from providers.retroachievements.cached_api import CachedApi, replace_value
from providers.retroachievements.identifiers import SOURCE, check_handle
from providers.retroachievements.profiles import get_profile

MAX_TERM_LENGTH = 100


def check_term(term: str) -> None:
    """Refuse what is no text to search for."""
    if not 1 <= len(term) <= MAX_TERM_LENGTH or CONTROL_CHARACTERS.search(term):
        message = f"term: 1 to {MAX_TERM_LENGTH} characters."
        raise BadInput(message, argument="term", source=SOURCE)


async def search_accounts(cached_api: CachedApi, key: SearchKey) -> Cached[ProfilePage]:
    """The account of exactly that name, if there is one."""
    check_term(key.term)
    try:
        check_handle(key.term)
        cached_profile = await get_profile(cached_api, key.term)
    except (BadInput, NotFound):
        return Cached(ProfilePage(profiles=(), total=0), datetime.now(UTC))
    return replace_value(cached_profile, ProfilePage(profiles=(cached_profile.value,), total=1))
