"""Capabilities: what a source can do, as protocols that its client implements.

A client has the methods of what its upstream supports, and no others. A batch method takes many
keys and returns as many outcomes in the same order: a value, or the error of that key.
"""

from asyncio import Task
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from hashlib import blake2b
from typing import Any, Protocol, TypeGuard, TypeVar, runtime_checkable

from msgspec import Struct

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.rate_limiting.rate_limiter import Budget
from providers.kit.upstream.upstream_client import SharedServices, UpstreamResponse
from providers.psn_records import (
    Campaign,
    CreatedPsnGroup,
    PersistedQuery,
    PsnMessageGroup,
    PsnMessageGroupPage,
    PsnMessagePage,
    PsnResourceContent,
    PsnResourceKind,
    PsnTrophySummary,
    SentPsnMessage,
)
from providers.records import (
    ALL_TIME,
    Achievement,
    Awards,
    Contents,
    FriendPage,
    Part,
    Period,
    PlayedTitlePage,
    Presence,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TotalName,
    TrophyCounts,
    UnlockPage,
)
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

CapabilityT = TypeVar("CapabilityT")


def has_capability(client: object, capability: type[CapabilityT]) -> TypeGuard[CapabilityT]:
    """Return whether a client has the methods of a capability."""
    return _implements(type(client), capability)


@cache
def _implements(client: type[Any], capability: type[Any]) -> bool:
    # Kept, because the check of a protocol takes as long as a whole field.
    return issubclass(client, capability)


@dataclass(frozen=True)
class PageKey:
    """A page of one of an account's lists, from an offset that the previous page gave."""

    handle: str
    offset: int = 0
    bypass_cache: bool = False


class FollowDirection(Enum):
    """Whom an account follows, or who follows it."""

    FOLLOWING = "FOLLOWING"
    FOLLOWERS = "FOLLOWERS"


@dataclass(frozen=True)
class FollowKey:
    """A page of the own account's follows, from an offset that the previous page gave."""

    direction: FollowDirection
    offset: int = 0
    bypass_cache: bool = False


@dataclass(frozen=True)
class LeaderboardPageKey:
    """A page of a title's leaderboards, from an offset that the previous page gave."""

    title_id: str
    offset: int = 0
    bypass_cache: bool = False


@dataclass(frozen=True)
class LeaderboardEntriesKey:
    """A player's places on all leaderboards of a title."""

    handle: str
    title_id: str


@dataclass(frozen=True)
class TitlePageKey:
    """A page of an account's titles, from an offset that the previous page gave.

    `previous_page_digest` is a hash of the titles on the previous page: if that page has changed,
    this one may begin elsewhere, so it is cached under another key.
    """

    handle: str
    offset: int = 0
    previous_page_digest: str = ""
    bypass_cache: bool = False

    def advance(self, page: TitlePage) -> "TitlePageKey | None":
        """Return the key of the page after this one; None after the last.

        None also if the offset does not increase, which would request the same page without end.
        """
        offset = page.next_offset
        if offset is None or offset <= self.offset:
            return None
        ids = "\n".join(sorted(title.native_id for title in page.titles))
        return TitlePageKey(self.handle, offset, blake2b(ids.encode(), digest_size=16).hexdigest())


class ContentsKey(Struct, frozen=True):
    """Parts of a title's contents; without a handle, the definitions without a player."""

    handle: str | None
    title: Title
    parts: Part


@dataclass(frozen=True)
class TotalKey:
    """One of an account's counts."""

    handle: str
    field: TotalName


@dataclass(frozen=True)
class SearchKey:
    """A page of search results, from a cursor that the previous page gave."""

    term: str
    cursor: str | None = None


@dataclass(frozen=True)
class PointsKey:
    """A user, and the key of a points system or of a leaderboard."""

    handle: str
    key: str


@dataclass(frozen=True)
class MessagePageKey:
    """A page of a thread (by default the main one), older than the message with uid `before`."""

    group_id: str
    thread_id: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Health:
    """The last known state of a sign-in: its error, and until when it is valid at most."""

    error: ProviderError | None = None
    credential_expires_at: datetime | None = None


@runtime_checkable
class HasProfiles(Protocol):
    """Profiles of accounts."""

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """Return the profiles; `NotFound` for an account that does not exist."""
        ...


@runtime_checkable
class HasFullProfiles(Protocol):
    """Profiles of which `get_profiles` may omit fields that need a call of their own."""

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """Return the profiles with every field that the source has."""
        ...


@runtime_checkable
class HasAccountIds(Protocol):
    """Accounts with several handles and one id."""

    async def get_account_id(self, handle: str) -> str:
        """Return the account's id for any of its handles."""
        ...


