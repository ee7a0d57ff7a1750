"""Keys of cache entries: policy, scope, language and the value's own key."""

from typing import Any

from providers.kit.caching.policy import CachePolicy
from providers.kit.language import negotiate_language
from providers.kit.request_context import RequestContext, get_current

CacheKey = tuple[str, ...]


def build_cache_key(
    policy: CachePolicy[Any], scope: str, key: CacheKey, context: RequestContext | None = None
) -> CacheKey:
    """Build the full key of an entry; a public policy's has no scope.

    The language is that of a request, the current one if its context is not given.
    """
    language = ""
    if policy.languages:
        languages = (context or get_current()).languages
        language = negotiate_language(languages, policy.languages)
    return (policy.name, "" if policy.public else scope, language, *key)


def build_absence_key(policy: CachePolicy[Any], scope: str, full_key: CacheKey) -> CacheKey:
    """Build the key of an absence, which is one credential's even if the policy is public."""
    name, _, *rest = full_key
    return (name, scope, *rest) if policy.public else full_key


def make_public_key(absence_key: CacheKey) -> CacheKey:
    """Return the full key of the public value that a key may be the absence of."""
    name, _, *rest = absence_key
    return (name, "", *rest)
