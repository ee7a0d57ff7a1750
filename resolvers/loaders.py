"""Batched loaders, one per ability and source, which live as long as one operation."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeGuard, TypeVar, cast

from aiodataloader import DataLoader

from providers.capabilities import (
    Client,
    ContentsKey,
    HasAccountIds,
    HasAchievements,
    HasAwards,
    HasCampaigns,
    HasFriends,
    HasMessages,
    HasMetrics,
    HasPeople,
    HasPlayedGames,
    HasPresence,
    HasSearch,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasUnlockHistory,
    HasWholePeople,
    MessagesKey,
    PageKey,
    SearchKey,
    TitlesKey,
    TotalKey,
)
from providers.errors import BadInput, NotConfigured, NotFound, ProviderError
from providers.kit.caching.cached import Answer
from providers.records import (
    Achievement,
    Awards,
    Campaign,
    Contents,
    FriendPage,
    Person,
    PersonPage,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnTrophySummary,
    Title,
    TitlePage,
    TrophyCounts,
    TrophySoMetric,
    TrophySoStreak,
    UnlockStretch,
)
from providers.registry import Source

T = TypeVar("T")
Ability = TypeVar("Ability")
Batch = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]

LONGEST_HANDLE = 255  # on every source: an id carries it, and an id is said as often as asked for

LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Loaders:
    """One operation's questions: each is asked once, together with its like."""

    def __init__(
        self, clients: Mapping[Source, Client], refusals: Mapping[Source, ProviderError]
    ) -> None:
        self._clients = clients
        self._refusals = refusals
        self._loaders: dict[tuple[Source, str], DataLoader[Any, Any]] = {}

    def client(self, source: Source) -> Client:
        """The source as the viewer may see it, or why he may not."""
        if source in self._refusals:
            raise self._refusals[source]
        if source not in self._clients:
            message = "This server has no settings for the source."
            raise NotConfigured(message, source=source.name)
        return self._clients[source]

    def can(self, source: Source, ability: type[Any]) -> bool:
        """Whether the source has the ability; one that cannot be asked might have it."""
        client = self._clients.get(source)
        return client is None or _has(client, ability)

    def check_handle(self, source: Source, handle: str) -> None:
        """Refuse a handle that no account can have, as far as its source is known."""
        if len(handle) > LONGEST_HANDLE:
            message = f"handle: up to {LONGEST_HANDLE} characters."
            raise BadInput(message, argument="handle", source=source.name)
        if source in self._clients:
            self._clients[source].check_handle(handle)

    def check_title(self, source: Source, native_id: str) -> None:
        """Refuse an id that no title can have."""
        client = self._clients.get(source)
        if client is None:
            return
        if not isinstance(client, HasTitles):
            raise BadInput("source: it has no titles.", argument="source", source=source.name)
        client.check_title(native_id)

    async def account_id(self, source: Source, handle: str) -> str:
        """The account's name in ids: where the source has one, the same for all its handles."""
        client = self.client(source)
        if not isinstance(client, HasAccountIds):
            return handle
        return await client.account_id(handle)

    async def person(self, source: Source, handle: str, *, whole: bool = False) -> Answer[Person]:
        """An account's profile; a `whole` one may cost a call more."""
        if whole and self.can(source, HasWholePeople):
            return await self._load(source, "whole_people", HasWholePeople, handle)
        return await self._load(source, "people", HasPeople, handle)

    async def titles(self, source: Source, key: TitlesKey) -> Answer[TitlePage]:
        """A page of an account's titles."""
        return await self._load(source, "titles", HasTitles, key)

    async def contents(self, source: Source, key: ContentsKey) -> Answer[Contents]:
        """Parts of a title's contents."""
        return await self._load(source, "contents", HasTitles, key)

    async def achievements(
        self, source: Source, handle: str, *, progress: bool
    ) -> Answer[tuple[Achievement, ...]]:
        """Achievements that belong to no title."""
        batch = partial(self._able(source, HasAchievements).achievements, progress=progress)
        return await self._batched(source, f"achievements {progress}", batch, handle)

    async def total(self, source: Source, key: TotalKey) -> Answer[int | TrophyCounts | None]:
        """One of a source's own counts."""
        return await self._load(source, "totals", HasTotals, key)

    async def awards(self, source: Source, handle: str) -> Answer[Awards]:
        """An account's awards."""
        return await self._load(source, "awards", HasAwards, handle)

    async def unlock_history(
        self, source: Source, handle: str, before: float | None
    ) -> Answer[UnlockStretch]:
        """The stretch of an account's unlocks that holds a moment, or the newest."""
        client = self._able(source, HasUnlockHistory)
        return await client.unlock_history(handle, _moment(before))

    async def presence(self, source: Source, handle: str) -> Answer[PsnPresence | None]:
        """Whether an account is online."""
        return await self._load(source, "presences", HasPresence, handle)

    async def friends(self, source: Source, key: PageKey) -> Answer[FriendPage]:
        """A page of an account's friends."""
        return await self._load(source, "friends", HasFriends, key)

    async def played_games(self, source: Source, key: PageKey) -> Answer[PsnPlayedGamePage]:
        """A page of an account's played games."""
        return await self._load(source, "played_games", HasPlayedGames, key)

    async def titles_of_product(
        self, source: Source, key: tuple[str, str]
    ) -> Answer[tuple[Title, ...]]:
        """The trophy sets of an account's product build, by handle and build."""
        client = self._able(source, HasPlayedGames)

        async def load(keys: Sequence[tuple[str, str]]) -> Sequence[Any]:
            found: dict[tuple[str, str], Any] = {}
            for handle in dict.fromkeys(handle for handle, _ in keys):
                builds = [build for each, build in keys if each == handle]
                for build, answer in (await client.titles_by_product(handle, builds)).items():
                    found[handle, build] = answer
            missing = NotFound("There is no such build.", source=source.name)
            return [found.get(key, missing) for key in keys]

        return await self._batched(source, "titles_by_product", load, key)

    def check_term(self, source: Source, term: str) -> None:
        """Refuse what cannot be searched for, and a source that cannot be searched."""
        self._able(source, HasSearch).check_term(term)

    async def search(self, source: Source, key: SearchKey) -> Answer[PersonPage]:
        """A page of a search's hits."""
        return await self._load(source, "search", HasSearch, key)

    async def message_groups(self, source: Source, offset: int) -> Answer[PsnMessageGroupPage]:
        """A page of the viewer's conversations."""
        return await self._load(source, "message_groups", HasMessages, offset)

    async def message_group(self, source: Source, group_id: str) -> Answer[PsnMessageGroup]:
        """One of the viewer's conversations."""
        return await self._load(source, "message_group", HasMessages, group_id)

    async def messages(self, source: Source, key: MessagesKey) -> Answer[PsnMessagePage]:
        """A page of a thread."""
        return await self._load(source, "messages", HasMessages, key)

    async def campaigns(self, source: Source) -> Answer[tuple[Campaign, ...]]:
        """The viewer's campaigns."""
        return await self._able(source, HasCampaigns).campaigns()

    async def campaign(self, source: Source, native_id: str) -> Answer[Campaign]:
        """One of the viewer's campaigns, with its tasks."""
        return await self._able(source, HasCampaigns).campaign(native_id)

    async def trophy_summary(self, source: Source, handle: str) -> Answer[PsnTrophySummary]:
        """An account's trophy level."""
        return await self._load(source, "trophy_summaries", HasTrophySummary, handle)

    async def metrics(self, source: Source, handle: str) -> Answer[tuple[TrophySoMetric, ...]]:
        """A user's metrics."""
        return await self._load(source, "metrics", HasMetrics, handle)

    async def streak(self, source: Source, handle: str) -> Answer[TrophySoStreak]:
        """A user's streak."""
        return await self._load(source, "streaks", HasMetrics, handle)

    def _able(self, source: Source, ability: type[Ability]) -> Ability:
        client = self.client(source)
        if not _has(client, ability):
            message = "source: it cannot answer this."
            raise BadInput(message, argument="source", source=source.name)
        return client

    async def _load(
        self, source: Source, method: str, ability: type[Any], key: Hashable
    ) -> Answer[Any]:
        batch = cast("Batch", getattr(self._able(source, ability), method))
        return await self._batched(source, method, batch, key)

    async def _batched(
        self, source: Source, method: str, batch: Batch, key: Hashable
    ) -> Answer[Any]:
        loader = self._loaders.get((source, method))
        if loader is None:
            loader = self._loaders[source, method] = DataLoader(_listing(batch))
        return await loader.load(key)


def _moment(before: float | None) -> datetime | None:
    """The time, which comes out of a cursor: a caller may have put it where no time is."""
    if before is None:
        return None
    return datetime.fromtimestamp(min(max(before, 0.0), LATEST), UTC)


def _has(client: Client, ability: type[Ability]) -> TypeGuard[Ability]:
    return _is_able(type(client), ability)


@cache
def _is_able(client: type[Any], ability: type[Any]) -> bool:
    """Looking through a protocol takes as long as answering a field, so it is done once."""
    return issubclass(client, ability)


def _listing(batch: Batch) -> Callable[[list[Any]], Any]:
    async def load(keys: list[Any]) -> list[Any]:
        return list(await batch(keys))

    return load
