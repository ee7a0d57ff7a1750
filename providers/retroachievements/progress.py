"""Where an account stands in many games at once."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.records import Title
from providers.retroachievements.api import WebApi, is_nothing, no_account
from providers.retroachievements.cache_policies import PROGRESS, PROGRESS_OF_ONE
from providers.retroachievements.cached_api import View, restated
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.models import GameProgress
from providers.retroachievements.titles import percent

# The upstream has no limit but the length of the address.
MOST_IDS = 200
LONGEST_LIST = 1800

# An account as it was named, and some of its games.
Chunk = tuple[str, tuple[str, ...]]
Outcome = Answer[Title | None] | ProviderError


async def standings(view: View, keys: Sequence[ProgressKey]) -> list[Outcome]:
    """The counts of many games in few calls; None for a game without achievements, or no game."""
    known = await _known(view, dict.fromkeys(map(_folded, keys)))
    asked = list(chunks(key for key in keys if _folded(key) not in known))
    answers = await gather([_answer(view, chunk) for chunk in asked])
    for (handle, title_ids), answer in zip(asked, answers, strict=True):
        for title_id in title_ids:
            known[_folded(ProgressKey(handle, title_id))] = _pick(answer, title_id)
    return [known[_folded(key)] for key in keys]


async def load_progress(api: WebApi, handle: str, title_ids: Sequence[str]) -> dict[str, Title]:
    """Ask for the counts of the games; those the upstream knows nothing of are left out."""
    reply = await api.ask("GetUserProgress", u=handle, i=",".join(title_ids))
    if is_nothing(reply):
        raise no_account()
    sent = reply.decode(dict[str, GameProgress])
    # An unknown game is answered like one that has no achievements: with zeros.
    return {
        title_id: standing_of(title_id, game)
        for title_id, game in sent.items()
        if game.num_possible_achievements
    }


def standing_of(title_id: str, game: GameProgress) -> Title:
    """The counts alone: neither a name nor a time comes with them."""
    return Title(
        native_id=title_id,
        achievement_count=game.num_possible_achievements,
        earned_count=game.num_achieved,
        progress=percent(game.num_achieved, game.num_possible_achievements),
    )


def chunks(keys: Iterable[ProgressKey]) -> Iterator[Chunk]:
    """As many games of one account together as one address may carry."""
    names: dict[str, str] = {}
    wanted: dict[str, set[str]] = {}
    for key in keys:
        name = names.setdefault(key.handle.lower(), key.handle)
        wanted.setdefault(name, set()).add(key.title_id)
    for name, title_ids in wanted.items():
        for chunk in _cut(sorted(title_ids)):
            yield name, chunk


def _cut(title_ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    chunk: list[str] = []
    length = 0
    for title_id in title_ids:
        length += len(title_id) + len("%2C")
        if chunk and (len(chunk) == MOST_IDS or length > LONGEST_LIST):
            yield tuple(chunk)
            chunk, length = [], len(title_id) + len("%2C")
        chunk.append(title_id)
    if chunk:
        yield tuple(chunk)


async def _known(view: View, keys: Iterable[ProgressKey]) -> dict[ProgressKey, Outcome]:
    """What is remembered of single games, whatever they were asked for together with."""
    asked = list(keys)
    answers = await asyncio.gather(
        *(view.recall(PROGRESS_OF_ONE, (key.handle, key.title_id)) for key in asked)
    )
    return {key: answer for key, answer in zip(asked, answers, strict=True) if answer is not None}


async def _answer(view: View, chunk: Chunk) -> Answer[dict[str, Title]]:
    name, title_ids = chunk
    handle = name.lower()

    async def load() -> dict[str, Title]:
        found = await load_progress(view.api, name, title_ids)
        for title_id in title_ids:
            view.store(PROGRESS_OF_ONE, (handle, title_id), found.get(title_id))
        return found

    return await view.remember(PROGRESS, (handle, *title_ids), load)


def _pick(answer: Answer[dict[str, Title]] | ProviderError, title_id: str) -> Outcome:
    if isinstance(answer, ProviderError):
        return answer
    return restated(answer, answer.value.get(title_id))


def _folded(key: ProgressKey) -> ProgressKey:
    return ProgressKey(key.handle.lower(), key.title_id)
