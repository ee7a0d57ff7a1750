"""Requests that read by persisted operations, under whichever hash PSN still accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from providers.errors import BadResponse, SourceRetired
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn import errors
from providers.psn.api import PsnApi
from providers.psn.persisted.models import GraphqlError, GraphqlErrorsResponse
from providers.psn.persisted.registry import OperationRegistry, PersistedOperation
from providers.psn.urls import SOURCE

GRAPHQL_PATH = "/api/graphql/v1/op"
# PSN's apps send their version; PSN accepts any.
CLIENT_VERSION = "26.4.0"


@dataclass(frozen=True)
class PersistedOperations:
    """Requests by persisted operations that read."""

    api: PsnApi
    registry: OperationRegistry

    async def run(self, name: str, variables: Mapping[str, object]) -> UpstreamResponse:
        """Return the response to an operation; `SourceRetired` if PSN knows none of its hashes."""
        operation = self.registry.find_by_name(name)
        if operation is None:
            raise _build_retired_error()
        for digest in self.registry.order_hashes(operation):
            reply = await self._send(operation, digest, variables)
            if not is_unknown_hash(reply):
                self.registry.record_working_hash(operation, digest)
                return self.api.check(reply, errors.DEFAULT_RULES)
        raise _build_retired_error()

    async def _send(
        self, operation: PersistedOperation, digest: str, variables: Mapping[str, object]
    ) -> UpstreamResponse:
        url = build_url(self.api, operation)
        params = build_params(operation, digest, encode_json(dict(variables)))
        api = choose_api(self.api, operation)
        return await api.get_unchecked(url, params, build_headers(operation))


def choose_api(api: PsnApi, operation: PersistedOperation) -> PsnApi:
    """Return the API without a credential for an operation that needs no sign-in."""
    return api if operation.needs_sign_in else api.without_credential()


def build_url(api: PsnApi, operation: PersistedOperation) -> str:
    """Build the URL of the GraphQL endpoint on the operation's host."""
    return (api.urls.mobile if operation.host == "mobile" else api.urls.web) + GRAPHQL_PATH


def build_params(
    operation: PersistedOperation, digest: str, encoded_variables: str
) -> dict[str, str]:
    """Build the query parameters of a GET request."""
    return {
        "operationName": operation.name,
        "variables": encoded_variables,
        "extensions": encode_json(build_extensions(digest)),
    }


def build_headers(operation: PersistedOperation) -> dict[str, str]:
    """Build the headers without which PSN's GraphQL servers reject a request."""
    client_name = {"apollographql-client-name": operation.client} if operation.client else {}
    return {
        **client_name,
        "apollographql-client-version": CLIENT_VERSION,
        "apollo-require-preflight": "true",
        "Content-Type": "application/json",
    }


def build_extensions(digest: str) -> dict[str, Any]:
    """Build the `extensions` that name an operation by its hash."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest}}


def encode_json(value: object) -> str:
    """Encode a value as JSON text."""
    return msgspec.json.encode(value).decode()


def read_errors(reply: UpstreamResponse) -> list[GraphqlError]:
    """Return the GraphQL errors, which mostly come with HTTP status 200."""
    try:
        return reply.decode(GraphqlErrorsResponse).errors or []
    except BadResponse:
        return []


def is_unknown_hash(reply: UpstreamResponse) -> bool:
    """Return whether PSN does not know the hash, by its newer or its older error message."""
    return any(_means_unknown_hash(error) for error in read_errors(reply))


def _means_unknown_hash(error: GraphqlError) -> bool:
    code = error.extensions.code if error.extensions else None
    is_older_wording = error.message.startswith("Query ") and error.message.endswith(
        " not whitelisted"
    )
    return (
        is_older_wording
        or error.message == "PersistedQueryNotFound"
        or code == "PERSISTED_QUERY_NOT_FOUND"
    )


def _build_retired_error() -> SourceRetired:
    return SourceRetired("PSN no longer supports this operation.", source=SOURCE)
