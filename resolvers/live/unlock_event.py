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
# What the contents of a title are requested by; names depend on the language of a request.
KEPT_TITLE_FIELDS = (
    "native_id",
    "service_name",
    "set_version",
    "has_groups",
    "achievement_count",
    "earned_count",
    "definition_version",
    "earned_version",
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


class EventPosition(NamedTuple):
    """The position of an event, as a cursor contains it."""

    position: Annotated[int, Meta(ge=0)]


class FoundUnlock(Struct, frozen=True, kw_only=True):
    """An unlock that a poll or a webhook has found; without a title on a source without titles."""

    achievement_id: str
    title: Title | None = None
    mode: UnlockMode | None = None
    earned_at: datetime | None = None


class UnlockEvent(Struct, frozen=True, kw_only=True):
    """An unlock that was published.

    `position` is the microsecond since 1970 in which it was published, unique in a process and
    increasing: the order of replays.
    """

    event_id: str
    position: int
    detected_at: datetime
    detected_by: DetectedBy
    unlock: FoundUnlock


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
