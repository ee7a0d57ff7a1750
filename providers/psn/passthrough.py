"""Persisted operations passed through: asked as PSN wants it, answered as PSN answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers.kit.fetch import Reply, Upstream
from providers.kit.operation import current
from providers.psn.connection import LANGUAGE
from providers.psn.persisted import (
    PATH,
    Persisted,
    PersistedOperation,
    headers,
    persisted_extensions,
    written,
)
from providers.records import PersistedQuery


@dataclass(frozen=True)
class PassThrough:
    """The registry, and the way to PSN's GraphQL hosts."""

    persisted: Persisted

    def queries(self) -> tuple[PersistedQuery, ...]:
        """Every hash that is forwarded; no other ever is."""
        return tuple(
            _row(operation, digest)
            for operation in self.persisted.registry.operations
            for digest in operation.hashes
        )

    async def run(self, query: PersistedQuery, variables: Mapping[str, Any]) -> Reply:
        """PSN's own answer to one of them; nothing of the caller's goes along but the language."""
        operation = self.persisted.registry.hashed(query.sha256_hash)
        if operation is None:
            raise KeyError(query.name)
        await self._admitted()
        hosts = self.persisted.connection.hosts
        url = (hosts.mobile if operation.host == "mobile" else hosts.web) + PATH
        extensions = persisted_extensions(query.sha256_hash)
        spoken = {"Accept-Language": current().language or LANGUAGE, **headers(operation)}
        if operation.writes:
            body = {"operationName": operation.name, "variables": dict(variables)}
            whole = {**body, "extensions": extensions}
            return await self._upstream(operation).write(url, headers=spoken, json=whole, raw=True)
        params = {
            "operationName": operation.name,
            "variables": written(dict(variables)),
            "extensions": written(extensions),
        }
        return await self._upstream(operation).read(url, params=params, headers=spoken, raw=True)

    async def _admitted(self) -> None:
        """A caller has to be signed in, also for what PSN tells to everybody."""
        connection = self.persisted.connection
        if connection.caller and connection.upstream.authority is not None:
            await connection.upstream.authority.headers("")

    def _upstream(self, operation: PersistedOperation) -> Upstream:
        upstream = self.persisted.connection.upstream
        return upstream if operation.needs_sign_in else replace(upstream, authority=None)


def _row(operation: PersistedOperation, digest: str) -> PersistedQuery:
    return PersistedQuery(
        name=operation.name,
        sha256_hash=digest,
        host=operation.host,
        needs_sign_in=operation.needs_sign_in,
        writes=operation.writes,
        retired=operation.retired,
    )
