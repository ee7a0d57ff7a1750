"""Automatic persisted queries of our own callers: a text under the hash of itself."""

import hashlib
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, cast

from providers.kit.caching.cache import Cache
from providers.kit.caching.memory_store import Memory
from providers.kit.caching.policy import Kind
from providers.kit.shared.shared_store import Shared
from server.graphql_request import GraphQLRequest
from server.request_error import Refused

HOUR = 3_600
# The hash is that of the text, which also who wants fresh answers need not send anew.
TEXTS: Kind[str] = Kind("server.query", str, fresh=HOUR, shared=True, versioned=True)
MOST_HERE = 8 * 1024 * 1024  # bytes by the estimate of a memory, which is twice the texts
MOST_ELSEWHERE = 4 * 1024 * 1024
ENTRY = 256  # bytes that Redis needs for one, however short its text


@dataclass
class Allowance:
    """How many bytes of one process may be in the common store at a time, gone after a while."""

    most: int = MOST_ELSEWHERE
    seconds: float = HOUR
    there: int = 0
    _told: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def takes(self, size: int) -> bool:
        """Whether so many more may be there, which they then are."""
        now = time.monotonic()
        while self._told and self._told[0][0] <= now - self.seconds:
            self.there -= self._told.popleft()[1]
        if self.there + size > self.most:
            return False
        self._told.append((now, size))
        self.there += size
        return True


@dataclass(frozen=True)
class PersistedQueries:
    """Valid documents that callers have sent before, bounded apart from all else.

    They have a memory of their own, and of the common store a part: anybody may send them, and what
    he sends must not push out what everybody is answered from.
    """

    cache: Cache
    allowance: Allowance = field(default_factory=Allowance)

    @classmethod
    def beside(cls, shared: Shared) -> "PersistedQueries":
        """With a memory beside the one of the answers."""
        return cls(Cache(Memory(MOST_HERE), shared=shared))

    async def text(self, asked: GraphQLRequest) -> str | None:
        """The document to run: the one sent, or the one remembered under the hash."""
        digest = digest_of(asked)
        if digest is None or asked.query is None:
            return asked.query if digest is None else await self._remembered(digest)
        if hashlib.sha256(asked.query.encode()).hexdigest() != digest:
            message = "The provided sha256Hash is not the query's."
            raise Refused(400, message, argument="extensions.persistedQuery.sha256Hash")
        return asked.query

    async def keep(self, asked: GraphQLRequest) -> None:
        """Remember a document that was sent with its hash, and that has been found valid."""
        digest = digest_of(asked)
        if digest is None or asked.query is None:
            return
        if self.cache.peek(TEXTS, "", (digest,)) is None:
            told = self.allowance.takes(ENTRY + len(asked.query.encode()))
            await self.cache.keep(replace(TEXTS, local=not told), "", (digest,), asked.query)

    async def _remembered(self, digest: str) -> str:
        found = await self.cache.recall(TEXTS, "", (digest,))
        if found is None:
            raise unknown()
        return found.value


def unknown() -> Refused:
    """No text is known under the hash; every client knows these words and this status."""
    return Refused(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


def digest_of(asked: GraphQLRequest) -> str | None:
    """The hash of a request that names its text by one."""
    named = asked.extensions.get("persistedQuery")
    if named is None:
        return None
    members = cast("dict[str, Any]", named) if isinstance(named, dict) else {}
    digest = members.get("sha256Hash")
    if not isinstance(digest, str) or members.get("version") != 1:
        message = "extensions.persistedQuery needs version 1 and a sha256Hash."
        raise Refused(400, message, argument="extensions.persistedQuery")
    return digest.lower() if digest.isascii() else digest
