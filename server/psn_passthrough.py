"""Pass-through of PSN's persisted operations: known hashes go to PSN, all others to the graph."""

import re

from starlette.responses import Response

from providers.capabilities import HasPersistedQueries, has_capability
from providers.errors import BadInput, ProviderError
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.retry import build_unconfirmed_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.psn_records import PersistedQuery
from providers.registry import Source
from resolvers.context import Viewer, own_credential_required, write_forbidden
from server.apq import read_digest
from server.graphql_request import GraphQLRequest
from server.request_error import RequestRejected

RESPONSE_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
OPAQUE_TYPE = "application/octet-stream"
# Matches the whole header: where it has a comma, browsers take the type behind the comma.
JSON_CONTENT_TYPE = re.compile(r"(?ai)(application/json|[\w.-]+/[\w.-]+\+json)[ \t]*(;[ -+\--~]*)?")
RELAYABLE_STATUSES = range(200, 600)


async def try_pass_through(
    graphql_request: GraphQLRequest, viewer: Viewer, method: str
) -> Response | None:
    """Return PSN's response byte for byte; None for a request without the hash of an operation."""
    digest = read_digest(graphql_request) if graphql_request.query is None else None
    if digest is None:
        return None
    client = viewer.clients.get(Source.PSN)
    if not has_capability(client, HasPersistedQueries):
        return None
    matches = (each for each in client.get_persisted_queries() if each.sha256_hash == digest)
    query = next(matches, None)
    if query is None:
        return None
    if Source.PSN in viewer.source_errors and not query.writes:
        raise viewer.source_errors[Source.PSN]
    _check_allowed(query, graphql_request, viewer, method)
    response = await client.pass_through(query, graphql_request.variables or {})
    if response.status not in RELAYABLE_STATUSES:  # no valid final status of an HTTP response
        raise _make_unreadable_error(query)
    return _build_raw_response(response)


def _check_allowed(
    query: PersistedQuery, graphql_request: GraphQLRequest, viewer: Viewer, method: str
) -> None:
    if graphql_request.operation_name not in (None, query.name):
        message = "operationName must be the name of the operation with this hash."
        raise BadInput(message, argument="operationName", source=Source.PSN.name)
    if (query.needs_sign_in or viewer.is_public) and not viewer.has_own_credential(Source.PSN):
        raise own_credential_required(Source.PSN)
    if not query.writes:
        return
    if method != "POST":
        rejection = RequestRejected(405, "An operation that writes must be sent by POST.")
        rejection.headers["Allow"] = "POST"
        raise rejection
    if not viewer.can_write.get(Source.PSN):
        raise write_forbidden(Source.PSN)


def _make_unreadable_error(query: PersistedQuery) -> ProviderError:
    return (
        build_unconfirmed_error(Source.PSN.name)
        if query.writes
        else build_unreadable_error(Source.PSN.name)
    )


def _build_raw_response(response: UpstreamResponse) -> Response:
    content_type = response.headers.get("content-type", OPAQUE_TYPE)
    # Anything that a browser could render as a page of this server is sent as bytes.
    safe_type = content_type if JSON_CONTENT_TYPE.fullmatch(content_type) else OPAQUE_TYPE
    return Response(response.body, response.status, {**RESPONSE_HEADERS, "Content-Type": safe_type})
