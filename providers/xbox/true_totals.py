"""How many achievements modern titles have: lists do not tell it, so it is learned and kept."""

from collections.abc import Mapping

from providers.xbox.cache_policies import TRUE_TOTALS
from providers.xbox.cached_api import CachedApi
from providers.xbox.cached_records import LibraryTitle, TitleSet

MAX_TITLES = 5_000


async def get_true_totals(cached_api: CachedApi) -> Mapping[str, tuple[int, int]]:
    """Return the learned numbers by title, with the gamerscore that each belongs to; no call."""
    cached = await cached_api.get_cached(TRUE_TOTALS)
    return {} if cached is None else cached.value


async def learn_true_total(cached_api: CachedApi, title: LibraryTitle, title_set: TitleSet) -> None:
    """Remember the number of a title's achievements, unless the list has it."""
    if title.total_gamerscore is None or title.listed_count:
        return
    await get_true_totals(cached_api)
    # Looked at again without waiting: several titles learn theirs at one time.
    cached = cached_api.peek_cached(TRUE_TOTALS)
    known = {} if cached is None else cached.value
    learned = (title.total_gamerscore, title_set.total)
    if known.get(title.title_id) == learned:
        return
    others = [(key, value) for key, value in known.items() if key != title.title_id]
    totals = dict([*others[1 - MAX_TITLES :], (title.title_id, learned)])
    cached_api.set_cached_nowait(TRUE_TOTALS, totals)
