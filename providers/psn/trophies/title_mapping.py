"""Maps the trophy service's rows of titles and groups to records."""

from collections.abc import Iterable

from providers.kit.text import MAX_SHARED_LENGTH
from providers.kit.upstream.decode import parse_iso_time
from providers.psn.cached_records import EarnedGroupStates, GroupDefinitions
from providers.psn.images import map_image
from providers.psn.paging import OffsetPage
from providers.psn.trophies.grades import map_counts
from providers.psn.trophies.models import (
    Counts,
    TitleRow,
    TitlesResponse,
    TrophyGroupRow,
    TrophyGroupsResponse,
)
from providers.records import Group, Title, TitlePage

# Equal lists of platforms are the same objects in all records.
MAX_SHARED_PLATFORMS = 100


class PlatformsByText(dict[str, tuple[str, ...] | None]):
    """The platforms by `trophyTitlePlatform`, a comma-separated list, whose order is not fixed."""

    def __missing__(self, text: str) -> tuple[str, ...] | None:
        """Split a text that was not seen before; keep the platforms of a short one."""
        names = [name.strip() for name in text.split(",")]
        platforms = tuple(filter(None, names)) or None
        if len(text) <= MAX_SHARED_LENGTH and len(self) < MAX_SHARED_PLATFORMS:
            self[text] = platforms
        return platforms


PLATFORMS_BY_TEXT = PlatformsByText()


def map_title(row: TitleRow) -> Title:
    """Map a row of an account's title list."""
    defined, earned = map_counts(row.defined), map_counts(row.earned)
    unlock_version = _format_counts(row.earned) if row.earned else None
    return Title(
        native_id=row.native_id,
        name=row.name or None,
        detail=row.detail or None,
        icon=map_image(row.icon),
        platforms=PLATFORMS_BY_TEXT[row.platform or ""],
        service_name=row.service or None,
        set_version=row.version or None,
        has_groups=row.has_groups,
        hidden_by_owner=row.hidden,
        defined_counts=defined,
        earned_counts=earned,
        achievement_count=defined and defined.total,
        earned_count=earned and earned.total,
        progress=row.progress,
        last_updated_at=parse_iso_time(row.updated),
        definition_version=row.version or None,
        earned_version=_build_earned_version(row, unlock_version),
        unlock_version=unlock_version,
    )


def map_title_page(page: OffsetPage[TitlesResponse]) -> TitlePage:
    """Map a page of an account's title list."""
    return TitlePage(
        titles=tuple(map(map_title, page.response.titles)),
        total=page.response.total,
        next_offset=page.next_offset,
        unread_count=page.row_count - len(page.response.titles),
    )


def map_group_definitions(
    native_id: str, response: TrophyGroupsResponse, service: str
) -> GroupDefinitions:
    """Map a title and its groups as defined; `service` is the one that answered."""
    defined = map_counts(response.defined)
    title = Title(
        native_id=native_id,
        name=response.name or None,
        detail=response.detail or None,
        icon=map_image(response.icon),
        platforms=PLATFORMS_BY_TEXT[response.platform or ""],
        service_name=service,
        set_version=response.version or None,
        has_groups=len(response.groups) > 1,
        defined_counts=defined,
        achievement_count=defined and defined.total,
        definition_version=response.version or None,
    )
    groups = _map_groups(response.groups)
    return GroupDefinitions(version=response.version or None, title=title, groups=groups)


def map_earned_groups(native_id: str, response: TrophyGroupsResponse) -> EarnedGroupStates:
    """Map an account's progress in a title and in each of its groups."""
    earned = map_counts(response.earned)
    title = Title(
        native_id=native_id,
        hidden_by_owner=response.hidden,
        earned_counts=earned,
        earned_count=earned and earned.total,
        progress=response.progress,
        last_updated_at=parse_iso_time(response.updated),
    )
    return EarnedGroupStates(title=title, groups=_map_groups(response.groups))


def _map_groups(rows: Iterable[TrophyGroupRow]) -> tuple[Group, ...]:
    groups = [
        Group(
            native_id=row.native_id,
            name=row.name or None,
            detail=row.detail or None,
            icon=map_image(row.icon) if row.icon else None,
            defined_counts=row.defined and map_counts(row.defined),
            earned_counts=row.earned and map_counts(row.earned),
            progress=row.progress,
            last_updated_at=parse_iso_time(row.updated) if row.updated else None,
        )
        for row in rows
    ]
    return tuple(groups)


def _build_earned_version(row: TitleRow, unlock_version: str | None) -> str | None:
    """Build a text that changes whenever a trophy is earned or added to the title.

    None without `lastUpdatedDateTime` or `earnedTrophies`: then a change could be missed.
    """
    if not row.updated or unlock_version is None:
        return None
    return f"{row.updated} {unlock_version} of {_format_counts(row.defined) if row.defined else ''}"


def _format_counts(row: Counts) -> str:
    return f"{row.bronze}-{row.silver}-{row.gold}-{row.platinum}"
