"""Maps leaderboards and places on them to records."""

from providers.kit.upstream.decode import parse_time
from providers.retroachievements import models
from providers.retroachievements.learned_limits import (
    LEADERBOARD_ENTRY_PAGE_SIZE,
    LEADERBOARD_PAGE_SIZE,
)
from providers.retroachievements.models import convert_to_list
from providers.retroachievements.pages import find_page_end
from providers.retroachievements_records import Leaderboard, LeaderboardEntry, LeaderboardPage


def map_leaderboard_page(response: models.GameLeaderboards, offset: int) -> LeaderboardPage:
    """Map a page of a game's leaderboards."""
    rows = convert_to_list(response.results)
    end = find_page_end(response, offset, len(rows), LEADERBOARD_PAGE_SIZE.default)
    return LeaderboardPage(
        leaderboards=tuple(map(_map_leaderboard, rows)),
        total=response.total,
        next_offset=end.next_offset,
        unread_count=end.unread_count,
    )


def map_leaderboard_entries(
    response: models.GameLeaderboards, offset: int
) -> tuple[dict[str, LeaderboardEntry], int | None]:
    """Map a page of a player's places, by the leaderboards' ids, and the next page's offset."""
    rows = convert_to_list(response.results)
    end = find_page_end(response, offset, len(rows), LEADERBOARD_ENTRY_PAGE_SIZE.default)
    entries = {str(row.id): _map_entry(row.user_entry) for row in rows if row.user_entry}
    return entries, end.next_offset


def _map_leaderboard(row: models.GameLeaderboard) -> Leaderboard:
    top = row.top_entry
    return Leaderboard(
        native_id=str(row.id),
        name=row.title,
        description=row.description,
        format=row.format or None,
        lower_is_better=row.rank_asc,
        state=row.state or None,
        top_entry=None if top is None else _map_entry(top, rank=1),
    )


def _map_entry(row: models.LeaderboardEntry, rank: int | None = None) -> LeaderboardEntry:
    return LeaderboardEntry(
        ulid=row.ulid or None,
        display_name=row.user or None,
        rank=rank or row.rank or None,
        score=row.score,
        formatted_score=row.formatted_score or None,
        submitted_at=parse_time(row.date_updated),
    )
