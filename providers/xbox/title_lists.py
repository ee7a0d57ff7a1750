"""Pages of an account's titles, last played first.

An achievement is earned while its title is played, so it is not earned after the title was last
played. That time is a bound on the unlocks of a title (`earned_until`): a timeline that opens the
titles in this order has all unlocks that are newer than the bound of the next title once it reaches
that title, because every title after it has an older bound, and so has every unlock in them. It
may stop there as soon as the page's oldest unlock is not older than that bound. A day is added for
consoles that were offline; the bound is never later than the list itself, which counts nothing that
was earned after it was fetched. Of a title whose time is not known that is the bound, so that it
is opened first. An unlock without a time sorts after all that have one.
"""

from datetime import UTC, datetime

from providers.capabilities import PageKey, TitlePageKey, TotalKey
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.request_context import bypass_cache
from providers.records import PlayedTitle, PlayedTitlePage, TitlePage, TrophyCounts
from providers.xbox.accounts import get_xuid
from providers.xbox.cached_api import CachedApi
from providers.xbox.library import get_titles
from providers.xbox.profiles import get_profile
from providers.xbox.title_mapping import map_title
from providers.xbox.true_totals import get_true_totals


async def get_title_page(cached_api: CachedApi, key: TitlePageKey) -> Cached[TitlePage]:
    """Return all titles from an offset on; raise `NotFound` or `Private` if there is no list."""
    xuid = await get_xuid(cached_api, key.handle)
    with bypass_cache(enabled=key.bypass_cache):
        titles = await get_titles(cached_api, xuid)
    true_totals = await get_true_totals(cached_api)
    mapped = tuple(map_title(each, true_totals, titles.fetched_at) for each in titles.value)
    return replace_value(titles, TitlePage(titles=mapped[key.offset :], total=len(mapped)))


async def get_played_page(cached_api: CachedApi, key: PageKey) -> Cached[PlayedTitlePage]:
    """Return the titles from an offset on, last played first, unknown times last."""
    page = await get_title_page(cached_api, TitlePageKey(key.handle, 0, "", key.bypass_cache))
    # The list itself has those of unknown times first.
    played = sorted(page.value.titles, key=lambda title: title.last_played_at is None)
    titles = tuple(map(PlayedTitle.from_title, played[key.offset :]))
    return replace_value(page, PlayedTitlePage(titles=titles, total=len(played)))


async def get_total(cached_api: CachedApi, key: TotalKey) -> Cached[int | TrophyCounts | None]:
    """Return one of an account's totals; None for one that the source does not have."""
    xuid = await get_xuid(cached_api, key.handle)
    if key.field == "points":
        profile = await get_profile(cached_api, xuid)
        return replace_value(profile, profile.value.gamerscore)
    if key.field not in ("titles", "earned"):
        return Cached(None, datetime.now(UTC))
    titles = await get_titles(cached_api, xuid)
    if key.field == "titles":
        return replace_value(titles, len(titles.value))
    counts = [title.earned_count for title in titles.value]
    known = [count for count in counts if count is not None]
    return replace_value(titles, sum(known) if len(known) == len(counts) else None)
