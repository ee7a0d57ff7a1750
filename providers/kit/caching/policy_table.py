"""The lifetimes of everything that is remembered, as one table."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any, cast

from providers.kit.caching.policy import UNTIL_CHANGED, Kind

HEADINGS = (
    "kind",
    "in the code",
    "fresh",
    "stale",
    "rescue",
    "missing",
    "shared",
    "localized",
    "local",
)
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def table(modules: Iterable[ModuleType]) -> str:
    """All kinds of these modules, a row each, as Markdown."""
    rows = [_row(name, kind) for module in modules for name, kind in kinds_of(module).items()]
    return "\n".join([_line(HEADINGS), _line("---" for _ in HEADINGS), *sorted(map(_line, rows))])


def kinds_of(module: ModuleType) -> dict[str, Kind[Any]]:
    """The kinds that a module declares, by their names in it."""
    return {
        name: cast("Kind[Any]", value)
        for name, value in vars(module).items()
        if isinstance(value, Kind)
    }


def _row(name: str, kind: Kind[Any]) -> tuple[str, ...]:
    lengths = (kind.fresh, kind.stale, kind.rescue, kind.missing)
    marks = ("yes" if mark else "" for mark in (kind.shared, kind.localized, kind.local))
    return (f"`{kind.name}`", f"`{name}`", *map(_length, lengths), *marks)


def _length(seconds: float) -> str:
    if seconds == UNTIL_CHANGED:
        return "until it changes"
    for size, unit in UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s" if seconds else ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