@runtime_checkable
class HasStableIds(Protocol):
    """Accounts whose names may change hands; requests accept a name or the lasting id."""

    def is_stable_id(self, handle: str) -> bool:
        """Return whether a handle is a lasting id, which no other account ever has."""
        ...

    async def get_stable_id(self, handle: str) -> str:
        """Return the account's lasting id for any of its handles."""
        ...


@runtime_checkable
class HasTotals(Protocol):
    """Counts that the source keeps itself."""

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """Return the counts; None for one that the source does not have."""
        ...


@runtime_checkable
class HasTitles(Protocol):
    """Titles of accounts, and their contents."""

    def check_title(self, native_id: str) -> None:
        """Raise `BadInput` for a string that cannot be a title's id."""
        ...

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return pages of titles, last updated first, as long as the upstream allows."""
        ...

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """Return at least the requested parts; `NotFound` for an unknown title."""
        ...


@runtime_checkable
class HasTitlesWithoutCounts(Protocol):
    """Titles of which `get_titles` needs calls of its own for the numbers of achievements."""

    async def get_titles_without_counts(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return the same pages without the numbers of achievements and the progress."""
        ...


@runtime_checkable
class HasTitleFacts(Protocol):
    """Facts of titles that a row of a list may lack: points, times of play, the game itself."""

    def select_fact_parts(self, parts: Part) -> Part:
        """Return those of the parts that the source has, whether or not a row has them."""
        ...

    async def get_title_facts(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Title] | ProviderError]:
        """Return the requested facts of each title, and others that come with them.

        Where the row of the key has a fact, the result may lack it.
        """
        ...


@runtime_checkable
class HasContentsOneByOne(Protocol):
    """Contents of titles of which each can be used before the others are loaded."""

    async def start_contents(self, keys: Sequence[ContentsKey]) -> Sequence[Task[Cached[Contents]]]:
        """Return a task for each key that ends as its outcome of `get_contents` is known."""
        ...


@runtime_checkable
class HasContentsInMemory(Protocol):
    """Contents of titles that are found without waiting if all of them are in memory."""

    def find_contents(self, key: ContentsKey) -> Cached[Contents] | None:
        """Return what `get_contents` returns, or None if that may have to load anything."""
        ...


@runtime_checkable
class HasAchievements(Protocol):
    """Achievements that belong to no title."""

    async def get_achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Cached[tuple[Achievement, ...]] | ProviderError]:
        """Return all achievements of the accounts, locked ones too, with progress if requested."""
        ...


@runtime_checkable
class HasUnlockHistory(Protocol):
    """Unlocks of all titles by time."""

    async def get_unlock_history(
        self, handle: str, before: datetime | None, needed: Period = ALL_TIME
    ) -> Cached[UnlockPage]:
        """Return all unlocks of a span that contains the moment; by default the newest.

        Unlocks outside of `needed` may be left out, and the page is the last one if it has all
        that are in it.
        """
        ...


@runtime_checkable
class HasAwards(Protocol):
    """Site awards of accounts."""

    async def get_awards(self, handles: Sequence[str]) -> Sequence[Cached[Awards] | ProviderError]:
        """Return all visible awards, with the source's own counts."""
        ...


@runtime_checkable
class HasSearch(Protocol):
    """Search for accounts by a part of their name."""

    def check_term(self, term: str) -> None:
        """Raise `BadInput` for a term that the source cannot search for."""
        ...

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """Return pages of results, an exact match first."""
        ...


@runtime_checkable
class HasFriends(Protocol):
    """Friends of accounts."""

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[FriendPage] | ProviderError]:
        """Return pages of friends' account ids."""
        ...


@runtime_checkable
class HasPresence(Protocol):
    """Whether accounts are online."""

    async def get_presences(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Presence | None] | ProviderError]:
        """Return the presences; None for one that the source does not show."""
        ...


@runtime_checkable
class HasTrophySummary(Protocol):
    """PlayStation's trophy level."""

    async def get_trophy_summaries(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[PsnTrophySummary] | ProviderError]:
        """Return level, tier and points of the accounts."""
        ...


class PlayedGame(Protocol):
    """A game in a list of played games, with the fields that its source has."""

    @property
    def native_id(self) -> str:
        """The source's own id of the game, unique in the list."""
        ...


class PlayedGamePage(Protocol):
    """A page of an account's played games, last played first."""

    @property
    def games(self) -> Sequence[PlayedGame]:
        """The games of the page."""
        ...

    @property
    def total(self) -> int | None:
        """The number of games in the whole list; None if the source does not count them."""
        ...

    @property
    def next_offset(self) -> int | None:
        """The offset of the next page; None at the end."""
        ...

    @property
    def unread_count(self) -> int:
        """The number of rows that cannot be read."""
        ...


