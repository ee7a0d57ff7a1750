"""The trophy service's rows of titles and groups as records."""

from providers.kit.upstream.decode import instant
from providers.psn.cached_records import DefinedGroups, EarnedGroups
from providers.psn.images import image
from providers.psn.trophies.grades import counts, total
from providers.psn.trophies.models import Counts, GroupRow, Groups, TitleRow, Titles
from providers.records import Group, Title, TitlePage


def title(row: TitleRow) -> Title:
    """A title in an account's list."""
    defined, earned = counts(row.defined), counts(row.earned)
    return Title(
        native_id=row.native_id,
        name=row.name or None,
        detail=row.detail or None,
        icon=image(row.icon),
        platforms=platforms(row.platform),
        service_name=row.service or None,
        set_version=row.version or None,
        has_groups=row.has_groups,
        hidden_by_owner=row.hidden,
        defined_counts=defined,
        earned_counts=earned,
        achievement_count=total(defined),
        earned_count=total(earned),
        progress=row.progress,
        last_updated_at=instant(row.updated),
        definition_version=row.version or None,
        earned_version=_earned_version(row),
    )


def page(answer: Titles, offset: int) -> TitlePage:
    """A page of an account's titles; an offset that leads back is the end."""
    following = answer.next_offset
    return TitlePage(
        titles=tuple(title(row) for row in answer.titles),
        total=answer.total,
        next_offset=following if following is not None and following > offset else None,
    )


def defined_groups(native_id: str, answer: Groups, service: str) -> DefinedGroups:
    """A set and its groups as defined."""
    defined = counts(answer.defined)
    whole = Title(
        native_id=native_id,
        name=answer.name or None,
        detail=answer.detail or None,
        icon=image(answer.icon),
        platforms=platforms(answer.platform),
        service_name=service,
        set_version=answer.version or None,
        has_groups=len(answer.groups) > 1,
        defined_counts=defined,
        achievement_count=total(defined),
        definition_version=answer.version or None,
    )
    groups = tuple(_group(row) for row in answer.groups)
    return DefinedGroups(version=answer.version or None, title=whole, groups=groups)


def earned_groups(native_id: str, answer: Groups) -> EarnedGroups:
    """An account's own row of a title, and of its groups."""
    earned = counts(answer.earned)
    own = Title(
        native_id=native_id,
        hidden_by_owner=answer.hidden,
        earned_counts=earned,
        earned_count=total(earned),
        progress=answer.progress,
        last_updated_at=instant(answer.updated),
    )
    return EarnedGroups(title=own, groups=tuple(_group(row) for row in answer.groups))


def platforms(text: str | None) -> tuple[str, ...] | None:
    """A comma list; never to be compared as a whole."""
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def _group(row: GroupRow) -> Group:
    return Group(
        native_id=row.native_id,
        name=row.name or None,
        detail=row.detail or None,
        icon=image(row.icon),
        defined_counts=counts(row.defined),
        earned_counts=counts(row.earned),
        progress=row.progress,
        last_updated_at=instant(row.updated),
    )


def _earned_version(row: TitleRow) -> str | None:
    """What changes when anything is earned, or there is more to earn: also new trophies are open.

    Unknown without a time of the last change.
    """
    if not row.updated or row.earned is None:
        return None
    return f"{row.updated} {_grades(row.earned)} of {_grades(row.defined)}"


def _grades(row: Counts | None) -> str:
    return f"{row.bronze}-{row.silver}-{row.gold}-{row.platinum}" if row else ""
