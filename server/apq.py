"""Automatic persisted queries (APQ): documents that callers store under their SHA-256 hash."""

import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import Any, cast

from providers.kit.caching.cache import Cache
from providers.kit.caching.memory_store import MemoryStore
from providers.kit.caching.policy import CachePolicy
from providers.kit.rate_limiting.sliding_window import SlidingWindow
from providers.kit.shared.shared_store import SharedStore
from server.documents.trusted_documents import TrustedDocuments
from server.graphql_request import GraphQLRequest
from server.request_error import RequestRejected

HOUR = 3_600
# A hash belongs to one text for ever, so it may be loaded even if fresh data is requested.
QUERY_TEXT: CachePolicy[str] = CachePolicy(
    "server.query", str, max_age=HOUR, public=True, versioned=True
)
MAX_MEMORY_BYTES = 8 * 1024 * 1024  # by the memory store's estimate, which is twice the text
MAX_SHARED_BYTES = 4 * 1024 * 1024
ENTRY_OVERHEAD_BYTES = 256  # what Redis needs for an entry in addition to its text


@dataclass
class WriteBudget:
    """The bytes that this process may write to the shared store within a window."""

    max_bytes: int = MAX_SHARED_BYTES
    window_seconds: float = HOUR
    _window: SlidingWindow = field(init=False)

    def __post_init__(self) -> None:
        self._window = SlidingWindow(self.window_seconds)

    def try_spend(self, size: int) -> bool:
        """Spend bytes of the budget; return False and spend none if there are not as many left."""
        now = time.monotonic()
        self._window.drop_expired(now)
        if self._window.total + size > self.max_bytes:
            return False
        self._window.add(now, size)
        return True


@dataclass(frozen=True)
class PersistedQueries:
    """The documents that callers have stored; only valid ones are.

    They have a memory store of their own and a write budget for the shared one: any caller may
    send them, and they must not evict the cached upstream data.
    """

    cache: Cache
    write_budget: WriteBudget = field(default_factory=WriteBudget)
    trusted: TrustedDocuments = field(default_factory=TrustedDocuments)

    @classmethod
    def create(
        cls, shared: SharedStore, trusted: TrustedDocuments | None = None
    ) -> "PersistedQueries":
        """Create them with a memory store apart from that of the upstream data."""
        cache = Cache(MemoryStore(MAX_MEMORY_BYTES), shared_store=shared)
        return cls(cache, trusted=trusted or TrustedDocuments())

    async def resolve_text(self, graphql_request: GraphQLRequest) -> str | None:
        """Return the document sent, or the one stored under the hash; None if neither was sent.

        Reject a hash that is not the document's, and one that is not known.
        """
        digest = read_digest(graphql_request)
        if digest is None or graphql_request.query is None:
            return graphql_request.query if digest is None else await self._load(digest)
        if hashlib.sha256(graphql_request.query.encode()).hexdigest() != digest:
            message = "extensions.persistedQuery.sha256Hash must be the SHA-256 hash of the query."
            raise RequestRejected(400, message, argument="extensions.persistedQuery.sha256Hash")
        return graphql_request.query

    async def store(self, graphql_request: GraphQLRequest) -> None:
        """Store a valid document that was sent with its hash."""
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
        document = self.trusted.find(digest)
        if document is not None:
            return document.text
        cached = await self.cache.get(QUERY_TEXT, "", (digest,))
        if cached is None:
            raise make_query_not_found()
        return cached.value


def make_query_not_found() -> RequestRejected:
    """Build the rejection of an unknown hash; clients expect this very message with status 200."""
    return RequestRejected(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


def read_digest(graphql_request: GraphQLRequest) -> str | None:
    """Return the hash in `extensions.persistedQuery`, in lower case; None without one."""
    extension = graphql_request.extensions.get("persistedQuery")
    if extension is None:
        return None
    members = cast("dict[str, Any]", extension) if isinstance(extension, dict) else {}
    digest = members.get("sha256Hash")
    if not isinstance(digest, str) or members.get("version") != 1:
        message = "extensions.persistedQuery must have version 1 and a sha256Hash."
        raise RequestRejected(400, message, argument="extensions.persistedQuery")
    return digest.lower() if digest.isascii() else digest
