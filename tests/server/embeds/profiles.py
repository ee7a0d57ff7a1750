"""Profiles as they are read, with texts that no honest source would send."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, fromstring

import msgspec

from server.embeds.answers import (
    Account,
    Edge,
    Grades,
    PageInfo,
    Person,
    Picture,
    Rarity,
    State,
    TitleName,
    Totals,
    Unlock,
    Unlocks,
)
from server.embeds.profile_reader import ReadProfile

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PAGE_URL = "https://trophies.example/@vega"
# Markup, what XML forbids, what reorders other texts, scripts of all directions, and great lengths.
HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    "</text></svg><svg onload=alert(1)>",
    "]]> <!-- & &amp; &lt; \" '",
    "nul \x00 bell \x07 vertical \x0b escape \x1b delete \x7f next line \x85",
    "lone surrogate \ud800 not a character \uffff",
    "reversed \u202e backwards \u2066 isolated",
    "line\r\nbreak\nBEGIN:VEVENT\nSUMMARY:forged; with, marks \\ in it",
    "W" * 300,
    "世界の終わりまでずっと冒険を続ける勇者たちの長い長い物語の始まり" * 5,
    "مرحبا بكم في نهاية العالم الطويلة جدا" * 5,
    "משחק ההרפתקאות הגדול",
    "👨‍👩‍👧‍👦" * 60,
    "a" + "\u0301" * 299,
    "",
    "   ",
)
OK = State("OK")


def make_unlock(name: str | None = "First Light", **members: object) -> Unlock:
    """Make an unlock; its id is that of its name."""
    unlock = Unlock(
        f"id of {name!r}",
        "PSN",
        name,
        "Light the lamp.",
        WHEN,
        "GOLD",
        Picture("https://image.example/1.png"),
        None,
        Rarity(12.34),
        TitleName("Harbor Lights"),
    )
    return msgspec.structs.replace(unlock, **members)


def make_profile(
    unlocks: Sequence[Unlock] = (),
    *,
    display_name: str | None = "Vega",
    states: Sequence[State] = (OK,),
    has_more: bool = False,
) -> ReadProfile:
    """Make a profile with accounts on two sources, of which the second is not available."""
    person = Person(
        (Account("PSN", OK), Account("XBOX", State("UNAVAILABLE"))),
        display_name,
        Picture("https://image.example/avatar.png"),
        (Totals("PSN", 14, 1234, 900, None, Grades(12)),),
    )
    edges = tuple(Edge(unlock) for unlock in unlocks)
    read = Unlocks(edges, tuple(states), PageInfo(has_more))
    return ReadProfile("vega", PAGE_URL, person, read, ())


def make_hostile_profile() -> ReadProfile:
    """Make a profile in which every text is one of the hostile ones."""
    unlocks = [make_unlock(text, description=text, title=TitleName(text)) for text in HOSTILE_TEXTS]
    return make_profile(unlocks, display_name=HOSTILE_TEXTS[0])


def parse_xml(content: bytes) -> Element:
    """Parse a document of this server's own; fail if it is not well-formed."""
    return fromstring(content)  # noqa: S314 - none of its entities is another's
