"""Batched loaders of one operation, one for each batch method of each source's client."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from aiodataloader import DataLoader, Loader, failed_dispatch

from providers.capabilities import (
    Client,
    ContentsKey,
    FollowKey,
    HasAccountIds,
    HasAchievementOfTheWeek,
    HasAchievements,
    HasAwards,
    HasCampaigns,
    HasContentsInMemory,
    HasContentsOneByOne,
    HasFollows,
    HasFriends,
    HasFullProfiles,
    HasLeaderboards,
    HasLevels,
    HasMessages,
    HasMetrics,
    HasPlayedGames,
    HasPlayedTitles,
    HasPoints,
    HasPresence,
    HasProductTitles,
    HasProfiles,
    HasRanks,
    HasSearch,
    HasStableIds,
    HasTitleFacts,
    HasTitles,
    HasTitlesWithoutCounts,
    HasTotals,
    HasTrophySummary,
    HasUnlockHistory,
    HasWantedTitles,
    LeaderboardEntriesKey,
    LeaderboardPageKey,
    MessagePageKey,
    PageKey,
    PlayedGamePage,
    PointsKey,
    SearchKey,
    TitlePageKey,
    TotalKey,
    has_capability,
)
from providers.errors import BadInput, NotConfigured, NotFound, ProviderError
from providers.kit.caching.cached import Cached
from providers.psn_records import (
    Campaign,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnTrophySummary,
)
from providers.records import (
    ALL_TIME,
    Achievement,
    Awards,
    Contents,
    FriendPage,
    Period,
    PlayedTitlePage,
    Presence,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TrophyCounts,
    UnlockPage,
)
from providers.registry import Source
from providers.retroachievements_records import (
    AchievementOfTheWeek,
    LeaderboardEntry,
    LeaderboardPage,
    RetroAchievementsFollowPage,
    RetroAchievementsRank,
)
from providers.trophy_so_records import (
    TrophySoLeaderboardPlace,
    TrophySoMetric,
    TrophySoPoints,
    TrophySoStreak,
)
from resolvers.contents_batches import ContentsBatches

T = TypeVar("T")
KeyT = TypeVar("KeyT", bound=Hashable)
CapabilityT = TypeVar("CapabilityT")
# A method of a capability that takes many keys, and returns one outcome for each, in order.
BatchMethod = Callable[[Sequence[KeyT]], Awaitable[Sequence[T | ProviderError]]]

ME = "me"
MAX_HANDLE_LENGTH = 255  # on every source, because each id in a response contains the handle
MAX_TIMESTAMP = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Loaders:
    """The upstream data of one operation: equal keys are loaded once, and keys in batches."""

    def __init__(
        self, clients: Mapping[Source, Client], source_errors: Mapping[Source, ProviderError]
    ) -> None:
        self._clients = clients
        self._source_errors = source_errors
        self._loaders: dict[Hashable, BatchLoader] = {}
        self._contents_batches: dict[Source, ContentsBatches] = {}
        self._found_contents: dict[tuple[object, ...], tuple[ContentsKey, Cached[Contents]]] = {}

    def forget(self) -> None:
        """Forget what was loaded."""
        self._loaders.clear()
        self._contents_batches.clear()
        self._found_contents.clear()

    def get_client(self, source: Source) -> Client:
        """Return the viewer's client of a source; raise the reason if there is none."""
        if source in self._source_errors:
            raise self._source_errors[source]
        if source not in self._clients:
            message = "This server has no settings for the source."
            raise NotConfigured(message, source=source.name)
        return self._clients[source]

    def has_capability(self, source: Source, capability: type[Any]) -> bool:
        """Return whether a source has a capability; true for a source without a client.

        Such a source then shows its error in place of the data.
        """
        client = self._clients.get(source)
        return client is None or has_capability(client, capability)

    def check_handle(self, source: Source, handle: str) -> None:
        """Raise `BadInput` for a handle that no account can have."""
        if len(handle) > MAX_HANDLE_LENGTH:
            message = f"handle: must have at most {MAX_HANDLE_LENGTH} characters."
            raise BadInput(message, argument="handle", source=source.name)
        if source in self._clients:
            self._clients[source].check_handle(handle)

    def check_title(self, source: Source, native_id: str) -> None:
        """Raise `BadInput` for an id that no title can have, or for a source without titles."""
        client = self._clients.get(source)
        if client is None:
            return
        if not isinstance(client, HasTitles):
            message = "source: must be a source with titles."
            raise BadInput(message, argument="source", source=source.name)
        client.check_title(native_id)

    def has_search(self, source: Source) -> bool:
        """Return whether the viewer has a client of a source with a search."""
        client = self._clients.get(source)
        return client is not None and has_capability(client, HasSearch)

    def check_group(self, group_id: str, thread_id: str | None = None) -> None:
        """Raise `BadInput` for an id that no group, or no thread, can have."""
        client = self._clients.get(Source.PSN)
        if isinstance(client, HasMessages):
            client.check_group(group_id)
        if thread_id is not None:
            self.check_thread(thread_id)

    def check_thread(self, thread_id: str) -> None:
        """Raise `BadInput` for an id that no thread can have."""
        client = self._clients.get(Source.PSN)
        if isinstance(client, HasMessages):
            client.check_thread(thread_id)

    def check_message(self, text: str | None, resource_id: str | None) -> None:
        """Raise `BadInput` for a text or a resource that no message can have."""
        client = self._clients.get(Source.PSN)
        if isinstance(client, HasMessages):
            if text is not None:
                client.check_body(text)
            if resource_id is not None:
                client.check_resource(resource_id)

    def check_invitees(self, account_ids: Sequence[str]) -> None:
        """Raise `BadInput` for members with whom no group can be created."""
        client = self._clients.get(Source.PSN)
        if isinstance(client, HasMessages):
            client.check_invitees(account_ids)

    def check_points_key(self, key: str) -> None:
        """Raise `BadInput` for a key that no points system and no leaderboard can have."""
        client = self._clients.get(Source.TROPHY_SO)
        if isinstance(client, HasPoints):
            client.check_key(key)

    def check_term(self, source: Source, term: str) -> None:
        """Raise `BadInput` for an invalid search term, or for a source without a search."""
        self._require_capability(source, HasSearch).check_term(term)

    def is_lasting_handle(self, source: Source, handle: str) -> bool:
        """Return whether a handle will always mean the account that it means now.

        `me` means the viewer, whoever that is. A name lasts unless the source's names change hands.
        """
        client = self._clients.get(source)
        if client is None:
            return True
        if has_capability(client, HasStableIds):
            return client.is_stable_id(handle)
        return not handle == client.own_handle == ME

    async def load_account_id(self, source: Source, handle: str) -> str:
        """Load the account's id, the same for all its handles; the handle if there are no ids."""
        client = self.get_client(source)
        if has_capability(client, HasStableIds):
            return await client.get_stable_id(handle)
        if not has_capability(client, HasAccountIds):
            return handle
        return await client.get_account_id(handle)

    async def load_profile(
        self, source: Source, handle: str, *, full_profile: bool = False
    ) -> Cached[Profile]:
        """Load an account's profile; a full one may cost one more call."""
        if full_profile and self.has_capability(source, HasFullProfiles):
            client = self._require_capability(source, HasFullProfiles)
            return await self._load(client.get_full_profiles, handle)
        return await self._load(self._require_capability(source, HasProfiles).get_profiles, handle)

    async def load_titles(
        self, source: Source, key: TitlePageKey, *, with_counts: bool = True
    ) -> Cached[TitlePage]:
        """Load a page of an account's titles; their counts may cost one more call."""
        if not with_counts and self.has_capability(source, HasTitlesWithoutCounts):
            client = self._require_capability(source, HasTitlesWithoutCounts)
            return await self._load(client.get_titles_without_counts, key)
        return await self._load(self._require_capability(source, HasTitles).get_titles, key)

    async def load_contents(self, source: Source, key: ContentsKey) -> Cached[Contents]:
        """Load parts of a title's contents; they are found at once if they are in memory."""
        # By ids: a title takes as long to hash as a value to look up, and so does a source.
        found_key = (id(source), key.handle, id(key.title), key.parts)
        _, found = self._found_contents.get(found_key, (None, None))
        if found is not None:
            return found
        client = self.get_client(source)
        if has_capability(client, HasContentsInMemory):
            found = client.find_contents(key)
        if found is None:
            found = await self._start_contents(source, client, key)
        self._found_contents[found_key] = key, found  # which keeps the ids unique
        return found

    def _start_contents(
        self, source: Source, client: object, key: ContentsKey
    ) -> Awaitable[Cached[Contents]]:
        if not has_capability(client, HasContentsOneByOne):
            return self._load(self._require_capability(source, HasTitles).get_contents, key)
        batches = self._contents_batches.get(source)
        if batches is None:
            batches = self._contents_batches[source] = ContentsBatches(client.start_contents)
        return batches.load(key)

    async def load_title_facts(self, source: Source, key: ContentsKey) -> Cached[Title]:
        """Load facts of a title that its row lacks; those of several titles may share a call."""
        return await self._load(
            self._require_capability(source, HasTitleFacts).get_title_facts, key
        )

    async def load_achievements(
        self, source: Source, handle: str, *, progress: bool
    ) -> Cached[tuple[Achievement, ...]]:
        """Load the achievements that belong to no title."""
        method = self._require_capability(source, HasAchievements).get_achievements
        return await self._load(
            partial(method, progress=progress), handle, loader_key=(method, progress)
        )

    async def load_total(self, source: Source, key: TotalKey) -> Cached[int | TrophyCounts | None]:
        """Load one of a source's own totals."""
        return await self._load(self._require_capability(source, HasTotals).get_totals, key)

    async def load_awards(self, source: Source, handle: str) -> Cached[Awards]:
        """Load an account's awards."""
        return await self._load(self._require_capability(source, HasAwards).get_awards, handle)

    async def load_unlock_history(
        self, source: Source, handle: str, before: float | None, needed: Period = ALL_TIME
    ) -> Cached[UnlockPage]:
        """Load the page of an account's unlocks that contains a timestamp; None for the newest.

        Unlocks outside of `needed` may be left out.
        """
        client = self._require_capability(source, HasUnlockHistory)
        return await client.get_unlock_history(handle, _parse_cursor_time(before), needed)

    async def load_presence(self, source: Source, handle: str) -> Cached[Presence | None]:
        """Load whether an account is online; None if the source hides it."""
        client = self._require_capability(source, HasPresence)
        return await self._load(client.get_presences, handle)

    async def load_level(self, source: Source, handle: str) -> Cached[int | None]:
        """Load an account's level; None if the source does not show it."""
        return await self._load(self._require_capability(source, HasLevels).get_levels, handle)

    async def load_rank(self, source: Source, handle: str) -> Cached[RetroAchievementsRank | None]:
        """Load an account's place among all ranked ones; None if it is unranked."""
        return await self._load(self._require_capability(source, HasRanks).get_ranks, handle)

    async def load_achievement_of_the_week(
        self, source: Source
    ) -> Cached[AchievementOfTheWeek | None]:
        """Load the achievement that a source has chosen for the week."""
        client = self._require_capability(source, HasAchievementOfTheWeek)
        return await client.get_achievement_of_the_week()

    async def load_follows(
        self, source: Source, key: FollowKey
    ) -> Cached[RetroAchievementsFollowPage]:
        """Load a page of the accounts that the own account follows, or is followed by."""
        return await self._load(self._require_capability(source, HasFollows).get_follows, key)

    async def load_wanted_titles(self, source: Source, key: PageKey) -> Cached[TitlePage]:
        """Load a page of the titles that an account wants to play."""
        client = self._require_capability(source, HasWantedTitles)
        return await self._load(client.get_wanted_titles, key)

    async def load_leaderboards(
        self, source: Source, key: LeaderboardPageKey
    ) -> Cached[LeaderboardPage]:
        """Load a page of a title's leaderboards."""
        client = self._require_capability(source, HasLeaderboards)
        return await self._load(client.get_leaderboards, key)

    async def load_leaderboard_entries(
        self, source: Source, key: LeaderboardEntriesKey
    ) -> Cached[dict[str, LeaderboardEntry]]:
        """Load a player's places on all leaderboards of a title."""
        client = self._require_capability(source, HasLeaderboards)
        return await self._load(client.get_leaderboard_entries, key)

    async def load_friends(self, source: Source, key: PageKey) -> Cached[FriendPage]:
        """Load a page of an account's friends."""
        return await self._load(self._require_capability(source, HasFriends).get_friends, key)

    async def load_played_games(self, source: Source, key: PageKey) -> Cached[PlayedGamePage]:
        """Load a page of an account's played games."""
        client = self._require_capability(source, HasPlayedGames)
        return await self._load(client.get_played_games, key)

    async def load_played_titles(self, source: Source, key: PageKey) -> Cached[PlayedTitlePage]:
        """Load a page of the titles that an account has played."""
        client = self._require_capability(source, HasPlayedTitles)
        return await self._load(client.get_played_titles, key)

    async def load_product_titles(
        self, source: Source, key: tuple[str, str]
    ) -> Cached[tuple[Title, ...]]:
        """Load the trophy sets of a product build; the key is a handle and the build's id."""
        client = self._require_capability(source, HasProductTitles)

        async def load(
            keys: Sequence[tuple[str, str]],
        ) -> Sequence[Cached[tuple[Title, ...]] | ProviderError]:
            found: dict[tuple[str, str], Cached[tuple[Title, ...]] | ProviderError] = {}
            for handle in dict.fromkeys(handle for handle, _ in keys):
                builds = [build for each, build in keys if each == handle]
                for build, outcome in (await client.get_titles_by_product(handle, builds)).items():
                    found[handle, build] = outcome
            missing = NotFound("There is no such build.", source=source.name)
            return [found.get(key, missing) for key in keys]

        return await self._load(load, key, loader_key=client.get_titles_by_product)

    async def load_search_page(self, source: Source, key: SearchKey) -> Cached[ProfilePage]:
        """Load a page of a search's results."""
        return await self._load(self._require_capability(source, HasSearch).search, key)

    async def load_message_groups(self, source: Source, offset: int) -> Cached[PsnMessageGroupPage]:
        """Load a page of the viewer's conversations."""
        client = self._require_capability(source, HasMessages)
        return await self._load(client.get_message_groups, offset)

    async def load_message_group(self, source: Source, group_id: str) -> Cached[PsnMessageGroup]:
        """Load one of the viewer's conversations."""
        client = self._require_capability(source, HasMessages)
        return await self._load(client.get_message_groups_by_id, group_id)

    async def load_messages(self, source: Source, key: MessagePageKey) -> Cached[PsnMessagePage]:
        """Load a page of a thread."""
        return await self._load(self._require_capability(source, HasMessages).get_messages, key)

    async def load_campaigns(self, source: Source) -> Cached[tuple[Campaign, ...]]:
        """Load the viewer's campaigns."""
        return await self._require_capability(source, HasCampaigns).get_campaigns()

    async def load_campaign(self, source: Source, native_id: str) -> Cached[Campaign]:
        """Load one of the viewer's campaigns, with its tasks."""
        return await self._require_capability(source, HasCampaigns).get_campaign(native_id)

    async def load_trophy_summary(self, source: Source, handle: str) -> Cached[PsnTrophySummary]:
        """Load an account's trophy level."""
        client = self._require_capability(source, HasTrophySummary)
        return await self._load(client.get_trophy_summaries, handle)

    async def load_metrics(self, source: Source, handle: str) -> Cached[tuple[TrophySoMetric, ...]]:
        """Load a user's metrics."""
        return await self._load(self._require_capability(source, HasMetrics).get_metrics, handle)

    async def load_streak(
        self, source: Source, handle: str, *, long_history: bool = False
    ) -> Cached[TrophySoStreak]:
        """Load a user's streak, with a short or a long history."""
        method = self._require_capability(source, HasMetrics).get_streaks
        return await self._load(
            partial(method, long_history=long_history), handle, loader_key=(method, long_history)
        )

    async def load_streak_length(self, source: Source, handle: str) -> Cached[TrophySoStreak]:
        """Load a user's streak without what needs a call for each user."""
        client = self._require_capability(source, HasMetrics)
        return await self._load(client.get_streak_lengths, handle)

    async def load_points(self, source: Source, key: PointsKey) -> Cached[TrophySoPoints]:
        """Load a user's points in a points system."""
        return await self._load(self._require_capability(source, HasPoints).get_points, key)

    async def load_leaderboard_place(
        self, source: Source, key: PointsKey
    ) -> Cached[TrophySoLeaderboardPlace]:
        """Load a user's place on a leaderboard."""
        client = self._require_capability(source, HasPoints)
        return await self._load(client.get_leaderboard_places, key)

    def _require_capability(self, source: Source, capability: type[CapabilityT]) -> CapabilityT:
        client = self.get_client(source)
        if not has_capability(client, capability):
            message = "source: must be a source that supports this field."
            raise BadInput(message, argument="source", source=source.name)
        return client

    async def _load(
        self, method: BatchMethod[KeyT, T], key: KeyT, *, loader_key: Hashable = None
    ) -> T:
        """Load one key with the batch method's loader.

        A bound method equals itself, and so is its own key; any other callable needs one.
        """
        loader_key = loader_key or method
        loader = self._loaders.get(loader_key)
        if loader is None:
            loader = self._loaders[loader_key] = BatchLoader(method)
        return await loader.load(key)


