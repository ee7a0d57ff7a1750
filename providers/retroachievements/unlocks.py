"""Loads and maps the unlocks of an account in a window of time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from providers.kit.upstream.decode import build_unreadable_error, parse_time
from providers.records import Achievement, Title, Unlock
from providers.retroachievements.api import RetroAchievementsApi
from providers.retroachievements.cached_api import CachedApi
from providers.retroachievements.fact_mapping import map_points
from providers.retroachievements.identifiers import SOURCE
from providers.retroachievements.images import map_badge, map_image
from providers.retroachievements.learned_limits import UNLOCK_ROWS
from providers.retroachievements.mapping import (
    CORE_GROUP_ID,
    map_platforms,
    map_unlock_mode,
)
from providers.retroachievements.models import EarnedAchievement

# The upstream sends this many of the oldest rows of a window, and nothing says that it cut. A limit
# that was lowered since is a round number too, so such a number of rows may have been cut.
MAX_ROWS = UNLOCK_ROWS.default
SUSPICIOUS_STEP = 50
# An unlock of the last minutes may have been earned between two calls.
RECENT = timedelta(minutes=5)

UnlockKey = tuple[int | None, bool | None]


@dataclass
class UnlockReader:
    """Reads the unlocks of an account by windows, and learns at how many rows a list is cut.

    `is_complete` is false after a second with more unlocks than one response holds, because a
    window cannot be shorter.
    """

    cached_api: CachedApi
    handle: str
    is_complete: bool = True
    _seen: dict[UnlockKey, Unlock] = field(default_factory=dict[UnlockKey, Unlock])

    @property
    def unlocks(self) -> tuple[Unlock, ...]:
        """All unlocks that have been read."""
        return tuple(self._seen.values())

    async def read_first(self, since: int, until: int) -> bool:
        """Read one response of a window (Unix seconds, both included); return if it was all."""
        rows, _ = await self._fetch(since, until)
        if len(rows) >= await UNLOCK_ROWS.get(self.cached_api):
            return False
        if not await self._may_be_cut(len(rows)):
            return True
        last_rows, has_more = await self._fetch(_find_last_second(rows, since), until)
        if has_more:
            UNLOCK_ROWS.learn(self.cached_api, len(rows))
        # As many rows in the last second alone say nothing about the seconds after it.
        return not has_more and len(last_rows) < len(rows)

    async def read_all(self, since: int, until: int) -> None:
        """Read all of a window.

        While a response may be cut, the next call begins at the last second of the one before.
        """
        count, is_single_second = 0, False
        while since <= until:
            rows, has_more = await self._fetch(since, until)
            if count and has_more:
                UNLOCK_ROWS.learn(self.cached_api, count)
                self.is_complete &= not is_single_second
            count = len(rows)
            if not await self._may_be_cut(count):
                break
            last = _find_last_second(rows, since)
            is_single_second = last == since
            if is_single_second and count >= await UNLOCK_ROWS.get(self.cached_api):
                self.is_complete = False
            since = max(last, since + 1)

    async def _may_be_cut(self, count: int) -> bool:
        limit = await UNLOCK_ROWS.get(self.cached_api)
        return count >= limit or (count > 0 and count % SUSPICIOUS_STEP == 0)

    async def _fetch(self, since: int, until: int) -> tuple[list[EarnedAchievement], bool]:
        """Return the rows of a response, and whether it has others than those before."""
        rows = await _fetch_rows(self.cached_api.api, self.handle, since, until)
        new_times: list[datetime | None] = []
        for row in rows:
            key = (row.achievement_id, row.hardcore_mode)
            if _is_valid(row) and key not in self._seen:
                self._seen[key] = _map_unlock(row, self.cached_api.api.media_url)
                new_times.append(parse_time(row.date))
        now = datetime.now(UTC)
        return rows, any(each is None or abs(now - each) > RECENT for each in new_times)


async def _fetch_rows(
    api: RetroAchievementsApi, handle: str, since: int, until: int
) -> list[EarnedAchievement]:
    reply = await api.get("GetAchievementsEarnedBetween", u=handle, f=since, t=until)
    return reply.decode(list[EarnedAchievement])


def _is_valid(row: EarnedAchievement) -> bool:
    return row.achievement_id is not None and row.game_id is not None


def _find_last_second(rows: list[EarnedAchievement], since: int) -> int:
    moments = [moment for row in rows if (moment := parse_time(row.date)) is not None]
    last = int(max(moments).timestamp()) if moments else since
    if last < since or (rows and not moments):
        raise build_unreadable_error(SOURCE)
    return last


def _map_unlock(row: EarnedAchievement, media_url: str) -> Unlock:
    return Unlock(title=_map_title(row, media_url), achievement=_map_achievement(row, media_url))


def _map_title(row: EarnedAchievement, media_url: str) -> Title:
    return Title(
        native_id=str(row.game_id),
        name=row.game_title,
        icon=map_image(media_url, row.game_icon),
        platforms=map_platforms(row.console_name),
    )


def _map_achievement(row: EarnedAchievement, media_url: str) -> Achievement:
    earned_at = parse_time(row.date)
    hardcore = row.hardcore_mode
    return Achievement(
        native_id=str(row.achievement_id),
        group_id=CORE_GROUP_ID,
        name=row.title,
        description=row.description,
        icon=map_badge(media_url, row.badge_name),
        earned=True,
        earned_at=earned_at,
        unlock_mode=None if hardcore is None else map_unlock_mode(hardcore=hardcore),
        earned_at_softcore=earned_at if hardcore is False else None,
        points=map_points(row.points, row.true_ratio),
        kind=row.type,
    )
