"""What a source may be able to do. A client has the methods it can answer, and no others.

Methods take many keys and return as many outcomes, in order: an answer or the error of that key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

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
    PsnPlayedGamePage,
    PsnPresence,
    PsnResourceContent,
    PsnResourceKind,
    PsnTrophySummary,
    SentPsnMessage,
)
from providers.records import (
    Achievement,
    Awards,
    Contents,
    FriendPage,
    Part,
    Profile,
    ProfilePage,
    Title,
    TitlePage,
    TotalName,
    TrophyCounts,
    TrophySoMetric,
    TrophySoStreak,
    UnlockPage,
)


@dataclass(frozen=True)
class TitlePageKey:
    """A stretch of an account's titles, beginning at an offset a previous page gave.

    `behind` stands for the titles on that page: behind others there may be something else. `anew`
    asks past what is remembered.
    """

    handle: str
    offset: int = 0
    previous_page_digest: str = ""
    bypass_cache: bool = False

    def advance(self, page: TitlePage) -> "TitlePageKey | None":
        """The stretch behind a page; a page that does not move on would be asked for ever."""
        offset = page.next_offset
        if offset is None or offset <= self.offset:
            return None
        names = "\n".join(sorted(title.native_id for title in page.titles))
        return TitlePageKey(
            self.handle, offset, blake2b(names.encode(), digest_size=16).hexdigest()
        )


@dataclass(frozen=True)
class ContentsKey:
    """Parts of a title's contents; without a handle, the bare definitions."""

    handle: str | None
    title: Title
    parts: Part


@dataclass(frozen=True)
class TotalKey:
    """One of an account's counts."""

    handle: str
    field: TotalName


@dataclass(frozen=True)
class Health:
    """What is known of a credential without asking: what is wrong, and until when it is good."""

    error: ProviderError | None = None
    credential_expires_at: datetime | None = None


@runtime_checkable
class HasHealth(Protocol):
    """A credential that can go bad by itself."""

    def get_health(self) -> Health:
        """The sign-in as it was last seen."""
        ...


class Client(Protocol):
    """One source as one viewer sees it.

    `scope` names the viewer in cache keys. `own_handle` is the account the credential belongs to.
    """

    @property
    def source(self) -> str:
        """The source's name in the registry."""
        ...

    @property
    def scope(self) -> str:
        """The viewer's name in cache keys."""
        ...

    @property
    def own_handle(self) -> str:
        """The account the credential belongs to; empty where it has none."""
        ...

    def check_handle(self, handle: str) -> None:
        """Raise `BadInput` for a handle that no account can have."""
        ...

    def get_budget(self) -> Budget | None:
        """What is left of this credential's rate, as far as is known here."""
        ...

    async def refresh_budget(self) -> None:
        """Learn what other processes have spent of it."""
        ...

    async def verify(self) -> None:
        """Sign in and ask the smallest question; raise what is wrong."""
        ...


@runtime_checkable
class HasProfiles(Protocol):
    """Profiles of accounts."""

    async def get_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """The profiles; `NotFound` for an account that nobody has."""
        ...


@runtime_checkable
class HasFullProfiles(Protocol):
    """Profiles of which the quicker ways leave something out."""

    async def get_full_profiles(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[Profile] | ProviderError]:
        """The profiles with everything that the source tells of an account."""
        ...


@runtime_checkable
class HasAccountIds(Protocol):
    """Accounts that go by several names and have one id."""

    async def get_account_id(self, handle: str) -> str:
        """The account's id, whichever of its names was given."""
        ...


@runtime_checkable
class HasTitles(Protocol):
    """Titles of accounts and what is in them."""

    def check_title(self, native_id: str) -> None:
        """Raise `BadInput` for an id that no title can have."""
        ...

    async def get_titles(
        self, keys: Sequence[TitlePageKey]
    ) -> Sequence[Cached[TitlePage] | ProviderError]:
        """Pages of titles, last updated first, as long as the upstream allows."""
        ...

    async def get_contents(
        self, keys: Sequence[ContentsKey]
    ) -> Sequence[Cached[Contents] | ProviderError]:
        """At least the wanted parts; `NotFound` for an unknown title."""
        ...


