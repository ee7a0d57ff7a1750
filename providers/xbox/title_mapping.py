"""Maps titles of a list, and titles with their contents, to records."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from providers.kit.request_context import get_current
from providers.kit.text import MAX_NAME_LENGTH, truncate
from providers.kit.upstream.decode import parse_time
from providers.records import Achievement, AchievementPoints, Contents, Title
from providers.xbox.cached_records import LibraryTitle, TitleSet
from providers.xbox.fact_mapping import map_gamerscore, map_info
from providers.xbox.images import map_image
from providers.xbox.models import Title as TitleModel
from providers.xbox.models import TitleAchievement, TitleHistory

# The source began in this month; upstream times before are those of unknown times.
FIRST_TIME = datetime(2005, 11, 1, tzinfo=UTC)
# A console that was offline sends its unlocks, and when a title was played, later.
UNLOCK_TOLERANCE = timedelta(days=1)

X360_TYPES = frozenset({"Xbox360Game", "XboxArcadeGame", "XboxOriginalGame"})
MODERN_TYPE = "Application"
X360_DEVICE = "Xbox360"
X360_VERSION, MODERN_VERSION = 1, 2


def parse_xbox_time(text: str | None) -> datetime | None:
    """Parse a time; None for those before the source began, which stand for unknown ones."""
    time = parse_time(text)
    return time if time is not None and time >= FIRST_TIME else None


def map_library_title(row: TitleModel) -> LibraryTitle:
    """Map a title of a list."""
    counts = row.achievement or TitleAchievement()
    history = row.title_history or TitleHistory()
    return LibraryTitle(
        title_id=row.title_id,
        name=truncate(row.name, MAX_NAME_LENGTH),
        icon=map_image(row.display_image),
        platforms=None if row.devices is None else tuple(dict.fromkeys(row.devices)),
        is_x360=_is_x360(row, counts),
        is_hidden=None if history.visible is None else not history.visible,
        has_achievements=row.achievement is None or _has_achievements(counts),
        earned_count=counts.current_achievements,
        listed_count=counts.total_achievements,
        gamerscore=counts.current_gamerscore,
        total_gamerscore=counts.total_gamerscore,
        last_played_at=parse_xbox_time(history.last_time_played),
        info=map_info(row),
    )


def map_title(
    title: LibraryTitle, true_totals: Mapping[str, tuple[int, int]], fetched_at: datetime
) -> Title:
    """Map a title of a list to a record.

    `last_updated_at` stays unknown: when it was last played is only a bound on it.
    """
    total = find_total(title, true_totals)
    return Title(
        native_id=title.title_id,
        name=title.name,
        icon=title.icon,
        platforms=title.platforms,
        has_groups=False,
        hidden_by_owner=title.is_hidden,
        achievement_count=total,
        earned_count=title.earned_count,
        progress=compute_progress(title.earned_count, total),
        points=map_gamerscore(title.total_gamerscore),
        earned_points=map_gamerscore(title.gamerscore),
        last_played_at=title.last_played_at,
        info=title.info,
        earned_until=compute_earned_until(title, fetched_at),
        earned_version=title.version,
        unlock_version=None if title.earned_count is None else str(title.earned_count),
    )


def map_contents(title: Title, title_set: TitleSet) -> Contents:
    """Map a title and its achievements to its contents, with the player's state if they have it."""
    achievements = title_set.achievements
    whole = replace(
        title,
        name=title.name or title_set.name,
        has_groups=False,
        achievement_count=title_set.total,
        points=title.points or _sum_gamerscore(title_set),
    )
    if all(each.earned is not None for each in achievements):
        earned_count = sum(bool(each.earned) for each in achievements)
        whole = replace(
            whole,
            earned_count=earned_count,
            progress=compute_progress(earned_count, title_set.total),
            last_updated_at=_find_newest(achievements),
        )
    return Contents(title=whole, groups=(), achievements=achievements)


def find_total(title: LibraryTitle, true_totals: Mapping[str, tuple[int, int]]) -> int | None:
    """Return how many achievements a title has; None if the list says 0 and it is not learned.

    A learned number counts as long as the title's gamerscore is the one that it was learned with.
    """
    if title.listed_count:
        return title.listed_count
    if title.total_gamerscore is None:
        return None
    gamerscore, total = true_totals.get(title.title_id, (None, None))
    if gamerscore == title.total_gamerscore:
        return total
    return 0 if title.listed_count == 0 and title.total_gamerscore == 0 else None


def compute_progress(earned: int | None, total: int | None) -> int | None:
    """Return whole percent, rounded down, so that 100 means all; None if a number is missing."""
    return None if earned is None or not total else min(100, 100 * earned // total)


def compute_earned_until(title: LibraryTitle, fetched_at: datetime) -> datetime:
    """Return the latest time that an unlock in a title can have, which the list counts."""
    played = title.last_played_at
    latest = fetched_at if played is None else min(played + UNLOCK_TOLERANCE, fetched_at)
    if latest == fetched_at:
        get_current().note_fetch_time()
    return latest


def _sum_gamerscore(title_set: TitleSet) -> AchievementPoints | None:
    """Return the gamerscore of a whole set; achievements without any give none."""
    if len(title_set.achievements) != title_set.total:
        return None
    values = (each.points.value for each in title_set.achievements if each.points is not None)
    return map_gamerscore(sum(values))


def _is_x360(row: TitleModel, counts: TitleAchievement) -> bool | None:
    if row.media_item_type in X360_TYPES:
        return True
    # Where a title can be played says little: titles of Xbox 360 run on its successors.
    is_modern = row.media_item_type == MODERN_TYPE or counts.source_version == MODERN_VERSION
    if is_modern:
        return False
    if counts.source_version == X360_VERSION or row.devices == [X360_DEVICE]:
        return True
    return None


def _has_achievements(counts: TitleAchievement) -> bool:
    numbers = (counts.current_achievements, counts.total_achievements, counts.total_gamerscore)
    return any(numbers) or counts.source_version in (X360_VERSION, MODERN_VERSION)


def _find_newest(achievements: Iterable[Achievement]) -> datetime | None:
    moments = (each.earned_at for each in achievements)
    return max((moment for moment in moments if moment is not None), default=None)