class BatchLoader(DataLoader[Any, Any]):
    """Loads keys in the batches of its base, without what that does for functions of all kinds.

    The base's constructor inspects the function. Two tasks dispatch each batch, and its outcomes
    are checked and copied.
    """

    def __init__(self, method: BatchMethod[Any, Any]) -> None:
        self.loop = asyncio.get_running_loop()
        self._method = method
        self._cache: dict[Any, asyncio.Future[Any]] = {}
        self._queue: list[Any] = []  # of `Loader`

    @staticmethod
    def get_cache_key(key: Any) -> Any:
        """Return the key itself."""
        return key

    def do_resolve_reject(self, key: Any, future: "asyncio.Future[Any]") -> None:
        """Add a key to the batch; a new one is loaded in the second turn of the loop after this."""
        if not self._queue:
            self.loop.call_soon(self.loop.call_soon, self._dispatch)
        self._queue.append(Loader(key, future))

    def _dispatch(self) -> None:
        queue, self._queue = self._queue, []
        self.loop.create_task(self._load_batch(queue))

    async def _load_batch(self, queue: list[Any]) -> None:
        try:
            outcomes = await self._method([each.key for each in queue])
            for each, outcome in zip(queue, outcomes, strict=True):
                _settle(each.future, outcome)
        except Exception as error:  # noqa: BLE001 - it is the outcome of each key
            failed_dispatch(self, queue, error)


def _settle(future: "asyncio.Future[Any]", outcome: Any) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _parse_cursor_time(before: float | None) -> datetime | None:
    """Convert a timestamp from a cursor, which a caller can have set to any number."""
    if before is None:
        return None
    return datetime.fromtimestamp(min(max(before, 0.0), MAX_TIMESTAMP), UTC)