@runtime_checkable
class HasAchievements(Protocol):
    """Achievements that belong to no title."""

    async def get_achievements(
        self, handles: Sequence[str], *, progress: bool = True
    ) -> Sequence[Cached[tuple[Achievement, ...]] | ProviderError]:
        """All achievements of the accounts, locked ones included; with progress if it is wanted."""
        ...


@runtime_checkable
class HasUnlockHistory(Protocol):
    """Unlocks by time, over all titles at once."""

    async def get_unlock_history(self, handle: str, before: datetime | None) -> Cached[UnlockPage]:
        """A stretch of unlocks without a gap that holds a moment; without one, the newest."""
        ...


@runtime_checkable
class HasTotals(Protocol):
    """What the source counts by itself."""

    async def get_totals(
        self, keys: Sequence[TotalKey]
    ) -> Sequence[Cached[int | TrophyCounts | None] | ProviderError]:
        """One count each; None where the source does not count it."""
        ...


@runtime_checkable
class HasAwards(Protocol):
    """Site awards of accounts."""

    async def get_awards(self, handles: Sequence[str]) -> Sequence[Cached[Awards] | ProviderError]:
        """All visible awards and the source's own counts."""
        ...


@runtime_checkable
class HasCampaigns(Protocol):
    """Campaigns of the credential's own account."""

    async def get_campaigns(self) -> Cached[tuple[Campaign, ...]]:
        """The campaigns and how far the account is."""
        ...

    async def get_campaign(self, native_id: str) -> Cached[Campaign]:
        """One campaign with its tasks."""
        ...


@runtime_checkable
class HasTrophySummary(Protocol):
    """PlayStation's trophy level."""

    async def get_trophy_summaries(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[PsnTrophySummary] | ProviderError]:
        """Level, tier and points of the accounts."""
        ...


@runtime_checkable
class HasMetrics(Protocol):
    """Trophy.so's metrics and streak."""

    async def get_metrics(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[tuple[TrophySoMetric, ...]] | ProviderError]:
        """Where the users stand."""
        ...

    async def get_streaks(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[TrophySoStreak] | ProviderError]:
        """The users' current streaks."""
        ...


