"""Pieces of pages, each remembered on its own."""

from providers.records import PsnMessageGroup, PsnPerson, Record


class Hits(Record, frozen=True, kw_only=True):
    """A search's hits as the service ranks them."""

    people: tuple[PsnPerson, ...]
    total: int | None = None
    next: str | None = None


class Stretch(Record, frozen=True, kw_only=True):
    """One call's worth of groups, either the favourites or the others."""

    groups: tuple[PsnMessageGroup, ...]
    total: int | None = None
    ended: bool = True
