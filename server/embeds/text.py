"""Texts in pictures of ours: how wide they are, in which direction, and cut to the room."""

import unicodedata

ELLIPSIS = "…"
ZERO_WIDTH = frozenset({"Mn", "Me", "Cf"})  # categories
WIDE = frozenset("WF")  # East Asian widths
RIGHT_TO_LEFT, LEFT_TO_RIGHT = frozenset({"R", "AL"}), frozenset({"L"})
# Widths in parts of the font's size, a little above those of the usual sans-serif fonts.
NARROW_CHARACTERS, NARROW = frozenset(" !'|.,:;ijlIftr()[]-·/"), 0.4
BROAD_CHARACTERS, BROAD = frozenset("mwMW@%&—…<>+=~#"), 1.0
UPPER, USUAL, FULL = 0.75, 0.62, 1.05


def measure(text: str, size: float) -> float:
    """Return about how wide a text is in a sans-serif font of this size, rather too much."""
    return sum(map(_measure_character, text)) * size


def shorten(text: str, width: float, size: float) -> str:
    """Return a text that is no wider than this, cut between characters as people see them."""
    if measure(text, size) <= width:
        return text
    room = width / size - _measure_character(ELLIPSIS)
    end = 0
    for position, character in enumerate(text):
        room -= _measure_character(character)
        if room < 0:
            break
        end = position + 1
    while end > 0 and _continues(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter with a direction is written from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in RIGHT_TO_LEFT:
            return True
        if direction in LEFT_TO_RIGHT:
            return False
    return False


def _measure_character(character: str) -> float:
    if unicodedata.category(character) in ZERO_WIDTH:
        return 0.0
    if unicodedata.east_asian_width(character) in WIDE:
        return FULL
    if character in NARROW_CHARACTERS:
        return NARROW
    if character in BROAD_CHARACTERS:
        return BROAD
    return UPPER if character.isupper() else USUAL


def _continues(text: str, position: int) -> bool:
    """Return whether a character belongs to the one before it, such as an accent."""
    joiner = "\u200d"
    here = text[position] if position < len(text) else ""
    is_modifier = bool(here) and (
        unicodedata.category(here) in ("Mn", "Me", "Mc")
        or here == joiner
        or "\U0001f3fb" <= here <= "\U0001f3ff"
    )
    return is_modifier or text[position - 1] == joiner
