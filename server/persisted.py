"""Automatic persisted queries of our own callers: a text under the hash of itself."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, cast

from providers.kit.cache import Cache, Kind
from server.request import GraphQLRequest, Refused

DAY = 86_400
TEXTS: Kind[str] = Kind("server.query", str, fresh=DAY, shared=True)
LONGEST = 60_000


@dataclass(frozen=True)
class PersistedQueries:
    """Texts that callers have sent before, bounded with everything else that is remembered."""

    cache: Cache

    async def text(self, asked: GraphQLRequest) -> str | None:
        """The document to run: the one sent, or the one remembered under the hash."""
        digest = digest_of(asked)
        if digest is None:
            return asked.query
        if asked.query is None:
            return await self._remembered(digest)
        if len(asked.query) <= LONGEST:
            await self._keep(digest, asked.query)
        return asked.query

    async def _remembered(self, digest: str) -> str:
        found = await self.cache.recall(TEXTS, "", (digest,))
        if found is None:
            raise Refused(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return found.value

    async def _keep(self, digest: str, text: str) -> None:
        if not hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), digest):
            message = "The provided sha256Hash is not the query's."
            raise Refused(400, message, argument="extensions.persistedQuery.sha256Hash")
        await self.cache.keep(TEXTS, "", (digest,), text)


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