@runtime_checkable
class HasPlayedGames(Protocol):
    """Games that accounts have played, with or without achievements."""

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PlayedGamePage] | ProviderError]:
        """Return pages of games, last played first."""
        ...


@runtime_checkable
class HasPlayedTitles(Protocol):
    """Titles that accounts have played, by when they last did."""

    async def get_played_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PlayedTitlePage] | ProviderError]:
        """Return pages of titles, last played first, and those of which it is not known last."""
        ...

    def list_absent_attributes(self) -> frozenset[str]:
        """Return the attributes of a title that these pages lack, and its own list has."""
        ...


@runtime_checkable
class HasProductTitles(Protocol):
    """Titles of the games in a list of played games."""

    async def get_titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[tuple[Title, ...]] | ProviderError]:
        """Return an account's trophy titles by product build; empty for one without trophies."""
        ...


@runtime_checkable
class HasMessages(Protocol):
    """Conversations of the credential's own account."""

    def check_group(self, group_id: str) -> None:
        """Raise `BadInput` for a string that cannot be a group's id."""
        ...

    def check_thread(self, thread_id: str) -> None:
        """Raise `BadInput` for a string that cannot be a thread's id."""
        ...

    def check_resource(self, resource_id: str) -> None:
        """Raise `BadInput` for a string that cannot be a resource's id."""
        ...

    def check_body(self, body: str) -> None:
        """Raise `BadInput` for a text that cannot be sent."""
        ...

    def check_invitees(self, account_ids: Sequence[str]) -> None:
        """Raise `BadInput` for accounts that no group can be created with."""
        ...

    async def get_message_groups(
        self, offsets: Sequence[int]
    ) -> Sequence[Cached[PsnMessageGroupPage] | ProviderError]:
        """Return pages of groups, last modified first."""
        ...

    async def get_message_groups_by_id(
        self, group_ids: Sequence[str]
    ) -> Sequence[Cached[PsnMessageGroup] | ProviderError]:
        """Return single groups; `NotFound` for one that the account is not a member of."""
        ...

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> Sequence[Cached[PsnMessagePage] | ProviderError]:
        """Return pages of messages, newest first."""
        ...

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """Return the content of a message's resource; it is never cached."""
        ...


@runtime_checkable
class HasCampaigns(Protocol):
    """Campaigns of the credential's own account."""

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        """Return the campaigns with the account's progress."""
        ...

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        """Return one campaign with its tasks."""
        ...


