"""Builds the message that an address gets for an unlock."""

from datetime import datetime

from msgspec import Struct


class AccountPart(Struct, frozen=True, rename="camel"):
    """The account that has earned it."""

    handle: str
    id: str | None = None
    display_name: str | None = None


class AchievementPart(Struct, frozen=True, rename="camel"):
    """The achievement; null is unknown."""

    id: str
    name: str | None = None
    description: str | None = None
    icon_url: str | None = None
    grade: str | None = None
    points: int | None = None
    rarity_percent: float | None = None
    earned_at: datetime | None = None


class TitlePart(Struct, frozen=True, rename="camel"):
    """The title of the achievement."""

    id: str
    name: str | None = None


class UnlockMessage(Struct, frozen=True, rename="camel", kw_only=True):
    """An unlock with its texts. A hidden achievement is earned, and therefore shown."""

    event_id: str
    detected_at: datetime
    detected_by: str
    source: str
    account: AccountPart
    achievement: AchievementPart
    title: TitlePart | None = None
