"""Where an account stands in many games at once."""

from collections.abc import Iterator, Sequence

from providers.errors import ProviderError
from providers.kit.cache import Answer, gather
from providers.records import Title
from providers.retroachievements.lifetimes import PROGRESS
from providers.retroachievements.models import GameProgress
from providers.retroachievements.records import ProgressKey
from providers.retroachievements.titles import percent
from providers.retroachievements.view import View, restated
from providers.retroachievements.web import WebApi, is_nothing, no_account

# The upstream has no limit but the length of the address.
MOST_IDS = 200
LONGEST_LIST = 1800

Chunk = tuple[str, tuple[str, ...]]


async def standings(
    view: View, keys: Sequence[ProgressKey]
) -> list[Answer[Title | None] | ProviderError]:
    """The counts of many games in few calls; None for a game without achievements, or no game."""
    asked = list(chunks(keys))
    answers = await gather([_answer(view, chunk) for chunk in asked])
    found = {
        ProgressKey(handle, title_id): answer
        for (handle, title_ids), answer in zip(asked, answers, strict=True)
        for title_id in title_ids
    }
    return [_pick(found[_folded(key)], key.title_id) for key in keys]


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


def chunks(keys: Sequence[ProgressKey]) -> Iterator[Chunk]:
    """As many games of one account together as one address may carry."""
    wanted: dict[str, set[str]] = {}
    for key in map(_folded, keys):
        wanted.setdefault(key.handle, set()).add(key.title_id)
    for handle, title_ids in wanted.items():
        for chunk in _cut(sorted(title_ids)):
            yield handle, chunk


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


async def _answer(view: View, chunk: Chunk) -> Answer[dict[str, Title]]:
    handle, title_ids = chunk
    key = (handle, *title_ids)
    return await view.remember(PROGRESS, key, lambda: load_progress(view.api, handle, title_ids))


def _pick(
    answer: Answer[dict[str, Title]] | ProviderError, title_id: str
) -> Answer[Title | None] | ProviderError:
    if isinstance(answer, ProviderError):
        return answer
    return restated(answer, answer.value.get(title_id))


def _folded(key: ProgressKey) -> ProgressKey:
    return ProgressKey(key.handle.lower(), key.title_id)
