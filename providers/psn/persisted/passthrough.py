"""Persisted operations passed through: asked as PSN wants it, answered as PSN answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import quote

from providers.errors import BadInput, BadResponse, TooCostly
from providers.kit.request_context import DEFAULT_LANGUAGE, get_current
from providers.kit.upstream.decode import build_unreadable_error, parse_json
from providers.kit.upstream.upstream_client import UpstreamClient, UpstreamResponse
from providers.psn import errors
from providers.psn.persisted.operations import (
    GRAPHQL_PATH,
    PersistedOperation,
    PersistedOperations,
    build_extensions,
    build_headers,
    encode_json,
)
from providers.psn.urls import SOURCE
from providers.psn_records import PersistedQuery

# Bytes of all answers within one operation, each object and list counted as so many more: read,
# an empty one takes thirty times its text.
MAX_PASSTHROUGH_BYTES = 8 * 1024 * 1024
CONTAINER_COST_BYTES = 16
# As they stand in an address, which is no longer than 64 KiB with all else that is in it.
MAX_VARIABLES_LENGTH = 60_000


@dataclass(frozen=True)
class Passthrough:
    """The registry, and the way to PSN's GraphQL hosts."""

    operations: PersistedOperations

    def list_queries(self) -> tuple[PersistedQuery, ...]:
        """Every hash that is forwarded; no other ever is."""
        return tuple(
            _map_query(operation, digest)
            for operation in self.operations.registry.operations
            for digest in operation.hashes
        )

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        """PSN's own answer to one of them; nothing of the caller's goes along but the language."""
        operation = self._find_operation(query)
        await self._check_signed_in()
        if not operation.writes:
            return await self._send_read(operation, query, variables, raw=True)
        body = {"operationName": operation.name, "variables": dict(variables)}
        body_with_extensions = {**body, "extensions": build_extensions(query.sha256_hash)}
        return await self._choose_upstream(operation).write(
            self._build_url(operation),
            headers=_build_headers(operation),
            json=body_with_extensions,
            raw=True,
        )

    async def execute(self, query: PersistedQuery, variables: Mapping[str, Any]) -> Any:
        """What a GraphQL service says, its errors too; anything else is an error here as well."""
        await self._check_signed_in()
        _count_bytes(b"")
        reply = await self._send_read(self._find_operation(query), query, variables, raw=False)
        _count_bytes(reply.body)
        try:
            response = parse_json(reply.body, SOURCE)
        except BadResponse:
            response = None
        if isinstance(response, dict) and ("data" in response or "errors" in response):
            return cast("Any", response)
        errors.check(reply, errors.DEFAULT_RULES, is_caller=self.operations.api.is_caller)
        raise build_unreadable_error(SOURCE)

    async def _send_read(
        self,
        operation: PersistedOperation,
        query: PersistedQuery,
        variables: Mapping[str, Any],
        *,
        raw: bool,
    ) -> UpstreamResponse:
        params = {
            "operationName": operation.name,
            "variables": _check_variables(encode_json(dict(variables))),
            "extensions": encode_json(build_extensions(query.sha256_hash)),
        }
        return await self._choose_upstream(operation).read(
            self._build_url(operation), params=params, headers=_build_headers(operation), raw=raw
        )

    def _find_operation(self, query: PersistedQuery) -> PersistedOperation:
        operation = self.operations.registry.find_by_hash(query.sha256_hash)
        if operation is None:
            raise KeyError(query.name)
        return operation

    def _build_url(self, operation: PersistedOperation) -> str:
        hosts = self.operations.api.urls
        return (hosts.mobile if operation.host == "mobile" else hosts.web) + GRAPHQL_PATH

    async def _check_signed_in(self) -> None:
        """A caller has to be signed in, also for what PSN tells to everybody."""
        connection = self.operations.api
        if connection.is_caller and connection.upstream.authenticator is not None:
            await connection.upstream.authenticator.build_headers("")

    def _choose_upstream(self, operation: PersistedOperation) -> UpstreamClient:
        upstream = self.operations.api.upstream
        return upstream if operation.needs_sign_in else replace(upstream, authenticator=None)


def _check_variables(text: str) -> str:
    if len(text) > MAX_VARIABLES_LENGTH or len(quote(text)) > MAX_VARIABLES_LENGTH:
        message = f"variables: up to {MAX_VARIABLES_LENGTH:,} characters as JSON in an address."
        raise BadInput(message, argument="variables", source=SOURCE)
    return text


def _count_bytes(body: bytes) -> None:
    context = get_current()
    context.passthrough_bytes += len(body) + CONTAINER_COST_BYTES * (
        body.count(b"{") + body.count(b"[")
    )
    if context.passthrough_bytes > MAX_PASSTHROUGH_BYTES:
        message = "The answers of this operation are larger together than 8 MiB."
        raise TooCostly(message, source=SOURCE)


def _build_headers(operation: PersistedOperation) -> dict[str, str]:
    return {
        "Accept-Language": get_current().language or DEFAULT_LANGUAGE,
        **build_headers(operation),
    }


def _map_query(operation: PersistedOperation, digest: str) -> PersistedQuery:
    return PersistedQuery(
        name=operation.name,
        sha256_hash=digest,
        host=operation.host,
        needs_sign_in=operation.needs_sign_in,
        writes=operation.writes,
        retired=operation.retired,
    )
