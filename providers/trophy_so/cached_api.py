"""Trophy.so's API and the cache in front of it, for one credential."""

from dataclasses import dataclass

from providers.kit.upstream.keyed_cached_api import KeyedCachedApi
from providers.trophy_so.api import TrophySoApi


@dataclass(frozen=True)
class CachedApi(KeyedCachedApi[TrophySoApi]):
    """Trophy.so with one credential, and the cached values of that credential's scope."""
