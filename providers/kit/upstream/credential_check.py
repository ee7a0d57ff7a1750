"""What the cache may serve to a credential, by what its source has said about it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from providers.errors import Unauthenticated
from providers.kit.caching.cache import Cache
from providers.kit.caching.policy import CachePolicy
from providers.kit.request_context import get_current
from providers.kit.upstream.upstream_client import UpstreamClient

T = TypeVar("T")


@dataclass(frozen=True)
class CredentialCheck:
    """The check of one credential before cached values are served to it.

    A caller's credential that was just rejected gets nothing. Public values, which were loaded
    with any credential, are served to a caller only after the source has accepted theirs.
    `verify` is the cheapest call that shows it; it raises `Unauthenticated` if it is rejected.
    """

    upstream: UpstreamClient = field(repr=False)
    cache: Cache = field(repr=False)
    verify: Callable[[], Awaitable[object]] = field(repr=False)

    def may_serve(self, policy: CachePolicy[Any]) -> bool:
        """Return whether a cached value may be served, without a call."""
        upstream = self.upstream
        if not upstream.is_caller:
            return True
        if not upstream.is_rejected and (upstream.is_accepted or not policy.public):
            return True
        get_current().forbid_reuse()  # a rejection during an operation is no cache lookup
        return False

    async def ensure(self, policy: CachePolicy[Any]) -> None:
        """Return when a value may be served; raise the error of a credential that fails."""
        if self.may_serve(policy):
            return
        self.upstream.check_not_rejected()
        await self.ensure_accepted()

    async def ensure_accepted(self) -> None:
        """Return when the source has accepted the credential; verify it once for all requests."""
        upstream = self.upstream
        if upstream.is_accepted:
            return
        upstream.check_not_rejected()
        # For single flight alone.
        policy = CachePolicy[bool](
            f"{upstream.source}.verification", bool, max_age=0, process_local=True
        )
        await self.cache.get_or_load(policy, upstream.scope, (), self._verify)

    async def run(self, load: Callable[[], Awaitable[T]]) -> T:
        """Load a value, and record if the source rejects the credential."""
        try:
            return await load()
        except Unauthenticated:
            self.record_rejected()
            raise

    def record_rejected(self) -> None:
        """Record that the source has just rejected the credential."""
        upstream = self.upstream
        upstream.services.credentials.record_rejected(upstream.source, upstream.scope)

    async def _verify(self) -> bool:
        await self.run(self.verify)
        upstream = self.upstream
        upstream.services.credentials.record_accepted(upstream.source, upstream.scope)
        return True
