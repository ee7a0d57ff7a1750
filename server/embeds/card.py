"""The card: a profile as an SVG picture, with its totals and its newest unlocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from server.embeds.answers import Account, Person, Totals, Unlock
from server.embeds.profile_reader import ReadProfile
from server.embeds.svg import LINE_HEIGHT, Box, Drawing
from server.embeds.unlock_texts import describe_rarity, name_unlock
from server.pages.texts import clean_text, name_entry, name_source

CARD_UNLOCKS = 5
WIDTH, COMPACT_WIDTH, COMPACT_HEIGHT = 500, 400, 92
PADDING = 20
HEADER_HEIGHT, TOTALS_ROW, UNLOCK_ROW = 96, 24, 52
LABEL_WIDTH, RIGHT_WIDTH = 158, 124
# The embedded pictures of one card together; those beyond are left out.
MAX_CARD_PICTURES_BYTES = 768 * 1024


def list_picture_urls(person: Person, unlocks: Sequence[Unlock]) -> list[str | None]:
    """Return the pictures of a card in the order in which they matter."""
    return [person.avatar.url if person.avatar else None, *(each.icon_url for each in unlocks)]


def limit_pictures(urls: Sequence[str | None], found: Mapping[str, str]) -> dict[str, str]:
    """Return as many of the found pictures as one card may have."""
    kept: dict[str, str] = {}
    left = MAX_CARD_PICTURES_BYTES
    for url in dict.fromkeys(urls):
        picture = found.get(url) if url is not None else None
        if url is not None and picture is not None and len(picture) <= left:
            kept[url] = picture
            left -= len(picture)
    return kept


def render_card(profile: ReadProfile, pictures: Mapping[str, str], theme_name: str) -> bytes:
    """Render the whole card; `pictures` are data addresses by URL."""
    accounts, newest = profile.person.accounts, profile.unlocks.nodes[:CARD_UNLOCKS]
    top = HEADER_HEIGHT + len(accounts) * TOTALS_ROW + 12
    height = top + 24 + max(1, len(newest)) * UNLOCK_ROW
    card = _start_card(profile, pictures, theme_name, (WIDTH, height))
    card.draw_header(Box(PADDING, PADDING, 56, 56), 20)
    for row, account in enumerate(accounts):
        card.draw_totals(account, HEADER_HEIGHT + row * TOTALS_ROW)
    card.drawing.add_rule(top, PADDING, WIDTH - PADDING)
    for row, unlock in enumerate(newest):
        card.draw_unlock(unlock, top + 16 + row * UNLOCK_ROW)
    if not newest:
        card.draw_nothing(top + 24)
    return card.drawing.encode()


def render_compact_card(
    profile: ReadProfile, pictures: Mapping[str, str], theme_name: str
) -> bytes:
    """Render a card with the name, the counts of all sources together, and the newest unlock."""
    card = _start_card(profile, pictures, theme_name, (COMPACT_WIDTH, COMPACT_HEIGHT))
    card.draw_header(Box(18, 18, 56, 56), 17)
    for unlock in profile.unlocks.nodes[:1]:
        box = Box(90, 62, COMPACT_WIDTH - 90 - 16)
        card.drawing.add_text(name_unlock(unlock), box, 12.5, "accent")
    return card.drawing.encode()


def describe_sum(person: Person) -> str:
    """Return the number of achievements on all sources; a source that did not count is named."""
    totals = person.totals or ()
    counted = [each.earned for each in totals if each.earned is not None]
    platinums = sum(each.earned_counts.platinum for each in totals if each.earned_counts)
    if not counted:
        return "Totals are not available"
    parts = [_count(sum(counted), "achievement")]
    if platinums:
        parts.append(_count(platinums, "platinum"))
    if len(counted) < len(person.accounts):
        parts.append(f"{len(counted)} of {len(person.accounts)} sources")
    return " · ".join(parts)


@dataclass(frozen=True)
class _Card:
    """A card that is being drawn."""

    drawing: Drawing
    profile: ReadProfile
    pictures: Mapping[str, str]

    def draw_header(self, avatar: Box, size: float) -> None:
        """Draw the picture of the person and, beside it, their name and the sum."""
        person, name = self.profile.person, self.profile.display_name
        self._draw_picture(person.avatar.url if person.avatar else None, name, avatar, 28)
        left = avatar.x + avatar.width + 16
        width = self.drawing.width - left - PADDING
        self.drawing.add_text(name, Box(left, avatar.y - 2, width), size, bold=True)
        self.drawing.add_text(
            describe_sum(person), Box(left, avatar.y + size * LINE_HEIGHT, width), 12.5, "muted"
        )

    def draw_totals(self, account: Account, y: float) -> None:
        """Draw the counts of one source."""
        counts = self.profile.person.totals or ()
        totals = next((each for each in counts if each.source == account.source), None)
        label = name_source(account.source)
        self.drawing.add_text(label, Box(PADDING, y, LABEL_WIDTH), 12.5)
        left = PADDING + LABEL_WIDTH + 4
        box = Box(left, y, WIDTH - PADDING - left)
        self.drawing.add_right_text(describe_totals(account, totals), box, 12.5)

    def draw_unlock(self, unlock: Unlock, y: float) -> None:
        """Draw one unlock: its picture, its name and title, its day and rarity."""
        self._draw_picture(unlock.icon_url, unlock.name, Box(PADDING, y, 40, 40), 6)
        left = PADDING + 52
        width = WIDTH - left - PADDING - RIGHT_WIDTH - 8
        name = name_entry(clean_text(unlock.name))
        self.drawing.add_text(name, Box(left, y, width), 14, bold=True)
        origin = unlock.title_name or name_source(unlock.source)
        self.drawing.add_text(origin, Box(left, y + 22, width), 12, "muted")
        right = WIDTH - PADDING - RIGHT_WIDTH
        if unlock.earned_at is not None:
            day = f"{unlock.earned_at.astimezone(UTC):%Y-%m-%d}"
            self.drawing.add_right_text(day, Box(right, y + 1, RIGHT_WIDTH), 12)
        rarity = Box(right, y + 22, RIGHT_WIDTH)
        self.drawing.add_right_text(describe_rarity(unlock), rarity, 12, "accent")

    def draw_nothing(self, y: float) -> None:
        """Say why there are no unlocks."""
        have_failed = self.profile.unlocks.have_all_failed
        message = "The sources are not available." if have_failed else "Nothing earned yet."
        self.drawing.add_text(message, Box(PADDING, y, WIDTH - 2 * PADDING), 13, "muted")

    def _draw_picture(self, url: str | None, name: str | None, box: Box, radius: float) -> None:
        picture = self.pictures.get(url or "")
        if picture is None:
            letter = clean_text(name)[:1].upper() or "?"
            self.drawing.add_placeholder(letter, box, radius)
        else:
            self.drawing.add_picture(picture, box, radius)


def _start_card(
    profile: ReadProfile, pictures: Mapping[str, str], theme_name: str, size: tuple[int, int]
) -> _Card:
    title = f"Achievements of {profile.display_name}"
    return _Card(Drawing(*size, theme_name, title), profile, pictures)


def describe_totals(account: Account, totals: Totals | None) -> str:
    """Return the counts of a source in words, or why there are none."""
    if not account.status.is_shown:
        return "not available"
    if totals is None:
        return "not counted"
    parts = [
        _count(totals.earned, "earned", ""),
        _count(totals.earned_counts.platinum if totals.earned_counts else None, "platinum"),
        _count(totals.titles, "title"),
        _count(totals.awards, "award"),
    ]
    return " · ".join(filter(None, parts)) or "not counted"


def _count(number: int | None, noun: str, plural: str = "s") -> str:
    """Return a number with its noun; nothing for an unknown one."""
    if number is None:
        return ""
    return f"{number:,} {noun}{'' if number == 1 else plural}"
