"""The trophy service's rows of titles and groups as records."""

from providers.kit.upstream.decode import parse_time
from providers.psn.cached_records import EarnedGroupStates, GroupDefinitions
from providers.psn.images import map_image
from providers.psn.trophies.grades import get_total, map_counts
from providers.psn.trophies.models import (
    Counts,
    TitleRow,
    TitlesResponse,
    TrophyGroupRow,
    TrophyGroupsResponse,
)
from providers.records import Group, Title, TitlePage


def map_title(row: TitleRow) -> Title:
    """A title in an account's list."""
    defined, earned = map_counts(row.defined), map_counts(row.earned)
    return Title(
        native_id=row.native_id,
        name=row.name or None,
        detail=row.detail or None,
        icon=map_image(row.icon),
        platforms=parse_platforms(row.platform),
        service_name=row.service or None,
        set_version=row.version or None,
        has_groups=row.has_groups,
        hidden_by_owner=row.hidden,
        defined_counts=defined,
        earned_counts=earned,
        achievement_count=get_total(defined),
        earned_count=get_total(earned),
        progress=row.progress,
        last_updated_at=parse_time(row.updated),
        definition_version=row.version or None,
        earned_version=_build_earned_version(row),
    )


def map_title_page(response: TitlesResponse, offset: int) -> TitlePage:
    """A page of an account's titles; an offset that leads back is the end."""
    next_offset = response.next_offset
    return TitlePage(
        titles=tuple(map_title(row) for row in response.titles),
        total=response.total,
        next_offset=next_offset if next_offset is not None and next_offset > offset else None,
    )


def map_group_definitions(
    native_id: str, response: TrophyGroupsResponse, service: str
) -> GroupDefinitions:
    """A set and its groups as defined."""
    defined = map_counts(response.defined)
    whole = Title(
        native_id=native_id,
        name=response.name or None,
        detail=response.detail or None,
        icon=map_image(response.icon),
        platforms=parse_platforms(response.platform),
        service_name=service,
        set_version=response.version or None,
        has_groups=len(response.groups) > 1,
        defined_counts=defined,
        achievement_count=get_total(defined),
        definition_version=response.version or None,
    )
    groups = tuple(_map_group(row) for row in response.groups)
    return GroupDefinitions(version=response.version or None, title=whole, groups=groups)


def map_earned_groups(native_id: str, response: TrophyGroupsResponse) -> EarnedGroupStates:
    """An account's own row of a title, and of its groups."""
    earned = map_counts(response.earned)
    own = Title(
        native_id=native_id,
        hidden_by_owner=response.hidden,
        earned_counts=earned,
        earned_count=get_total(earned),
        progress=response.progress,
        last_updated_at=parse_time(response.updated),
    )
    return EarnedGroupStates(title=own, groups=tuple(_map_group(row) for row in response.groups))


def parse_platforms(text: str | None) -> tuple[str, ...] | None:
    """A comma list; never to be compared as a whole."""
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def _map_group(row: TrophyGroupRow) -> Group:
    return Group(
        native_id=row.native_id,
        name=row.name or None,
        detail=row.detail or None,
        icon=map_image(row.icon),
        defined_counts=map_counts(row.defined),
        earned_counts=map_counts(row.earned),
        progress=row.progress,
        last_updated_at=parse_time(row.updated),
    )


def _build_earned_version(row: TitleRow) -> str | None:
    """What changes when anything is earned, or there is more to earn: also new trophies are open.

    Unknown without a time of the last change.
    """
    if not row.updated or row.earned is None:
        return None
    return f"{row.updated} {_format_counts(row.earned)} of {_format_counts(row.defined)}"


def _format_counts(row: Counts | None) -> str:
    return f"{row.bronze}-{row.silver}-{row.gold}-{row.platinum}" if row else ""
