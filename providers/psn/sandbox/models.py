"""The data of the sandbox: trophy sets, accounts, games and message groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]
LocalizedText = Mapping[str, str]

ENGLISH = "en-US"
GERMAN = "de-DE"


def cast_to_object(value: Any) -> Json | None:
    """Return a decoded JSON object with its type; None for any other value."""
    return cast("Json", value) if isinstance(value, dict) else None


def parse_localized_text(pair: str) -> LocalizedText:
    """Parse `English|German`, or one text for both languages."""
    english, _, german = pair.partition("|")
    return {ENGLISH: english, GERMAN: german or english}


@dataclass(frozen=True)
class Trophy:
    trophy_id: int
    group_id: str
    grade: str
    earned_rate: float
    name: LocalizedText
    detail: LocalizedText
    hidden: bool = False
    target: int | None = None
    reward: LocalizedText | None = None


@dataclass(frozen=True)
class TrophyGroup:
    group_id: str
    name: LocalizedText


@dataclass(frozen=True)
class TrophySet:
    np_communication_id: str
    service: str
    version: str
    platform: str
    name: LocalizedText
    groups: tuple[TrophyGroup, ...]
    trophies: tuple[Trophy, ...]

    @property
    def detail(self) -> LocalizedText | None:
        """Return the description of the set, which the newer trophy service does not have."""
        if self.service == "trophy2":
            return None
        return {
            ENGLISH: f"The trophies of {self.name[ENGLISH]}.",
            GERMAN: f"Die Trophäen von {self.name[GERMAN]}.",
        }

    def get_group_trophies(self, group_id: str) -> tuple[Trophy, ...]:
        return tuple(trophy for trophy in self.trophies if trophy.group_id == group_id)


@dataclass
class TrophySetProgress:
    """The progress of one account in one trophy set."""

    synced_at: str
    earned: dict[int, str] = field(default_factory=dict[int, str])
    counters: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    hidden: bool = False

    @property
    def updated_at(self) -> str:
        moments = [*self.earned.values(), *(when for _, when in self.counters.values())]
        return max(moments, default=self.synced_at)


@dataclass(frozen=True)
class Game:
    """One build of a game, for one platform."""

    np_title_id: str
    name: LocalizedText
    category: str
    concept_id: int | None
    trophy_set_ids: tuple[str, ...] = ()
    genres: tuple[str, ...] = ("ADVENTURE",)

    @property
    def platform(self) -> str:
        return "PS5" if self.np_title_id.startswith("PPSA") else "PS4"

    @property
    def concept_text(self) -> str | None:
        """Return the concept id as a string, as the entitlements send it."""
        return None if self.concept_id is None else str(self.concept_id)


@dataclass(frozen=True)
class PlayedGame:
    np_title_id: str
    first_played_at: str
    last_played_at: str
    play_duration: str
    play_count: int
    service: str = "none(purchased)"


@dataclass(frozen=True)
class Account:
    account_id: str
    online_id: str
    former_online_id: str | None = None
    region: str = "us"
    about: str = ""
    languages: tuple[str, ...] = (ENGLISH,)
    plus: bool = False
    verified: bool = False
    private: bool = False
    searchable: bool = True
    real_name: tuple[str, str] | None = None
    playing_np_title_id: str | None = None
    last_online_at: str | None = None

    @property
    def online_ids(self) -> tuple[str, ...]:
        return (
            (self.online_id,)
            if self.former_online_id is None
            else (self.online_id, self.former_online_id)
        )


@dataclass(frozen=True)
class Message:
    uid: str
    kind: int
    sender: str
    body: str
    created_at_ms: int
    alternative_kind: int
    detail: Json | None = None


@dataclass
class MessageGroup:
    """A conversation of two accounts (`direct`) or more."""

    group_id: str
    members: list[str]
    created_at_ms: int
    name: str = ""
    direct: bool = False
    favourite_of: set[str] = field(default_factory=set[str])
    messages: list[Message] = field(default_factory=list[Message])

    @property
    def modified_at_ms(self) -> int:
        return self.messages[-1].created_at_ms if self.messages else self.created_at_ms


@dataclass(frozen=True)
class Resource:
    content: bytes
    content_type: str


@dataclass
class Database:
    """The data that tests and requests change."""

    trophy_sets: dict[str, TrophySet]
    games: dict[str, Game]
    accounts: dict[str, Account]
    trophy_progress: dict[tuple[str, str], TrophySetProgress]
    played_games: dict[str, list[PlayedGame]]
    friends: dict[str, list[str]]
    friend_requests: dict[str, list[str]]
    blocks: dict[str, list[str]]
    message_groups: dict[str, MessageGroup]
    resources: dict[tuple[str, str], Resource]
    enrolled_account_ids: set[str]

    def find_account(self, online_id: str) -> Account | None:
        folded_online_id = online_id.lower()
        for account in self.accounts.values():
            if folded_online_id in (name.lower() for name in account.online_ids):
                return account
        return None

    def find_progress(self, account_id: str, np_communication_id: str) -> TrophySetProgress | None:
        return self.trophy_progress.get((account_id, np_communication_id))

    def list_progress(self, account_id: str) -> list[tuple[TrophySet, TrophySetProgress]]:
        return [
            (self.trophy_sets[np_communication_id], progress)
            for (owner_id, np_communication_id), progress in self.trophy_progress.items()
            if owner_id == account_id
        ]

    def get_relation(self, caller: str, other: str) -> str:
        if other in self.friends.get(caller, []):
            return "friend"
        if other in self.friend_requests.get(caller, []):
            return "requested"
        return "requesting" if caller in self.friend_requests.get(other, []) else "no"
