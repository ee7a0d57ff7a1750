"""Finds settings whose names are mistyped, which would otherwise be ignored without a word."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

OWN_PREFIX = "TROPHYCASE_"
# What Kubernetes and linked containers set for a service of our name is no setting of ours.
SERVICE_LINK = re.compile(r"TROPHYCASE_(?:SERVICE_(?:HOST|PORT)|PORT|NAME|ENV)(?:_\w+)?")
# Other programs have names such as STEAM_RUNTIME; only a mistyped one of ours is meant.
SIMILARITY = 0.85


def find_unknown(names: Iterable[str], known: Collection[str]) -> tuple[str, str] | None:
    """Return the first name that is meant to be a setting and is none, and the most similar one.

    That is any other name that begins with `TROPHYCASE_`, and one that is almost a source's.
    """
    prefixes = {name.partition("_")[0] + "_" for name in known}
    for name in sorted(names):
        if name in known or not name.startswith(tuple(prefixes)) or SERVICE_LINK.fullmatch(name):
            continue
        similar = _find_similar(name, known)
        if similar or name.startswith(OWN_PREFIX):
            return name, similar
    return None


def _find_similar(name: str, known: Collection[str]) -> str:
    """Return the most similar name with the same prefix; empty if none is similar enough."""
    if not name.startswith(OWN_PREFIX):
        return next(iter(get_close_matches(name, known, n=1, cutoff=SIMILARITY)), "")
    ends = [each.removeprefix(OWN_PREFIX) for each in known if each.startswith(OWN_PREFIX)]
    similar = get_close_matches(name.removeprefix(OWN_PREFIX), ends, n=1)
    return OWN_PREFIX + similar[0] if similar else ""
