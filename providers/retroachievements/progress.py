"""Loads the progress of an account in many games, with few calls."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence

from providers.errors import ProviderError
from providers.kit.caching.cache import gather_outcomes
from providers.kit.caching.cached import Cached, replace_value
from providers.kit.paging.batches import Batch, BatchLoader
from providers.kit.upstream.decode import build_unreadable_error
from providers.records import Title
from providers.retroachievements.api import (
    RetroAchievementsApi,
    build_account_not_found,
    is_empty_list,
)
from providers.retroachievements.cache_policies import PROGRESS, SINGLE_GAME_PROGRESS
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.fact_mapping import map_points
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.learned_limits import PROGRESS_BATCH_SIZE
from providers.retroachievements.mapping import compute_progress
from providers.retroachievements.models import GameProgress

# The upstream documents no limit, but that of the address's length.
MAX_IDS = PROGRESS_BATCH_SIZE.default
MAX_LIST_LENGTH = 1800

# A handle as the caller wrote it, and game ids.
Chunk = tuple[str, tuple[str, ...]]
ProgressOutcome = Cached[Title | None] | ProviderError


async def get_progress(cached_api: CachedApi, keys: Sequence[ProgressKey]) -> list[ProgressOutcome]:
    """Return the counts of each game; None for an unknown game or one without achievements."""
    outcomes = await _get_cached_outcomes(cached_api, dict.fromkeys(map(_fold_case, keys)))
    missing = list(split_into_chunks(key for key in keys if _fold_case(key) not in outcomes))
    chunk_outcomes = await gather_outcomes([_get_chunk(cached_api, chunk) for chunk in missing])
    for (handle, title_ids), chunk_outcome in zip(missing, chunk_outcomes, strict=True):
        for title_id in title_ids:
            outcomes[_fold_case(ProgressKey(handle, title_id))] = _select_title(
                chunk_outcome, title_id
            )
    return [outcomes[_fold_case(key)] for key in keys]


async def load_progress(
    cached_api: CachedApi, handle: str, title_ids: Sequence[str]
) -> dict[str, Title]:
    """Load the counts, without the cache; unknown games are left out."""
    games: dict[str, GameProgress] = {}

    async def load(batch: Batch) -> Collection[str]:
        found = await _fetch_progress(cached_api.api, handle, batch)
        games.update(found)
        return found

    loader = BatchLoader(
        PROGRESS_BATCH_SIZE, cached_api, load, _is_shared_failure, answers_every_key=True
    )
    outcome = await loader.load_all(title_ids)
    for failure in outcome.failures.values():
        raise failure
    if not games:
        raise build_unreadable_error(SOURCE)
    # An unknown game is answered like one that has no achievements: with zeros.
    return {
        title_id: _map_progress(title_id, game)
        for title_id, game in games.items()
        if game.num_possible_achievements
    }


async def _fetch_progress(
    api: RetroAchievementsApi, handle: str, title_ids: Sequence[str]
) -> dict[str, GameProgress]:
    reply = await api.get("GetUserProgress", u=handle, i=",".join(title_ids))
    if is_empty_list(reply):
        raise build_account_not_found()
    return reply.decode(dict[str, GameProgress])


def _is_shared_failure(_error: ProviderError) -> bool:
    return True  # apart from its size, nothing about a list of ids is refused


def _map_progress(title_id: str, game: GameProgress) -> Title:
    return Title(
        native_id=title_id,
        achievement_count=game.num_possible_achievements,
        earned_count=game.num_achieved,
        progress=compute_progress(game.num_achieved, game.num_possible_achievements),
        points=map_points(game.possible_score),
        earned_points=map_points(game.score_achieved),
    )


def split_into_chunks(keys: Iterable[ProgressKey]) -> Iterator[Chunk]:
    """Group the keys by account, in chunks that fit into the length of an address."""
    names: dict[str, str] = {}
    title_ids_by_name: dict[str, set[str]] = {}
    for key in keys:
        name = names.setdefault(key.handle.lower(), key.handle)
        title_ids_by_name.setdefault(name, set()).add(key.title_id)
    for name, title_ids in title_ids_by_name.items():
        for chunk in _split_ids(sorted(title_ids)):
            yield name, chunk


def _split_ids(title_ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    chunk: list[str] = []
    length = 0
    for title_id in title_ids:
        length += len(title_id) + len("%2C")
        if chunk and (len(chunk) == MAX_IDS or length > MAX_LIST_LENGTH):
            yield tuple(chunk)
            chunk, length = [], len(title_id) + len("%2C")
        chunk.append(title_id)
    if chunk:
        yield tuple(chunk)


async def _get_cached_outcomes(
    cached_api: CachedApi, keys: Iterable[ProgressKey]
) -> dict[ProgressKey, ProgressOutcome]:
    """Return the cached progress of single games, whichever chunk they were loaded in."""
    key_list = list(keys)
    cached_outcomes = await asyncio.gather(
        *(cached_api.get_cached(SINGLE_GAME_PROGRESS, key.handle, key.title_id) for key in key_list)
    )
    return {
        key: cached
        for key, cached in zip(key_list, cached_outcomes, strict=True)
        if cached is not None
    }


async def _get_chunk(cached_api: CachedApi, chunk: Chunk) -> Cached[dict[str, Title]]:
    name, title_ids = chunk
    handle = name.lower()

    async def load() -> dict[str, Title]:
        titles = await load_progress(cached_api, name, title_ids)
        for title_id in title_ids:
            cached_api.set_cached_nowait(
                SINGLE_GAME_PROGRESS, titles.get(title_id), handle, title_id
            )
        return titles

    return await cached_api.get_or_load(PROGRESS, (handle, *title_ids), load)


def _select_title(
    outcome: Cached[dict[str, Title]] | ProviderError, title_id: str
) -> ProgressOutcome:
    if isinstance(outcome, ProviderError):
        return outcome
    return replace_value(outcome, outcome.value.get(title_id))


def _fold_case(key: ProgressKey) -> ProgressKey:
    return ProgressKey(key.handle.lower(), key.title_id)
