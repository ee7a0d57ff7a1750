"""Loads how long titles were played: up to 100 of an account a call."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.paging.batches import split_batches
from providers.kit.upstream.decode import convert_minutes
from providers.records import Title
from providers.xbox.accounts import get_xuid
from providers.xbox.cache_policies import PLAY_DURATIONS
from providers.xbox.cached_api import CachedApi
from providers.xbox.models import Statistics

ROUTE = "player/stats"
STATISTIC = "MinutesPlayed"
BATCH_SIZE = 100

# A handle and up to 100 titles of its account.
Batch = tuple[ContentsKey, ...]
Durations = dict[str, int]


async def get_title_facts(
    cached_api: CachedApi, keys: Sequence[ContentsKey]
) -> list[Cached[Title] | ProviderError]:
    """Return each title with its time of play; without one that the upstream does not know."""
    batches = [
        batch
        for handle in dict.fromkeys(key.handle for key in keys if key.handle)
        for batch in _split([key for key in keys if key.handle == handle])
    ]
    outcomes = await gather_outcomes([_get_batch(cached_api, batch) for batch in batches])
    found = {
        key: outcome for batch, outcome in zip(batches, outcomes, strict=True) for key in batch
    }
    return [_select(key, found) for key in keys]


def _split(keys: Sequence[ContentsKey]) -> list[Batch]:
    by_id = {key.title.native_id: key for key in keys}
    return [tuple(by_id[each] for each in ids) for ids in split_batches(sorted(by_id), BATCH_SIZE)]


def _select(
    key: ContentsKey, found: Mapping[ContentsKey, Cached[Durations] | ProviderError]
) -> Cached[Title] | ProviderError:
    outcome = found.get(key, Cached(Durations(), datetime.now(UTC)))
    if isinstance(outcome, ProviderError):
        return outcome
    title_id = key.title.native_id
    title = Title(native_id=title_id, play_duration_seconds=outcome.value.get(title_id))
    return replace_value(outcome, title)


async def _get_batch(cached_api: CachedApi, batch: Batch) -> Cached[Durations]:
    xuid = await get_xuid(cached_api, batch[0].handle or "")
    digest = blake2b(digest_size=16)
    for key in batch:
        digest.update(f"{key.title.native_id} {key.title.earned_version}\n".encode())
    title_ids = [key.title.native_id for key in batch]
    load = partial(_load, cached_api, xuid, title_ids)
    return await cached_api.get_or_load(PLAY_DURATIONS, (xuid, digest.hexdigest()), load)


async def _load(cached_api: CachedApi, xuid: str, title_ids: Sequence[str]) -> Durations:
    wanted = [{"name": STATISTIC, "titleId": title_id} for title_id in title_ids]
    body = {"xuids": [xuid], "groups": [], "stats": wanted}
    response = await cached_api.api.get(ROUTE, Statistics, body)
    return {
        each.titleid: seconds
        for statistics in response.statlistscollection
        for each in statistics.stats
        if each.titleid is not None
        and each.titleid in title_ids
        and (seconds := convert_minutes(each.value)) is not None
    }
