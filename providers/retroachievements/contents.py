"""What is in titles, with as few calls as their parts need."""

from collections import Counter
from collections.abc import Mapping, Sequence

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cache import gather
from providers.kit.caching.cached import Answer
from providers.kit.request_context import current
from providers.records import Contents, Part, Title
from providers.retroachievements.api import is_nothing, no_title
from providers.retroachievements.cache_policies import (
    CONTENTS,
    CONTENTS_BY_ID,
    CONTENTS_WITH_RARITY,
    DEFINITIONS,
)
from providers.retroachievements.cached_api import View, restated
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.game_mapping import contents_of
from providers.retroachievements.models import Game
from providers.retroachievements.people import person
from providers.retroachievements.progress import standings

Standing = Answer[Title | None] | ProviderError


async def title_contents(
    view: View, keys: Sequence[ContentsKey]
) -> list[Answer[Contents] | ProviderError]:
    """All parts of each title, or the progress alone of several that want no more."""
    known = await _standings(view, keys)
    return await gather([_contents(view, key, known) for key in keys])


async def _contents(
    view: View, key: ContentsKey, known: Mapping[ContentsKey, Standing]
) -> Answer[Contents]:
    standing = known.get(key)
    if isinstance(standing, ProviderError):
        raise standing
    if standing is not None and standing.value is not None:
        return restated(standing, Contents(title=standing.value))
    if key.handle is None:
        return await _definitions(view, key.title.native_id)
    return await _played(view, key.handle, key.title, rarity=Part.RARITY in key.wanted)


async def _standings(view: View, keys: Sequence[ContentsKey]) -> dict[ContentsKey, Standing]:
    bare = {
        key: ProgressKey(key.handle, key.title.native_id)
        for key in keys
        if key.handle and _is_bare(key)
    }
    accounts = Counter(key.handle for key in bare)
    # A single game costs one call either way, and its own answer tells more.
    several = [key for key in bare if accounts[key.handle] > 1]
    outcomes = await standings(view, [bare[key] for key in several])
    return dict(zip(several, outcomes, strict=True))


def _is_bare(key: ContentsKey) -> bool:
    """Whether a title reached by id wants its progress and nothing else."""
    return key.wanted == Part.TITLE_PROGRESS and key.title.definition_version is None


async def _definitions(view: View, title_id: str) -> Answer[Contents]:
    async def load() -> Contents:
        reply = await view.api.ask("GetGameExtended", i=title_id)
        if is_nothing(reply):
            raise no_title()
        return contents_of(reply.decode(Game), is_played=False, media_url=view.api.media_url)

    return await view.remember(DEFINITIONS, (title_id,), load)


async def _played(view: View, handle: str, title: Title, *, rarity: bool) -> Answer[Contents]:
    async def load() -> Contents:
        reply = await view.api.ask("GetGameInfoAndUserProgress", u=handle, g=title.native_id, a=1)
        if is_nothing(reply):
            # An unknown account and an unknown game are answered alike.
            await person(view, handle)
            raise no_title()
        return contents_of(reply.decode(Game), is_played=True, media_url=view.api.media_url)

    key = (handle.lower(), title.native_id)
    if title.earned_version is None:
        return await view.remember(CONTENTS_BY_ID, key, load)
    kind = CONTENTS_WITH_RARITY if rarity else CONTENTS
    # Unlocks do not tell how many there are to earn, and lead to the same entry as the list.
    key = (*key, title.earned_version)
    answer = await view.remember(kind, key, load)
    if _has_all_of(title, answer):
        return answer
    return await view.remember(kind, (*key, title.definition_version or ""), load)


def _has_all_of(title: Title, answer: Answer[Contents]) -> bool:
    """Whether an answer has as many achievements as the title's row says, or is newer than it."""
    if title.definition_version is None or answer.fetched_at.timestamp() >= current().started:
        return True
    found = answer.value.title
    return found is not None and found.definition_version == title.definition_version
