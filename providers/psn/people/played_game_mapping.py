"""Maps the game list's rows to records."""

import re

from providers.kit.upstream.decode import MAX_INT32, parse_time
from providers.psn.images import map_image
from providers.psn.paging import OffsetPage
from providers.psn.people.models import GameRow, PlayedGamesResponse
from providers.psn_records import PsnPlayedGame, PsnPlayedGamePage

DURATION_PATTERN = re.compile(
    r"P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,9})(?:\.[0-9]+)?S)?)?"
)
UNIT_SECONDS = (86_400, 3600, 60, 1)


def map_page(page: OffsetPage[PlayedGamesResponse]) -> PsnPlayedGamePage:
    """Map a page of played games."""
    return PsnPlayedGamePage(
        games=tuple(_map_game(row) for row in page.response.games),
        total=page.response.total,
        next_offset=page.next_offset,
        unread_count=page.row_count - len(page.response.games),
    )


def parse_duration(duration: str | None) -> int | None:
    """Return the seconds of an ISO 8601 duration such as `PT215H2M16S`; None if unreadable."""
    match = DURATION_PATTERN.fullmatch(duration or "")
    if match is None or not any(match.groups()):
        return None
    parts = zip(match.groups(), UNIT_SECONDS, strict=True)
    seconds = sum(int(amount or 0) * unit for amount, unit in parts)
    return seconds if seconds <= MAX_INT32 else None


def _map_game(row: GameRow) -> PsnPlayedGame:
    concept_id = row.concept.native_id if row.concept else None
    return PsnPlayedGame(
        np_title_id=row.np_title_id,
        concept_id=None if concept_id in (None, "") else str(concept_id),
        name=row.local_name or row.name or None,
        image=map_image(row.local_image) or map_image(row.image),
        category=row.category or None,
        play_count=row.play_count,
        play_duration_seconds=parse_duration(row.duration),
        first_played_at=parse_time(row.first_played),
        last_played_at=parse_time(row.last_played),
    )
