"""The table of all cache policies in docs/caching.md."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any, cast

from providers.kit.caching.policy import NEVER_EXPIRES, CachePolicy

HEADINGS = (
    "policy",
    "in the code",
    "max-age",
    "stale-while-revalidate",
    "stale-if-error",
    "negative TTL",
    "public",
    "localized",
    "process-local",
)
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def render_table(modules: Iterable[ModuleType]) -> str:
    """Render the policies of these modules as a Markdown table, one row each."""
    rows = [
        _build_row(name, policy)
        for module in modules
        for name, policy in find_policies(module).items()
    ]
    return "\n".join(
        [
            _format_line(HEADINGS),
            _format_line("---" for _ in HEADINGS),
            *sorted(map(_format_line, rows)),
        ]
    )


def find_policies(module: ModuleType) -> dict[str, CachePolicy[Any]]:
    """Return the policies that a module declares, by the names of their variables."""
    return {
        name: cast("CachePolicy[Any]", value)
        for name, value in vars(module).items()
        if isinstance(value, CachePolicy)
    }


def _build_row(name: str, policy: CachePolicy[Any]) -> tuple[str, ...]:
    durations = (
        policy.max_age,
        policy.stale_while_revalidate,
        policy.stale_if_error,
        policy.negative_ttl,
    )
    flags = (
        "yes" if flag else "" for flag in (policy.public, policy.localized, policy.process_local)
    )
    return (f"`{policy.name}`", f"`{name}`", *map(_format_duration, durations), *flags)


def _format_duration(seconds: float) -> str:
    if seconds == NEVER_EXPIRES:
        return "until it changes"
    for size, unit in UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s" if seconds else ""


def _format_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
