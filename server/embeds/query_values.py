"""The query of an embedded document: few parameters, each with few values."""

import re
from collections.abc import Collection
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from server.request_error import RequestRejected

TRUE, FALSE = frozenset({"", "1", "true", "on"}), frozenset({"0", "false", "off"})

# No path but such a name reaches the files of the time zones.
TIME_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}")


def check_names(query: QueryParams, names: Collection[str]) -> None:
    """Reject a parameter that there is not, and one that is repeated."""
    given = [name for name, _ in query.multi_items()]
    for name in given:
        if name not in names:
            known = ", ".join(names) or "none"
            raise _reject(f"There is no such parameter; the parameters here: {known}.")
        if given.count(name) > 1:
            raise _reject(f"{name} must not be repeated.")


def read_choice(query: QueryParams, name: str, choices: Collection[str], default: str) -> str:
    """Return one of the choices; the default without the parameter."""
    value = query.get(name, default)
    if value not in choices:
        raise _reject(f"{name} must be one of: {', '.join(choices)}.")
    return value


def read_switch(query: QueryParams, name: str) -> bool:
    """Return whether a switch is on, as it also is without a value."""
    value = query.get(name, "off").lower()
    if value not in TRUE | FALSE:
        raise _reject(f"{name} must be true or false.")
    return value in TRUE


def read_time_zone(query: QueryParams, name: str) -> ZoneInfo:
    """Return a time zone by its name; UTC without the parameter."""
    value = query.get(name, "UTC")
    if TIME_ZONE.fullmatch(value) is not None:
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # no such file, not one of theirs, or a folder
            pass
    raise _reject(f"{name} must be the name of a time zone, such as Europe/Berlin.")


def _reject(message: str) -> RequestRejected:
    return RequestRejected(400, message)
