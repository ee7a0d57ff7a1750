"""The words of the pages: what states, numbers, times and kinds are called on them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from providers.registry import Source

STATES: Mapping[str, str] = {
    "OK": "up to date",
    "STALE": "does not respond; this is an earlier response",
    "NOT_CONFIGURED": "not set up on this server",
    "NOT_LINKED": "no account",
    "NOT_FOUND": "there is no such account",
    "PRIVATE": "hidden by its owner",
    "NOT_ENROLLED": "not enrolled",
    "UNAUTHENTICATED": "this server has to sign in again",
    "RATE_LIMITED": "has no calls left for now",
    "UNAVAILABLE": "does not respond",
    "RETIRED": "no longer offered",
    "UNKNOWN": "not known",
}
# What an account's line says is the first of these that any part of the page has met.
STATES_BY_WEIGHT = (
    "NOT_FOUND",
    "UNAUTHENTICATED",
    "NOT_CONFIGURED",
    "UNAVAILABLE",
    "RATE_LIMITED",
    "STALE",
    "PRIVATE",
    "RETIRED",
    "NOT_ENROLLED",
    "NOT_LINKED",
    "OK",
)
STATES_BY_CODE: Mapping[str, str] = {
    "PRIVATE": "PRIVATE",
    "NOT_FOUND": "NOT_FOUND",
    "NOT_ENROLLED": "NOT_ENROLLED",
    "SOURCE_NOT_CONFIGURED": "NOT_CONFIGURED",
    "SOURCE_RETIRED": "RETIRED",
    "UPSTREAM_RATE_LIMITED": "RATE_LIMITED",
    "UPSTREAM_UNAUTHENTICATED": "UNAUTHENTICATED",
    "UNAUTHENTICATED": "UNAUTHENTICATED",
    "FORBIDDEN": "PRIVATE",
}
POINT_UNITS: Mapping[str, str] = {"PSN": "trophy points", "XBOX": "gamerscore"}
UNNAMED = "Without a name"
# XML 1.0 forbids these, and no reader shows them (section 2.2 of the recommendation).
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# They reorder what follows, and a text must not reorder the page around it.
BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SPACES = re.compile(r"\s+")
TENTHS, HUNDREDTHS = Decimal("0.1"), Decimal("0.01")
SECONDS_OF_A_MINUTE, SECONDS_OF_AN_HOUR = 60, 3_600
UNKNOWN = "\N{EN DASH}"


def name_source(name: str) -> str:
    """Return what people call a source."""
    return Source[name].value.label


def name_unit(source: str) -> str:
    """Return what a source's own points are called."""
    return POINT_UNITS.get(source, "points")


def name_entry(name: str | None) -> str:
    """Return a name, or words in its place where it is not known."""
    return name or UNNAMED


def name_kind(name: str) -> str:
    """Return the name of an enum's value, as words."""
    return name.replace("_", " ").lower()


def format_number(value: float | None) -> str:
    """Format a number with its thousands apart; a dash for one that is not known."""
    return UNKNOWN if value is None else f"{value:,}"


def format_percent(value: float) -> str:
    """Format a share of 0 to 100 percent, with a digit more where it is small."""
    step = HUNDREDTHS if 0 < value < 1 else TENTHS
    # As `toFixed` of the scripts rounds.
    return f"{Decimal(value).quantize(step, ROUND_HALF_UP)}%"


def format_duration(seconds: int) -> str:
    """Format a time of play in hours, or in minutes where it is less than one."""
    hours, rest = divmod(seconds, SECONDS_OF_AN_HOUR)
    return f"{hours:,} h" if hours else f"{rest // SECONDS_OF_A_MINUTE} min"


def format_time(text: str) -> str:
    """Format a time of an answer, in UTC; the page's script shows it in the visitor's own time."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def select_web_url(url: str | None) -> str | None:
    """Return an address of the web; None for any other, which a browser could run."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def clean_text(text: str | None) -> str:
    """Return a text on one line without characters that XML forbids or that reorder others.

    It is for places where the direction of a text cannot be isolated, such as the tab's title.
    """
    if not text:
        return ""
    visible = BIDI_CONTROLS.sub("", FORBIDDEN.sub("", text))
    return SPACES.sub(" ", visible).strip()