@runtime_checkable
class HasPersistedQueries(Protocol):
    """Operations that the source keeps under hashes, passed through as they are."""

    def get_persisted_queries(self) -> Sequence[PersistedQuery]:
        """All operations that may be passed through, each hash a row."""
        ...

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        """The source's own answer, whatever it is."""
        ...

    async def execute_persisted_query(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> Any:
        """The source's `{data, errors}`; raises where it answered nothing of the kind."""
        ...


class Service(Protocol):
    """A source as long as the server lives."""

    def get_operator_client(self) -> Client | None:
        """The client with the configured credential; None where there is none."""
        ...

    def create_caller_client(self, headers: Mapping[str, str]) -> Client | None:
        """The client with a caller's own credential; None where he brought none for this source.

        Raises `CallerUnauthenticated` for an incomplete or malformed credential.
        """
        ...


class Provider(Protocol):
    """A source as a value: what it is called, what it needs, and how to open it."""

    @property
    def label(self) -> str:
        """The source's name for people."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """Its settings with their defaults; empty where there is none."""
        ...

    @property
    def secrets(self) -> frozenset[str]:
        """The settings whose values are never shown."""
        ...

    @property
    def credential_headers(self) -> frozenset[str]:
        """The request headers by which a caller brings his own credential."""
        ...

    @property
    def required_settings(self) -> tuple[str, ...]:
        """The settings that the operator's client requires."""
        ...

    def create_service(self, services: SharedServices, settings: Mapping[str, str]) -> Service:
        """Make the service from this source's own settings; refuse what cannot be right."""
        ...


@dataclass(frozen=True)
class PageKey:
    """A stretch of one of an account's lists, beginning at an offset a previous page gave."""

    handle: str
    offset: int = 0


@dataclass(frozen=True)
class SearchKey:
    """A stretch of a search's hits, beginning at a cursor a previous page gave."""

    term: str
    cursor: str | None = None


@dataclass(frozen=True)
class MessagePageKey:
    """A stretch of a thread, older than the message `before`; the main thread unless named."""

    group_id: str
    thread_id: str | None = None
    before: str | None = None


@runtime_checkable
class HasPresence(Protocol):
    """Who is online."""

    async def get_presences(
        self, handles: Sequence[str]
    ) -> Sequence[Cached[PsnPresence | None] | ProviderError]:
        """The presences; None for one the source keeps to itself."""
        ...


@runtime_checkable
class HasFriends(Protocol):
    """Accounts that know each other."""

    async def get_friends(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[FriendPage] | ProviderError]:
        """Pages of friends' account ids."""
        ...


@runtime_checkable
class HasSearch(Protocol):
    """Accounts by a part of their name."""

    def check_term(self, term: str) -> None:
        """Raise `BadInput` for what cannot be searched for."""
        ...

    async def search(
        self, keys: Sequence[SearchKey]
    ) -> Sequence[Cached[ProfilePage] | ProviderError]:
        """Pages of hits, an exact name first."""
        ...


@runtime_checkable
class HasPlayedGames(Protocol):
    """Games that accounts played, with or without trophies."""

    async def get_played_games(
        self, keys: Sequence[PageKey]
    ) -> Sequence[Cached[PsnPlayedGamePage] | ProviderError]:
        """Pages of games, last played first."""
        ...

    async def get_titles_by_product(
        self, handle: str, np_title_ids: Sequence[str]
    ) -> Mapping[str, Cached[tuple[Title, ...]] | ProviderError]:
        """An account's trophy sets by product build: none for a build without any."""
        ...


@runtime_checkable
class HasMessages(Protocol):
    """Conversations of the credential's own account."""

    def check_group(self, group_id: str) -> None:
        """Raise `BadInput` for what no group can be called."""
        ...

    def check_thread(self, thread_id: str) -> None:
        """Raise `BadInput` for what no thread can be called."""
        ...

    def check_resource(self, resource_id: str) -> None:
        """Raise `BadInput` for what no resource can be called."""
        ...

    async def get_message_groups(
        self, offsets: Sequence[int]
    ) -> Sequence[Cached[PsnMessageGroupPage] | ProviderError]:
        """Pages of groups, last modified first."""
        ...

    async def get_message_groups_by_id(
        self, group_ids: Sequence[str]
    ) -> Sequence[Cached[PsnMessageGroup] | ProviderError]:
        """Single groups; `NotFound` for one the account is not in."""
        ...

    async def get_messages(
        self, keys: Sequence[MessagePageKey]
    ) -> Sequence[Cached[PsnMessagePage] | ProviderError]:
        """Pages of messages, newest first."""
        ...

    async def get_resource(self, group_id: str, resource_id: str) -> PsnResourceContent:
        """What was attached to a message; never remembered."""
        ...


@runtime_checkable
class HasWrites(Protocol):
    """Changes to the credential's own account. Each is sent once: `OutcomeUnknown` says look."""

    async def remove_friend(self, handle: str) -> str:
        """End a friendship and answer the former friend's account id; `NotFound` for no friend."""
        ...

    async def create_message_group(self, account_ids: Sequence[str]) -> CreatedPsnGroup:
        """Begin a conversation; with one person, the one there is already."""
        ...

    async def send_message(self, group_id: str, thread_id: str | None, body: str) -> SentPsnMessage:
        """Send a text."""
        ...

    async def upload_resource(self, group_id: str, content: bytes) -> str:
        """Put a PNG or JPEG picture where it can be sent from; answers its id."""
        ...

    async def upload_resource_from(self, group_id: str, url: str) -> str:
        """The same with a picture on a host that the operator has listed."""
        ...

    async def send_resource(
        self, group_id: str, thread_id: str | None, resource_id: str, kind: PsnResourceKind
    ) -> SentPsnMessage:
        """Send what was uploaded."""
        ...
