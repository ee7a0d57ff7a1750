"""What the embedded documents write of an unlock."""

from server.embeds.answers import Unlock
from server.pages.texts import (
    clean_text,
    format_number,
    format_percent,
    name_entry,
    name_kind,
    name_source,
)

SEPARATOR = " · "


def name_unlock(unlock: Unlock) -> str:
    """Return an achievement's name with that of its title."""
    parts = (name_entry(clean_text(unlock.name)), clean_text(unlock.title_name))
    return SEPARATOR.join(filter(None, parts))


def describe_rarity(unlock: Unlock) -> str:
    """Return the grade and the share of players, as far as they are known."""
    grade = unlock.grade.capitalize() if unlock.grade else ""
    percent = format_percent(unlock.rarity.percent) if unlock.rarity else ""
    return SEPARATOR.join(filter(None, (grade, percent)))


def describe_unlock(unlock: Unlock) -> str:
    """Return what is known of an unlock on a few lines of text."""
    points = unlock.points
    amount = f"{format_number(points.value)} {name_kind(points.unit)}" if points else ""
    lines = (
        clean_text(unlock.description),
        SEPARATOR.join(filter(None, (name_source(unlock.source), amount))),
        describe_rarity(unlock),
    )
    return "\n".join(filter(None, lines))