@runtime_checkable
class HasWrites(Protocol):
    """Changes to the credential's own account.

    A write is sent once. Each method raises `OutcomeUnknown` if it was sent and not confirmed.
    """

    async def remove_friend(self, handle: str) -> str:
        """End a friendship, and return the account id; raise `NotFound` if there is none."""
        ...

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Create a group; with one other person, return the group that exists already."""
        ...

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text; without a thread, to the main one."""
        ...

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        """Upload a PNG or JPEG image, and return the id to send it by."""
        ...

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        """Upload an image from a URL, whose host the operator must have allowed."""
        ...

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send an uploaded resource; without a thread, to the main one."""
        ...


@runtime_checkable
class HasPersistedQueries(Protocol):
    """Operations that the source stores under hashes, passed through unchanged."""

    def get_persisted_queries(self) -> Sequence[PersistedQuery]:
        """Return all operations that may be passed through, one per hash."""
        ...

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        """Return the source's response of any status."""
        ...

    async def execute_persisted_query(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> Any:
        """Return the source's `{data, errors}`; raise a `ProviderError` for anything else."""
        ...


@runtime_checkable
class HasLevels(Protocol):
    """Levels of accounts."""

    async def get_levels(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[int | None] | ProviderError]:
        """Return the levels; None for one that the source does not show."""
        ...


@runtime_checkable
class HasRanks(Protocol):
    """The ranking of all accounts of RetroAchievements."""

    async def get_ranks(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[RetroAchievementsRank | None] | ProviderError]:
        """Return the accounts' places; None for an account that is unranked or unknown."""
        ...


@runtime_checkable
class HasFollows(Protocol):
    """The accounts that the credential's own account follows, and those that follow it."""

    async def get_follows(
        self, keys: Sequence[FollowKey]
    ) -> Sequence[Cached[RetroAchievementsFollowPage] | ProviderError]:
        """Return pages of the own account's follows."""
        ...


@runtime_checkable
class HasWantedTitles(Protocol):
    """Titles that accounts want to play."""

    async def get_wanted_titles(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Return pages of titles without progress; `Private` for a list that is not shown."""
        ...


@runtime_checkable
class HasLeaderboards(Protocol):
    """Leaderboards of titles, and players' places on them."""

    async def get_leaderboards(
        self, keys: Sequence[LeaderboardPageKey]
    ) -> Sequence[Cached[LeaderboardPage] | ProviderError]:
        """Return pages of titles' leaderboards; `NotFound` for an unknown title."""
        ...

    async def get_leaderboard_entries(
        self, keys: Sequence[LeaderboardEntriesKey]
    ) -> Sequence[Cached[dict[str, LeaderboardEntry]] | ProviderError]:
        """Return players' places by the leaderboards' ids; without those they are not on."""
        ...


@runtime_checkable
class HasAchievementOfTheWeek(Protocol):
    """An achievement that the source has chosen for everyone."""

    async def get_achievement_of_the_week(self) -> Cached[AchievementOfTheWeek | None]:
        """Return the achievement; None if there is none at present."""
        ...


@runtime_checkable
class HasMetrics(Protocol):
    """Trophy.so's metrics and streaks."""

    async def get_metrics(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[tuple[TrophySoMetric, ...]] | ProviderError]:
        """Return the users' current values of all metrics."""
        ...

    async def get_streaks(
        self, handles: Sequence[str], *, long_history: bool = False
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """Return the users' current streaks, with a short or a long history."""
        ...

    async def get_streak_lengths(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """Return the users' streaks without what needs a call for each user."""
        ...


@runtime_checkable
class HasPoints(Protocol):
    """Trophy.so's points systems and leaderboards."""

    def check_key(self, key: str) -> None:
        """Raise `BadInput` for a key that no points system and no leaderboard can have."""
        ...

    async def get_points(
        self, keys: Sequence[PointsKey]
    ) -> Sequence[Cached[TrophySoPoints] | ProviderError]:
        """Return users' points; `NotFound` for an unknown user or points system."""
        ...

    async def get_leaderboard_places(
        self, keys: Sequence[PointsKey]
    ) -> Sequence[Cached[TrophySoLeaderboardPlace] | ProviderError]:
        """Return users' places; `NotFound` for an unknown user or leaderboard."""
        ...


@runtime_checkable
class HasHealth(Protocol):
    """A credential that can become invalid by itself."""

    def get_health(self) -> Health:
        """Return the last known state of the sign-in, without a call."""
        ...


class Client(Protocol):
    """One source used with one credential."""

    @property
    def source(self) -> str:
        """The source's name in the registry."""
        ...

    @property
    def scope(self) -> str:
        """The hash of the credential, which separates its entries in the cache."""
        ...

    @property
    def own_handle(self) -> str:
        """The handle of the credential's own account; empty if it has none."""
        ...

    @property
    def own_account(self) -> str:
        """The own account as the credential names it, where one key may name several."""
        ...

    @property
    def is_accepted(self) -> bool:
        """Whether it is the operator's, or a caller's that the source has accepted lately."""
        ...

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a string that cannot be a handle."""
        ...

    def get_budget(self) -> Budget | None:
        """Return what is left of the credential's rate; None if it has no limit."""
        ...

    async def refresh_budget(self) -> None:
        """Read from Redis what other processes have used of the rate."""
        ...

    async def verify(self) -> str:
        """Sign in and make the smallest call; raise the error of a credential that fails.

        Return the account's name, or its id; empty if the credential has no account.
        """
        ...


class Service(Protocol):
    """A source for as long as the server runs."""

    def get_operator_client(self) -> Client | None:
        """Return the client with the configured credential; None if none is configured."""
        ...

    def create_caller_client(self, headers: Mapping[str, str]) -> Client | None:
        """Return the client with the caller's own credential; None without one for this source.

        Raise `CallerUnauthenticated` if it is incomplete or malformed.
        """
        ...


class Provider(Protocol):
    """A source as a value in the registry: its settings, its headers, and its service."""

    @property
    def label(self) -> str:
        """The source's name for people."""
        ...

    @property
    def handle_format(self) -> str:
        """The forms of a handle, for a description in the graph, such as "a user name or id"."""
        ...

    @property
    def credential_help(self) -> str:
        """Where its credential is had, for the person who sets it up."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """The names of its settings with their defaults; an empty default is none."""
        ...

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the settings whose values are never shown."""
        ...

    @property
    def credential_headers(self) -> frozenset[str]:
        """The request headers in which callers send their own credential."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of the languages of its texts; none if they are in one language."""
        ...

    @property
    def required_settings(self) -> tuple[str, ...]:
        """The names of the settings that the operator's client requires."""
        ...

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> Service:
        """Create the service from its settings. Raise `ValueError` for an invalid one."""
        ...
