"""The key of a stored response: the request and the viewer, and all else that can change it."""

import msgspec

from providers.kit.request_context import RequestContext
from server.authentication import Caller
from server.graphql_request import GraphQLRequest
from server.response_cache import ResponseKey


def build_response_key(
    request: GraphQLRequest, text: str, caller: Caller, context: RequestContext, public_url: str
) -> ResponseKey | None:
    """Build the key; None for a request whose response is never stored.

    Before a source has accepted a credential, and after it has rejected one, the caller may not
    see what is cached.
    """
    if not all(client.is_accepted for client in caller.viewer.clients.values()):
        return None
    variables = msgspec.json.encode(request.variables) if request.variables else b""
    return (
        text,
        request.operation_name,
        variables,
        context.languages,
        public_url,
        caller.may_introspect,
        caller.viewer.identity,
    )
