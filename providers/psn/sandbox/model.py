"""What the invented network is made of: trophy sets, people, games, conversations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Json = dict[str, Any]
Text = Mapping[str, str]

ENGLISH = "en-US"
GERMAN = "de-DE"


def mapping(value: Any) -> Json | None:
    """A decoded JSON object as such; nothing for anything else."""
    return cast("Json", value) if isinstance(value, dict) else None


def text(pair: str) -> Text:
    """`English|German`, or one text for both."""
    english, _, german = pair.partition("|")
    return {ENGLISH: english, GERMAN: german or english}


@dataclass(frozen=True)
class Trophy:
    trophy_id: int
    group_id: str
    grade: str
    rate: float
    name: Text
    detail: Text
    hidden: bool = False
    target: int | None = None
    reward: Text | None = None


@dataclass(frozen=True)
class TrophyGroup:
    group_id: str
    name: Text


@dataclass(frozen=True)
class TrophySet:
    np_communication_id: str
    service: str
    version: str
    platform: str
    name: Text
    groups: tuple[TrophyGroup, ...]
    trophies: tuple[Trophy, ...]

    @property
    def detail(self) -> Text | None:
        """The newer trophy service has no description of a set."""
        if self.service == "trophy2":
            return None
        return {
            ENGLISH: f"The trophies of {self.name[ENGLISH]}.",
            GERMAN: f"Die Trophäen von {self.name[GERMAN]}.",
        }

    def group(self, group_id: str) -> tuple[Trophy, ...]:
        return tuple(trophy for trophy in self.trophies if trophy.group_id == group_id)


@dataclass
class Standing:
    """How far one account is in one trophy set."""

    synced: str
    earned: dict[int, str] = field(default_factory=dict[int, str])
    counters: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])
    hidden: bool = False

    @property
    def updated(self) -> str:
        moments = [*self.earned.values(), *(when for _, when in self.counters.values())]
        return max(moments, default=self.synced)


@dataclass(frozen=True)
class Game:
    """One build of a game: what a console starts."""

    np_title_id: str
    name: Text
    category: str
    concept_id: int | None
    sets: tuple[str, ...] = ()
    genres: tuple[str, ...] = ("ADVENTURE",)

    @property
    def platform(self) -> str:
        return "PS5" if self.np_title_id.startswith("PPSA") else "PS4"

    @property
    def concept_text(self) -> str | None:
        """GraphQL and the entitlements spell as text what the game list counts."""
        return None if self.concept_id is None else str(self.concept_id)


@dataclass(frozen=True)
class Played:
    np_title_id: str
    first: str
    last: str
    duration: str
    count: int
    service: str = "none(purchased)"


@dataclass(frozen=True)
class Account:
    account_id: str
    online_id: str
    former_id: str | None = None
    region: str = "us"
    about: str = ""
    languages: tuple[str, ...] = (ENGLISH,)
    plus: bool = False
    verified: bool = False
    private: bool = False
    searchable: bool = True
    shared_name: tuple[str, str] | None = None
    playing: str | None = None
    last_online: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.online_id,) if self.former_id is None else (self.online_id, self.former_id)


@dataclass(frozen=True)
class Message:
    uid: str
    kind: int
    sender: str
    body: str
    created: int
    alternative: int
    detail: Json | None = None


@dataclass
class Lounge:
    """A conversation: between two people, or in a group."""

    group_id: str
    members: list[str]
    started: int
    name: str = ""
    direct: bool = False
    favourite_of: set[str] = field(default_factory=set[str])
    messages: list[Message] = field(default_factory=list[Message])

    @property
    def modified(self) -> int:
        return self.messages[-1].created if self.messages else self.started


@dataclass(frozen=True)
class Resource:
    content: bytes
    content_type: str


@dataclass
class World:
    """Everything that can change while a sandbox lives."""

    sets: dict[str, TrophySet]
    games: dict[str, Game]
    accounts: dict[str, Account]
    standings: dict[tuple[str, str], Standing]
    played: dict[str, list[Played]]
    friends: dict[str, list[str]]
    requests: dict[str, list[str]]
    blocks: dict[str, list[str]]
    lounges: dict[str, Lounge]
    resources: dict[tuple[str, str], Resource]
    wishlists: dict[str, list[str]]
    enrolled: set[str]

    def named(self, online_id: str) -> Account | None:
        wanted = online_id.lower()
        for account in self.accounts.values():
            if wanted in (name.lower() for name in account.names):
                return account
        return None

    def standing(self, account_id: str, np_communication_id: str) -> Standing | None:
        return self.standings.get((account_id, np_communication_id))

    def held(self, account_id: str) -> list[tuple[TrophySet, Standing]]:
        return [
            (self.sets[np_communication_id], standing)
            for (holder, np_communication_id), standing in self.standings.items()
            if holder == account_id
        ]

    def relation(self, caller: str, other: str) -> str:
        if other in self.friends.get(caller, []):
            return "friend"
        if other in self.requests.get(caller, []):
            return "requested"
        return "requesting" if caller in self.requests.get(other, []) else "no"
