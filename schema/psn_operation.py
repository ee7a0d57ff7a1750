"""PSN's own persisted operations, listed and run as they are."""

from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from providers.capabilities import HasPersistedQueries
from providers.errors import BadInput, Forbidden
from providers.registry import Source
from resolvers.context import ResolverContext, own_credential_required
from schema import from_record


@strawberry.federation.type(
    shareable=True, description="An operation that PSN keeps under a hash of its text."
)
class PsnOperation:
    name: str = strawberry.field(description="Its name; several hashes may share it.")
    sha256_hash: str = strawberry.field(description="The hash that is sent for the text.")
    host: str = strawberry.field(description="Which of PSN's GraphQL hosts: mobile or web.")
    needs_sign_in: bool = strawberry.field(description="Whether PSN wants a token for it.")
    writes: bool = strawberry.field(
        description="Whether it changes something: by POST only, with the rights of a mutation."
    )
    retired: bool = strawberry.field(
        description="Whether PSN is known to have ended what it is about."
    )


def list_operations(context: ResolverContext) -> list[PsnOperation]:
    """The registry; nothing is passed through for a viewer without PSN."""
    client = context.viewer.clients.get(Source.PSN)
    if not isinstance(client, HasPersistedQueries):
        return []
    return [from_record.from_record(PsnOperation, each) for each in client.get_persisted_queries()]


async def run_operation(context: ResolverContext, name: str, variables: JSON | None) -> Any:
    """The upstream's answer to an operation that does not write."""
    client = context.loaders.get_client(Source.PSN)
    queries = client.get_persisted_queries() if isinstance(client, HasPersistedQueries) else ()
    query = next((each for each in queries if each.name == name), None)
    if query is None or not isinstance(client, HasPersistedQueries):
        message = "name: not one of psnOperations."
        raise BadInput(message, argument="name", source=Source.PSN.name)
    if query.writes:
        message = "An operation that writes is only passed through by POST."
        raise Forbidden(message, source=Source.PSN.name)
    if query.needs_sign_in and not context.viewer.has_own_credential(Source.PSN):
        raise own_credential_required(Source.PSN)
    query_variables = cast("dict[str, Any]", variables or {})
    if not isinstance(query_variables, dict):  # pyright: ignore[reportUnnecessaryIsInstance] - it may be any JSON
        message = "variables: has to be an object."
        raise BadInput(message, argument="variables", source=Source.PSN.name)
    return await client.execute_persisted_query(query, query_variables)
