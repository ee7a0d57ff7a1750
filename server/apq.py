"""Automatic persisted queries of our own callers: a text under the hash of itself."""

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, cast

from providers.kit.caching.cache import Cache
from providers.kit.caching.memory_store import MemoryStore
from providers.kit.caching.policy import CachePolicy
from providers.kit.shared.shared_store import SharedStore
from server.graphql_request import GraphQLRequest
from server.request_error import RequestRejected

HOUR = 3_600
# The hash is that of the text, which also who wants fresh answers need not send anew.
QUERY_TEXT: CachePolicy[str] = CachePolicy(
    "server.query", str, max_age=HOUR, public=True, versioned=True
)
MAX_MEMORY_BYTES = 8 * 1024 * 1024  # bytes by the estimate of a memory, which is twice the texts
MAX_SHARED_BYTES = 4 * 1024 * 1024
ENTRY_OVERHEAD_BYTES = 256  # bytes that Redis needs for one, however short its text


@dataclass
class WriteBudget:
    """How many bytes of one process may be in the common store at a time, gone after a while."""

    max_bytes: int = MAX_SHARED_BYTES
    window_seconds: float = HOUR
    used_bytes: int = 0
    _writes: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def try_spend(self, size: int) -> bool:
        """Whether so many more may be there, which they then are."""
        now = time.monotonic()
        while self._writes and self._writes[0][0] <= now - self.window_seconds:
            self.used_bytes -= self._writes.popleft()[1]
        if self.used_bytes + size > self.max_bytes:
            return False
        self._writes.append((now, size))
        self.used_bytes += size
        return True


@dataclass(frozen=True)
class PersistedQueries:
    """Valid documents that callers have sent before, bounded apart from all else.

    They have a memory of their own, and of the common store a part: anybody may send them, and what
    he sends must not push out what everybody is answered from.
    """

    cache: Cache
    write_budget: WriteBudget = field(default_factory=WriteBudget)

    @classmethod
    def create(cls, shared: SharedStore) -> "PersistedQueries":
        """With a memory beside the one of the answers."""
        return cls(Cache(MemoryStore(MAX_MEMORY_BYTES), shared_store=shared))

    async def resolve_text(self, graphql_request: GraphQLRequest) -> str | None:
        """The document to run: the one sent, or the one remembered under the hash."""
        digest = read_digest(graphql_request)
        if digest is None or graphql_request.query is None:
            return graphql_request.query if digest is None else await self._load(digest)
        if hashlib.sha256(graphql_request.query.encode()).hexdigest() != digest:
            message = "The provided sha256Hash is not the query's."
            raise RequestRejected(400, message, argument="extensions.persistedQuery.sha256Hash")
        return graphql_request.query

    async def store(self, graphql_request: GraphQLRequest) -> None:
        """Remember a document that was sent with its hash, and that has been found valid."""
        digest = read_digest(graphql_request)
        if digest is None or graphql_request.query is None:
            return
        if self.cache.peek(QUERY_TEXT, "", (digest,)) is None:
            is_shared = self.write_budget.try_spend(
                ENTRY_OVERHEAD_BYTES + len(graphql_request.query.encode())
            )
            await self.cache.set(
                replace(QUERY_TEXT, process_local=not is_shared),
                "",
                (digest,),
                graphql_request.query,
            )

    async def _load(self, digest: str) -> str:
        cached = await self.cache.get(QUERY_TEXT, "", (digest,))
        if cached is None:
            raise make_query_not_found()
        return cached.value


def make_query_not_found() -> RequestRejected:
    """No text is known under the hash; every client knows these words and this status."""
    return RequestRejected(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


def read_digest(graphql_request: GraphQLRequest) -> str | None:
    """The hash of a request that names its text by one."""
    extension = graphql_request.extensions.get("persistedQuery")
    if extension is None:
        return None
    members = cast("dict[str, Any]", extension) if isinstance(extension, dict) else {}
    digest = members.get("sha256Hash")
    if not isinstance(digest, str) or members.get("version") != 1:
        message = "extensions.persistedQuery needs version 1 and a sha256Hash."
        raise RequestRejected(400, message, argument="extensions.persistedQuery")
    return digest.lower() if digest.isascii() else digest
