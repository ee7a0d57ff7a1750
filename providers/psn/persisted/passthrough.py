"""Persisted operations passed through: asked as PSN wants it, answered as PSN answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import quote

from providers.errors import BadInput, BadResponse, TooCostly
from providers.kit.request_context import LANGUAGE, current
from providers.kit.upstream.decode import parse, unreadable
from providers.kit.upstream.upstream_client import Reply, Upstream
from providers.psn import errors
from providers.psn.persisted.operations import (
    PATH,
    Persisted,
    PersistedOperation,
    headers,
    persisted_extensions,
    written,
)
from providers.psn.urls import SOURCE
from providers.records import PersistedQuery

# Bytes of all answers within one operation, each object and list counted as so many more: read,
# an empty one takes thirty times its text.
MOST_HANDED_ON = 8 * 1024 * 1024
OBJECT = 16
# As they stand in an address, which is no longer than 64 KiB with all else that is in it.
LONGEST_VARIABLES = 60_000


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
        operation = self._known(query)
        await self._admitted()
        if not operation.writes:
            return await self._read(operation, query, variables, raw=True)
        body = {"operationName": operation.name, "variables": dict(variables)}
        whole = {**body, "extensions": persisted_extensions(query.sha256_hash)}
        return await self._upstream(operation).write(
            self._url(operation), headers=_spoken(operation), json=whole, raw=True
        )

    async def answer(self, query: PersistedQuery, variables: Mapping[str, Any]) -> Any:
        """What a GraphQL service says, its errors too; anything else is an error here as well."""
        await self._admitted()
        _hand_on(b"")
        reply = await self._read(self._known(query), query, variables, raw=False)
        _hand_on(reply.body)
        try:
            said = parse(reply.body, SOURCE)
        except BadResponse:
            said = None
        if isinstance(said, dict) and ("data" in said or "errors" in said):
            return cast("Any", said)
        errors.check(reply, errors.OTHER, caller=self.persisted.connection.caller)
        raise unreadable(SOURCE)

    async def _read(
        self,
        operation: PersistedOperation,
        query: PersistedQuery,
        variables: Mapping[str, Any],
        *,
        raw: bool,
    ) -> Reply:
        params = {
            "operationName": operation.name,
            "variables": _fitting(written(dict(variables))),
            "extensions": written(persisted_extensions(query.sha256_hash)),
        }
        return await self._upstream(operation).read(
            self._url(operation), params=params, headers=_spoken(operation), raw=raw
        )

    def _known(self, query: PersistedQuery) -> PersistedOperation:
        operation = self.persisted.registry.hashed(query.sha256_hash)
        if operation is None:
            raise KeyError(query.name)
        return operation

    def _url(self, operation: PersistedOperation) -> str:
        hosts = self.persisted.connection.hosts
        return (hosts.mobile if operation.host == "mobile" else hosts.web) + PATH

    async def _admitted(self) -> None:
        """A caller has to be signed in, also for what PSN tells to everybody."""
        connection = self.persisted.connection
        if connection.caller and connection.upstream.authority is not None:
            await connection.upstream.authority.headers("")

    def _upstream(self, operation: PersistedOperation) -> Upstream:
        upstream = self.persisted.connection.upstream
        return upstream if operation.needs_sign_in else replace(upstream, authority=None)


def _fitting(text: str) -> str:
    if len(text) > LONGEST_VARIABLES or len(quote(text)) > LONGEST_VARIABLES:
        message = f"variables: up to {LONGEST_VARIABLES:,} characters as JSON in an address."
        raise BadInput(message, argument="variables", source=SOURCE)
    return text


def _hand_on(body: bytes) -> None:
    operation = current()
    operation.handed_on += len(body) + OBJECT * (body.count(b"{") + body.count(b"["))
    if operation.handed_on > MOST_HANDED_ON:
        message = "The answers of this operation are larger together than 8 MiB."
        raise TooCostly(message, source=SOURCE)


def _spoken(operation: PersistedOperation) -> dict[str, str]:
    return {"Accept-Language": current().language or LANGUAGE, **headers(operation)}


def _row(operation: PersistedOperation, digest: str) -> PersistedQuery:
    return PersistedQuery(
        name=operation.name,
        sha256_hash=digest,
        host=operation.host,
        needs_sign_in=operation.needs_sign_in,
        writes=operation.writes,
        retired=operation.retired,
    )
