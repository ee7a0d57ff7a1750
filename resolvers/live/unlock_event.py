"""Unlocks as events: what was earned, when this server learned of it, and by which way."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from providers.records import Title, UnlockMode
from providers.registry import Source

EVENT_ID_BYTES = 16
# What the contents of a title are requested by, and whether its owner has hidden it; names depend
# on the language of a request.
KEPT_TITLE_FIELDS = (
    "native_id",
    "service_name",
    "set_version",
    "has_groups",
    "achievement_count",
    "earned_count",
    "definition_version",
    "earned_version",
    "hidden_by_owner",
)


class DetectedBy(Enum):
    """The way by which this server learned of an unlock."""

    POLL = "POLL"
    WEBHOOK = "WEBHOOK"


@dataclass(frozen=True)
class WatchKey:
    """An account as one credential sees it; `account_id` is the source's lasting id."""

    source: Source
    scope: str
    account_id: str

    @property
    def owner(self) -> str:
        """The owner of the account's records."""
        return f"{self.source.name}\n{self.scope}\n{self.account_id}"

    @classmethod
    def parse(cls, owner: str) -> "WatchKey | None":
        """Return the key of an owner; None for the name of a source that is not there any more."""
        name, scope, account_id = owner.split("\n", 2)
        return cls(Source[name], scope, account_id) if name in Source.__members__ else None


class EventPosition(NamedTuple):
    """The position of an event, and its id, as a cursor contains them."""

    position: Annotated[int, Meta(ge=0, le=2**62)]
    event_id: str


class FoundUnlock(Struct, frozen=True, kw_only=True):
    """An unlock that a poll or a webhook has found; without a title on a source without titles."""

    achievement_id: str
    title: Title | None = None
    mode: UnlockMode | None = None
    earned_at: datetime | None = None


class LoggedUnlock(Struct, frozen=True, kw_only=True):
    """An unlock that was published, as the log of its account stores it."""

    event_id: str
    detected_at: datetime
    detected_by: DetectedBy
    unlock: FoundUnlock


class UnlockEvent(NamedTuple):
    """A published unlock, and its position among all events, which grows with time."""

    position: int
    logged: LoggedUnlock

    @property
    def event_id(self) -> str:
        """The same for the same unlock, however it is found."""
        return self.logged.event_id

    @property
    def unlock(self) -> FoundUnlock:
        """What was found."""
        return self.logged.unlock


def compute_event_id(key: WatchKey, unlock: FoundUnlock) -> str:
    """Return the id of an unlock: the same by whatever way and credential it is found.

    An achievement that is repeated in hardcore mode is another unlock.
    """
    parts = (
        key.source.name,
        key.account_id,
        unlock.title.native_id if unlock.title else "",
        unlock.achievement_id,
        unlock.mode.value if unlock.mode else "",
    )
    text = "\n".join(f"{len(part)} {part}" for part in parts)
    return blake2b(text.encode(), digest_size=EVENT_ID_BYTES).hexdigest()


def trim_title(title: Title) -> Title:
    """Return a title with only what its contents are requested by."""
    return Title(**{name: getattr(title, name) for name in KEPT_TITLE_FIELDS})
