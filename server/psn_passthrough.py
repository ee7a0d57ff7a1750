"""Known PSN hashes go straight to PSN; everything else goes to the graph."""

import re

from providers.psn_records import PersistedQuery
from starlette.responses import Response

from providers.capabilities import HasPersistedQueries
from providers.errors import (
    BadInput,
    ProviderError,
)
from providers.kit.upstream.decode import build_unreadable_error
from providers.kit.upstream.retry import build_unconfirmed_error
from providers.kit.upstream.upstream_client import UpstreamResponse
from providers.registry import Source
from resolvers.context import Viewer, own_credential_required, write_forbidden
from server.apq import read_digest
from server.graphql_request import GraphQLRequest
from server.request_error import RequestRejected

RESPONSE_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OPAQUE_TYPE = "application/octet-stream"
# The whole of the header: a browser that finds a comma in it takes the type behind the comma.
JSON_CONTENT_TYPE = re.compile(r"(?ai)(application/json|[\w.-]+/[\w.-]+\+json)[ \t]*(;[ -+\--~]*)?")
RELAYABLE_STATUSES = range(200, 600)


async def try_pass_through(
    graphql_request: GraphQLRequest, viewer: Viewer, method: str
) -> Response | None:
    """PSN's own answer byte for byte; None for a request that is not PSN's."""
    digest = read_digest(graphql_request) if graphql_request.query is None else None
    if digest is None:
        return None
    client = viewer.clients.get(Source.PSN)
    if not isinstance(client, HasPersistedQueries):
        return None
    matches = (each for each in client.get_persisted_queries() if each.sha256_hash == digest)
    query = next(matches, None)
    if query is None:
        return None
    if Source.PSN in viewer.source_errors and not query.writes:
        raise viewer.source_errors[Source.PSN]
    _check_allowed(query, graphql_request, viewer, method)
    reply = await client.pass_through(query, graphql_request.variables or {})
    if reply.status not in RELAYABLE_STATUSES:  # which HTTP has no way to pass on
        raise _make_unreadable_error(query)
    return _build_raw_response(reply)


def _check_allowed(
    query: PersistedQuery, graphql_request: GraphQLRequest, viewer: Viewer, method: str
) -> None:
    if graphql_request.operation_name not in (None, query.name):
        message = "operationName: not that of the hash."
        raise BadInput(message, argument="operationName", source=Source.PSN.name)
    if query.needs_sign_in and not viewer.has_own_credential(Source.PSN):
        raise own_credential_required(Source.PSN)
    if not query.writes:
        return
    if method != "POST":
        rejection = RequestRejected(405, "An operation that writes is accepted by POST only.")
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


def _build_raw_response(reply: UpstreamResponse) -> Response:
    content_type = reply.headers.get("content-type", OPAQUE_TYPE)
    # What a browser would render as a page of ours is handed out as data.
    safe_type = content_type if JSON_CONTENT_TYPE.fullmatch(content_type) else OPAQUE_TYPE
    return Response(reply.body, reply.status, {**RESPONSE_HEADERS, "Content-Type": safe_type})
