"""Keys of cache entries: which viewer and which language an entry belongs to."""

from typing import Any

from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import DEFAULT_LANGUAGE, get_current

CacheKey = tuple[str, ...]


def cache_key(kind: CachePolicy[Any], scope: str, key: CacheKey) -> CacheKey:
    """Return the whole key of a fact: kind, scope, language and its own key."""
    language = (get_current().language or DEFAULT_LANGUAGE) if kind.localized else ""
    return (kind.name, "" if kind.public else scope, language, *key)


def absence_key(kind: CachePolicy[Any], scope: str, whole: CacheKey) -> CacheKey:
    """Where what one viewer is refused is remembered, of a fact that is the same for all."""
    name, _, *rest = whole
    return (name, scope, *rest) if kind.public else whole
