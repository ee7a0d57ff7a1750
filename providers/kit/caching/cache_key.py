"""Keys of cache entries: which viewer and which language an entry belongs to."""

from typing import Any

from providers.kit.caching.policy import Kind
from providers.kit.request_context import LANGUAGE, current

Key = tuple[str, ...]


def cache_key(kind: Kind[Any], scope: str, key: Key) -> Key:
    """Return the whole key of a fact: kind, scope, language and its own key."""
    language = (current().language or LANGUAGE) if kind.localized else ""
    return (kind.name, "" if kind.shared else scope, language, *key)


def absence_key(kind: Kind[Any], scope: str, whole: Key) -> Key:
    """Where what one viewer is refused is remembered, of a fact that is the same for all."""
    name, _, *rest = whole
    return (name, scope, *rest) if kind.shared else whole
