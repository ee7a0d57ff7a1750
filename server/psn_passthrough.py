"""Known PSN hashes go straight to PSN; everything else goes to the graph."""

import re

from starlette.responses import Response

from providers.capabilities import HasPersistedQueries
from providers.errors import (
    BadInput,
    ProviderError,
)
from providers.kit.upstream.decode import unreadable
from providers.kit.upstream.retry import unconfirmed
from providers.kit.upstream.upstream_client import Reply
from providers.records import PersistedQuery
from providers.registry import Source
from resolvers.context import Viewer, may_not_write, needs_own
from server.apq import digest_of
from server.graphql_request import GraphQLRequest
from server.request_error import Refused

KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
INERT = "application/octet-stream"
# The whole of the header: a browser that finds a comma in it takes the type behind the comma.
DATA = re.compile(r"(?ai)(application/json|[\w.-]+/[\w.-]+\+json)[ \t]*(;[ -+\--~]*)?")
STATUSES = range(200, 600)


async def passed(asked: GraphQLRequest, viewer: Viewer, method: str) -> Response | None:
    """PSN's own answer byte for byte; None for a request that is not PSN's."""
    digest = digest_of(asked) if asked.query is None else None
    if digest is None:
        return None
    client = viewer.clients.get(Source.PSN)
    if not isinstance(client, HasPersistedQueries):
        return None
    known = (each for each in client.persisted_queries() if each.sha256_hash == digest)
    query = next(known, None)
    if query is None:
        return None
    if Source.PSN in viewer.refusals and not query.writes:
        raise viewer.refusals[Source.PSN]
    _check(query, asked, viewer, method)
    reply = await client.pass_through(query, asked.variables or {})
    if reply.status not in STATUSES:  # which HTTP has no way to pass on
        raise _unreadable(query)
    return _as_it_is(reply)


def _check(query: PersistedQuery, asked: GraphQLRequest, viewer: Viewer, method: str) -> None:
    if asked.operation_name not in (None, query.name):
        message = "operationName: not that of the hash."
        raise BadInput(message, argument="operationName", source=Source.PSN.name)
    if query.needs_sign_in and not viewer.speaks_for(Source.PSN):
        raise needs_own(Source.PSN)
    if not query.writes:
        return
    if method != "POST":
        refused = Refused(405, "An operation that writes is accepted by POST only.")
        refused.headers["Allow"] = "POST"
        raise refused
    if not viewer.may_write.get(Source.PSN):
        raise may_not_write(Source.PSN)


def _unreadable(query: PersistedQuery) -> ProviderError:
    return unconfirmed(Source.PSN.name) if query.writes else unreadable(Source.PSN.name)


def _as_it_is(reply: Reply) -> Response:
    content_type = reply.headers.get("content-type", INERT)
    # What a browser would render as a page of ours is handed out as data.
    shown = content_type if DATA.fullmatch(content_type) else INERT
    return Response(reply.body, reply.status, {**KEPT, "Content-Type": shown})
