"""Loads how many achievements of each title a player has earned: up to 350 titles a call.

`GetTopAchievementsForGames` lists the unlocked achievements of many apps, of which only the number
is kept. Where it is gone or fails, each title's own list is counted, one call a title.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b

from providers.errors import BadResponse, Missing
from providers.kit.caching.cached import Cached
from providers.kit.paging.limit_refused import LimitRefused
from providers.records import Title
from providers.steam import methods
from providers.steam.cache_policies import COUNTS
from providers.steam.cached_api import CachedApi
from providers.steam.cached_records import Counts
from providers.steam.earned import get_earned
from providers.steam.errors import MethodRefused
from providers.steam.languages import DEFAULT_NAME
from providers.steam.learned_limits import COUNTED_APPS
from providers.steam.models import TopGamesResponse

CountsById = dict[str, Counts]

MAX_LIST_LENGTH = 7_400
# The address may be short enough while the response is too long; fewer apps than these fail.
MIN_BATCH_SIZE = 40
# More unlocks than any app has; a list of as many may have been cut.
MAX_ACHIEVEMENTS = 10_000
# Titles whose own lists are loaded, for a page: those that a batch lacks, or all of a short page.
MAX_SINGLE_TITLES = 20


async def get_page_size(cached_api: CachedApi) -> int:
    """Return how many titles of a list are counted at once."""
    is_usable = await cached_api.is_usable(methods.TOP_ACHIEVEMENTS)
    return COUNTED_APPS.default if is_usable else MAX_SINGLE_TITLES


async def get_counts(
    cached_api: CachedApi, steam_id: str, titles: Sequence[Title]
) -> Cached[CountsById] | None:
    """Return the counts by app, without those that the source does not tell; None for no title."""
    if not titles:
        return None
    digest = blake2b(digest_size=16)
    for title in titles:
        digest.update(f"{title.native_id} {title.earned_version}\n".encode())
    load = partial(_load_counts, cached_api, steam_id, titles)
    return await cached_api.get_or_load(COUNTS, (steam_id, digest.hexdigest()), load)


async def _load_counts(cached_api: CachedApi, steam_id: str, titles: Sequence[Title]) -> CountsById:
    app_ids = [title.native_id for title in titles]
    try:
        counts = await cached_api.call_undocumented(
            methods.TOP_ACHIEVEMENTS, partial(_load_batches, cached_api, steam_id, app_ids)
        )
    except MethodRefused:
        counts = {}
    # The upstream leaves out some apps, although it answers for them singly.
    missing = [title for title in titles if title.native_id not in counts][:MAX_SINGLE_TITLES]
    single = await asyncio.gather(*(_count_single(cached_api, steam_id, each) for each in missing))
    found = {
        title.native_id: each
        for title, each in zip(missing, single, strict=True)
        if each is not None
    }
    return counts | found


async def _count_single(cached_api: CachedApi, steam_id: str, title: Title) -> Counts | None:
    try:
        state = (await get_earned(cached_api, steam_id, title)).value
    except Missing:  # hidden alone among the account's games
        return None
    return Counts(total=len(state.names), earned=len(state.unlocks))


async def _load_batches(cached_api: CachedApi, steam_id: str, app_ids: Sequence[str]) -> CountsById:
    size = await COUNTED_APPS.get(cached_api)
    batches = await asyncio.gather(
        *(_load_batch(cached_api, steam_id, batch) for batch in split_batches(app_ids, size))
    )
    return {app_id: counts for batch in batches for app_id, counts in batch.items()}


async def _load_batch(cached_api: CachedApi, steam_id: str, app_ids: Sequence[str]) -> CountsById:
    """Load one batch; in halves, as long as it is too much for a request or a response."""
    try:
        return await _fetch_counts(cached_api, steam_id, app_ids)
    except BadResponse as error:
        is_refused = isinstance(error, MethodRefused)
        smallest = 1 if isinstance(error, LimitRefused) else MIN_BATCH_SIZE
        if is_refused or len(app_ids) <= smallest:
            raise
    half = (len(app_ids) + 1) // 2
    counts = await _load_batch(cached_api, steam_id, app_ids[:half])
    counts |= await _load_batch(cached_api, steam_id, app_ids[half:])
    COUNTED_APPS.learn(cached_api, half)
    return counts


async def _fetch_counts(cached_api: CachedApi, steam_id: str, app_ids: Sequence[str]) -> CountsById:
    reply = await cached_api.api.get_for_apps(
        methods.TOP_ACHIEVEMENTS,
        app_ids,
        steamid=steam_id,
        language=DEFAULT_NAME,
        max_achievements=MAX_ACHIEVEMENTS,
    )
    requested = set(app_ids)
    return {
        str(game.appid): Counts(total=game.total_achievements, earned=len(game.achievements))
        for game in reply.decode(TopGamesResponse).response.games
        if str(game.appid) in requested and len(game.achievements) < MAX_ACHIEVEMENTS
    }


def split_batches(app_ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """Split the ids into batches that fit into the length of an address."""
    batch: list[str] = []
    length = 0
    for app_id in app_ids:
        item_length = len(f"&appids[{len(batch)}]={app_id}")
        if batch and (len(batch) >= size or length + item_length > MAX_LIST_LENGTH):
            yield batch
            batch, length = [], 0
        batch.append(app_id)
        length += item_length
    if batch:
        yield batch
