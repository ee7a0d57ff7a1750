"""PSN's own persisted operations, listed and executed unchanged."""

from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from providers.capabilities import HasPersistedQueries
from providers.errors import BadInput, Forbidden
from providers.registry import Source
from resolvers.context import ResolverContext, own_credential_required
from schema.from_record import from_record


@strawberry.federation.type(
    shareable=True, description="An operation that PSN stores under the hash of its text."
)
class PsnOperation:
    name: str = strawberry.field(
        description="The operation's name; several hashes can have the same."
    )
    sha256_hash: str = strawberry.field(description="The hash that is sent in place of the text.")
    host: str = strawberry.field(description="PSN's GraphQL host: mobile or web.")
    needs_sign_in: bool = strawberry.field(description="Whether PSN requires a token.")
    writes: bool = strawberry.field(
        description="Whether it writes. If so, it needs a POST request and the permissions of a "
        "mutation."
    )
    retired: bool = strawberry.field(description="Whether PSN is known to have retired it.")


def list_operations(context: ResolverContext) -> list[PsnOperation]:
    """Return the operations in the registry; none for a viewer without PSN."""
    client = context.viewer.clients.get(Source.PSN)
    if not isinstance(client, HasPersistedQueries):
        return []
    return [from_record(PsnOperation, each) for each in client.get_persisted_queries()]


async def run_operation(context: ResolverContext, name: str, variables: JSON | None) -> Any:
    """Execute an operation that does not write, and return the upstream's response unchanged."""
    client = context.loaders.get_client(Source.PSN)
    queries = client.get_persisted_queries() if isinstance(client, HasPersistedQueries) else ()
    query = next((each for each in queries if each.name == name), None)
    if query is None or not isinstance(client, HasPersistedQueries):
        message = "name: must be one of psnOperations."
        raise BadInput(message, argument="name", source=Source.PSN.name)
    if query.writes:
        message = "An operation that writes must be sent by POST."
        raise Forbidden(message, source=Source.PSN.name)
    if (query.needs_sign_in or context.viewer.is_public) and not context.viewer.has_own_credential(
        Source.PSN
    ):
        raise own_credential_required(Source.PSN)
    query_variables = cast("dict[str, Any]", variables or {})
    if not isinstance(query_variables, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - it may be any JSON
        message = "variables: must be an object."
        raise BadInput(message, argument="variables", source=Source.PSN.name)
    return await client.execute_persisted_query(query, query_variables)
