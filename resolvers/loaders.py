"""Batched loaders, one per ability and source, which live as long as one operation."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, TypeGuard, TypeVar, cast

from aiodataloader import DataLoader
from providers.psn_records import (
    Campaign,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnPlayedGamePage,
    PsnPresence,
    PsnTrophySummary,
)

from providers.capabilities import (
    Client,
    ContentsKey,
    HasAccountIds,
    HasAchievements,
    HasAwards,
    HasCampaigns,
    HasFriends,
    HasFullProfiles,
    HasMessages,
    HasMetrics,
    HasPlayedGames,
    HasPresence,
    HasProfiles,
    HasSearch,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasUnlockHistory,
    MessagePageKey,
    PageKey,
    SearchKey,
    TitlePageKey,
    TotalKey,
)
from providers.errors import BadInput, NotConfigured, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import (
    Achievement,
    Awards,
    Contents,
    FriendPage,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TrophyCounts,
    TrophySoMetric,
    TrophySoStreak,
    UnlockPage,
)
from providers.registry import Source

T = TypeVar("T")
CapabilityT = TypeVar("CapabilityT")
Batch = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]

MAX_HANDLE_LENGTH = (
    255  # on every source: an id carries it, and an id is said as often as asked for
)

MAX_TIMESTAMP = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Loaders:
    """One operation's questions: each is asked once, together with its like."""

    def __init__(
        self, clients: Mapping[Source, Client], source_errors: Mapping[Source, ProviderError]
    ) -> None:
        self._clients = clients
        self._source_errors = source_errors
        self._loaders: dict[tuple[Source, str], DataLoader[Any, Any]] = {}

    def get_client(self, source: Source) -> Client:
        """The source as the viewer may see it, or why he may not."""
        if source in self._source_errors:
            raise self._source_errors[source]
        if source not in self._clients:
            message = "This server has no settings for the source."
            raise NotConfigured(message, source=source.name)
        return self._clients[source]

    def has_capability(self, source: Source, capability: type[Any]) -> bool:
        """Whether the source has the ability; one that cannot be asked might have it."""
        client = self._clients.get(source)
        return client is None or _has_capability(client, capability)

    def check_handle(self, source: Source, handle: str) -> None:
        """Refuse a handle that no account can have, as far as its source is known."""
        if len(handle) > MAX_HANDLE_LENGTH:
            message = f"handle: up to {MAX_HANDLE_LENGTH} characters."
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

    async def load_account_id(self, source: Source, handle: str) -> str:
        """The account's name in ids: where the source has one, the same for all its handles."""
        client = self.get_client(source)
        if not isinstance(client, HasAccountIds):
            return handle
        return await client.get_account_id(handle)

    async def load_person(
        self, source: Source, handle: str, *, full_profile: bool = False
    ) -> Cached[Profile]:
        """An account's profile; a `whole` one may cost a call more."""
        if full_profile and self.has_capability(source, HasFullProfiles):
            return await self._load(source, "get_full_profiles", HasFullProfiles, handle)
        return await self._load(source, "get_profiles", HasProfiles, handle)

    async def load_titles(self, source: Source, key: TitlePageKey) -> Cached[TitlePage]:
        """A page of an account's titles."""
        return await self._load(source, "get_titles", HasTitles, key)

    async def load_contents(self, source: Source, key: ContentsKey) -> Cached[Contents]:
        """Parts of a title's contents."""
        return await self._load(source, "get_contents", HasTitles, key)

    async def load_achievements(
        self, source: Source, handle: str, *, progress: bool
    ) -> Cached[tuple[Achievement, ...]]:
        """Achievements that belong to no title."""
        batch = partial(
            self._require_capability(source, HasAchievements).get_achievements, progress=progress
        )
        return await self._load_batched(source, f"achievements {progress}", batch, handle)

    async def load_total(self, source: Source, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        """One of a source's own counts."""
        return await self._load(source, "get_totals", HasTotals, key)

    async def load_awards(self, source: Source, handle: str) -> Cached[Awards]:
        """An account's awards."""
        return await self._load(source, "get_awards", HasAwards, handle)

    async def load_unlock_history(
        self, source: Source, handle: str, before: float | None
    ) -> Cached[UnlockPage]:
        """The stretch of an account's unlocks that holds a moment, or the newest."""
        client = self._require_capability(source, HasUnlockHistory)
        return await client.get_unlock_history(handle, _parse_cursor_time(before))

    async def load_presence(self, source: Source, handle: str) -> Cached[PsnPresence | None]:
        """Whether an account is online."""
        return await self._load(source, "get_presences", HasPresence, handle)

    async def load_friends(self, source: Source, key: PageKey) -> Cached[FriendPage]:
        """A page of an account's friends."""
        return await self._load(source, "get_friends", HasFriends, key)

    async def load_played_games(self, source: Source, key: PageKey) -> Cached[PsnPlayedGamePage]:
        """A page of an account's played games."""
        return await self._load(source, "get_played_games", HasPlayedGames, key)

    async def load_product_titles(
        self, source: Source, key: tuple[str, str]
    ) -> Cached[tuple[Title, ...]]:
        """The trophy sets of an account's product build, by handle and build."""
        client = self._require_capability(source, HasPlayedGames)

        async def load(keys: Sequence[tuple[str, str]]) -> Sequence[Any]:
            found: dict[tuple[str, str], Any] = {}
            for handle in dict.fromkeys(handle for handle, _ in keys):
                builds = [build for each, build in keys if each == handle]
                for build, answer in (await client.get_titles_by_product(handle, builds)).items():
                    found[handle, build] = answer
            missing = NotFound("There is no such build.", source=source.name)
            return [found.get(key, missing) for key in keys]

        return await self._load_batched(source, "titles_by_product", load, key)

    def check_term(self, source: Source, term: str) -> None:
        """Refuse what cannot be searched for, and a source that cannot be searched."""
        self._require_capability(source, HasSearch).check_term(term)

    async def load_search_page(self, source: Source, key: SearchKey) -> Cached[ProfilePage]:
        """A page of a search's hits."""
        return await self._load(source, "search", HasSearch, key)

    async def load_message_groups(self, source: Source, offset: int) -> Cached[PsnMessageGroupPage]:
        """A page of the viewer's conversations."""
        return await self._load(source, "get_message_groups", HasMessages, offset)

    async def load_message_group(self, source: Source, group_id: str) -> Cached[PsnMessageGroup]:
        """One of the viewer's conversations."""
        return await self._load(source, "get_message_groups_by_id", HasMessages, group_id)

    async def load_messages(self, source: Source, key: MessagePageKey) -> Cached[PsnMessagePage]:
        """A page of a thread."""
        return await self._load(source, "get_messages", HasMessages, key)

    async def load_campaigns(self, source: Source) -> Cached[tuple[Campaign, ...]]:
        """The viewer's campaigns."""
        return await self._require_capability(source, HasCampaigns).get_campaigns()

    async def load_campaign(self, source: Source, native_id: str) -> Cached[Campaign]:
        """One of the viewer's campaigns, with its tasks."""
        return await self._require_capability(source, HasCampaigns).get_campaign(native_id)

    async def load_trophy_summary(self, source: Source, handle: str) -> Cached[PsnTrophySummary]:
        """An account's trophy level."""
        return await self._load(source, "get_trophy_summaries", HasTrophySummary, handle)

    async def load_metrics(self, source: Source, handle: str) -> Cached[tuple[TrophySoMetric, ...]]:
        """A user's metrics."""
        return await self._load(source, "get_metrics", HasMetrics, handle)

    async def load_streak(self, source: Source, handle: str) -> Cached[TrophySoStreak]:
        """A user's streak."""
        return await self._load(source, "get_streaks", HasMetrics, handle)

    def _require_capability(self, source: Source, capability: type[CapabilityT]) -> CapabilityT:
        client = self.get_client(source)
        if not _has_capability(client, capability):
            message = "source: it cannot answer this."
            raise BadInput(message, argument="source", source=source.name)
        return client

    async def _load(
        self, source: Source, method: str, capability: type[Any], key: Hashable
    ) -> Cached[Any]:
        batch = cast("Batch", getattr(self._require_capability(source, capability), method))
        return await self._load_batched(source, method, batch, key)

    async def _load_batched(
        self, source: Source, method: str, batch: Batch, key: Hashable
    ) -> Cached[Any]:
        loader = self._loaders.get((source, method))
        if loader is None:
            loader = self._loaders[source, method] = DataLoader(_wrap_batch(batch))
        return await loader.load(key)


def _parse_cursor_time(before: float | None) -> datetime | None:
    """The time, which comes out of a cursor: a caller may have put it where no time is."""
    if before is None:
        return None
    return datetime.fromtimestamp(min(max(before, 0.0), MAX_TIMESTAMP), UTC)


def _has_capability(client: Client, capability: type[CapabilityT]) -> TypeGuard[CapabilityT]:
    return _implements_capability(type(client), capability)


@cache
def _implements_capability(client: type[Any], capability: type[Any]) -> bool:
    """Looking through a protocol takes as long as answering a field, so it is done once."""
    return issubclass(client, capability)


def _wrap_batch(batch: Batch) -> Callable[[list[Any]], Any]:
    async def load(keys: list[Any]) -> list[Any]:
        return list(await batch(keys))

    return load
