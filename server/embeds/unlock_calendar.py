"""The newest unlocks as a calendar (RFC 5545): one event for each, or one for each day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Protocol, cast
from uuid import UUID, uuid5

from icalendar import Calendar, Event

from server.embeds.answers import Unlock
from server.embeds.feed import PROFILES, build_unlock_id
from server.embeds.profile_reader import ReadProfile
from server.embeds.unlock_texts import describe_unlock, name_unlock

MEDIA_TYPE = "text/calendar"
BY_TIME, BY_DAY = "time", "day"
PRODUCT = "-//trophycase//unlocks//EN"
REFRESH_INTERVAL = timedelta(hours=1)
MAX_LISTED = 20  # names in the event of one day

DatedUnlock = tuple[datetime, Unlock]
Value = str | date | datetime | timedelta


class _Component(Protocol):
    """What is used of the library's components, with types."""

    def add(
        self, name: str, value: Value, parameters: dict[str, str] | None = None
    ) -> None: ...  # escapes and, when it is written, folds the value


def render_calendar(profile: ReadProfile, by: str, zone: tzinfo) -> bytes:
    """Render the calendar, by days of a time zone or by time.

    An unlock whose time is not known is left out.
    """
    component = Calendar()
    properties = cast("_Component", component)
    properties.add("prodid", PRODUCT)
    properties.add("version", "2.0")
    properties.add("method", "PUBLISH")
    title = f"Achievements of {profile.display_name}"
    properties.add("name", title)
    properties.add("x-wr-calname", title)
    properties.add("url", profile.page_url)
    properties.add("refresh-interval", REFRESH_INTERVAL, parameters={"value": "DURATION"})
    properties.add("x-published-ttl", "PT1H")  # the same for older programs
    for event in _build_days(profile, zone) if by == BY_DAY else _build_moments(profile):
        component.add_component(event)
    return component.to_ical()


def _build_moments(profile: ReadProfile) -> list[Event]:
    return [
        _build_event(
            build_unlock_id(unlock),
            when.astimezone(UTC),
            (when, name_unlock(unlock), describe_unlock(unlock), profile.page_url),
        )
        for when, unlock in profile.dated_unlocks
    ]


def _build_days(profile: ReadProfile, zone: tzinfo) -> list[Event]:
    dated = sorted(profile.dated_unlocks, key=lambda each: (each[0], each[1].id), reverse=True)
    groups = groupby(dated, key=lambda each: each[0].astimezone(zone).date())
    days = [(day, list(unlocks)) for day, unlocks in groups]
    if profile.unlocks.page_info.has_next_page and len(days) > 1:
        days.pop()  # the rest of the oldest day is on the next page
    return [_build_day(profile, day, unlocks) for day, unlocks in days]


def _build_day(profile: ReadProfile, day: date, unlocks: Sequence[DatedUnlock]) -> Event:
    count = len(unlocks)
    names = [name_unlock(unlock) for _, unlock in unlocks[:MAX_LISTED]]
    if count > MAX_LISTED:
        names.append(f"and {count - MAX_LISTED} more")
    summary = f"{count} achievement{'' if count == 1 else 's'}"
    identity = uuid5(PROFILES, f"{profile.name.lower()}\n{day.isoformat()}")
    texts = (unlocks[0][0], summary, "\n".join(names), profile.page_url)
    return _build_event(identity, day, texts)


def _build_event(
    identity: UUID, start: date | datetime, texts: tuple[datetime, str, str, str]
) -> Event:
    """Build an event; one that starts at a time ends at that time, else it lasts a day."""
    changed_at, summary, description, url = texts
    event = Event()
    properties = cast("_Component", event)
    properties.add("uid", str(identity))
    # Not the time of this response, so that an unchanged calendar is equal to the last one.
    properties.add("dtstamp", changed_at.astimezone(UTC))
    properties.add("dtstart", start)
    properties.add("summary", summary)
    properties.add("description", description)
    properties.add("url", url)
    properties.add("transp", "TRANSPARENT")  # the time counts as free
    return event
