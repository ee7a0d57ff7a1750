"""Passes requests for persisted operations through to PSN, and its responses back unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from providers.errors import BadInput, BadResponse, TooCostly
from providers.kit.request_context import get_current
from providers.kit.upstream.decode import build_unreadable_error, parse_json
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi, build_language_header
from providers.psn.persisted.operations import (
    build_extensions,
    build_headers,
    build_params,
    build_url,
    choose_api,
    encode_json,
)
from providers.psn.persisted.registry import OperationRegistry, PersistedOperation
from providers.psn.urls import SOURCE
from providers.psn_records import PersistedQuery

# For all responses of one request together. Each object and list counts as 16 bytes more, because
# decoded, an empty one takes thirty times the memory of its text.
MAX_PASSTHROUGH_BYTES = 8 * 1024 * 1024
CONTAINER_COST_BYTES = 16
# Both plain and percent-encoded: the HTTP client limits a whole URL to 64 KiB.
MAX_VARIABLES_LENGTH = 60_000


@dataclass(frozen=True)
class Passthrough:
    """The operations of the registry, passed through; no others are."""

    api: PsnApi
    registry: OperationRegistry

    def get_persisted_queries(self) -> tuple[PersistedQuery, ...]:
        """Return every operation once for each of its hashes."""
        return self.registry.queries

    async def pass_through(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> UpstreamResponse:
        """Return PSN's response, whatever it is; of the caller, only the language is sent."""
        operation = self._find_operation(query)
        await self.api.check_caller_signed_in()
        if not operation.writes:
            return await self._send_read(operation, query, variables, raw=True)
        body = {
            "operationName": operation.name,
            "variables": dict(variables),
            "extensions": build_extensions(query.sha256_hash),
        }
        return await choose_api(self.api, operation).upstream.write(
            build_url(self.api, operation), headers=_build_headers(operation), json=body, raw=True
        )

    async def execute_persisted_query(
        self, query: PersistedQuery, variables: Mapping[str, Any]
    ) -> Any:
        """Return PSN's `{data, errors}`; raise an error for any other response.

        Raise `TooCostly` if the responses of this request together exceed 8 MiB.
        """
        await self.api.check_caller_signed_in()
        _count_bytes(b"")
        reply = await self._send_read(self._find_operation(query), query, variables, raw=False)
        _count_bytes(reply.body)
        try:
            response = parse_json(reply.json_text, SOURCE)
        except BadResponse:
            response = None
        if isinstance(response, dict) and ("data" in response or "errors" in response):
            return cast("Any", response)
        self.api.check(reply, errors.DEFAULT_RULES)
        raise build_unreadable_error(SOURCE)

    async def _send_read(
        self,
        operation: PersistedOperation,
        query: PersistedQuery,
        variables: Mapping[str, Any],
        *,
        raw: bool,
    ) -> UpstreamResponse:
        encoded_variables = _check_variables(encode_json(dict(variables)))
        return await choose_api(self.api, operation).upstream.read(
            build_url(self.api, operation),
            params=build_params(operation, query.sha256_hash, encoded_variables),
            headers=_build_headers(operation),
            raw=raw,
            blames_host=False,
        )

    def _find_operation(self, query: PersistedQuery) -> PersistedOperation:
        operation = self.registry.find_by_hash(query.sha256_hash)
        if operation is None:
            raise KeyError(query.name)
        return operation


def _check_variables(text: str) -> str:
    # Quoted, a text has at most twelve times as many characters.
    if 12 * len(text) > MAX_VARIABLES_LENGTH and len(quote(text)) > MAX_VARIABLES_LENGTH:
        message = (
            f"variables must have at most {MAX_VARIABLES_LENGTH:,} characters as JSON in a URL."
        )
        raise BadInput(message, argument="variables", source=SOURCE)
    return text


def _count_bytes(body: bytes) -> None:
    context = get_current()
    context.passthrough_bytes += len(body) + CONTAINER_COST_BYTES * (
        body.count(b"{") + body.count(b"[")
    )
    if context.passthrough_bytes > MAX_PASSTHROUGH_BYTES:
        message = "The responses to PSN operations in this request exceed 8 MiB: request less."
        raise TooCostly(message, source=SOURCE)


def _build_headers(operation: PersistedOperation) -> dict[str, str]:
    return {**build_language_header(), **build_headers(operation)}
