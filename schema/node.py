"""Relay nodes: objects that can be refetched by their ids."""

from typing import Any

import strawberry

from providers.registry import Source
from resolvers.context import Owner, ResolverContext
from schema.from_record import ReadsRecord
from schema.global_id import encode

Info = strawberry.Info[ResolverContext, Any]

MAX_NODES = 100  # ids in one `nodes`
MAX_REFERENCES = (
    1_000  # in one `_entities`: a gateway sends all that other subgraphs' lists contain
)


@strawberry.interface(description="An object that `node` finds by its id.")
class Node(ReadsRecord):
    id: strawberry.ID = strawberry.field(
        default=strawberry.ID(""),  # each type has its own resolver
        description="Opaque and lasting. It contains the account through which the object was "
        "reached, so that a client's cache never mixes the state of two players.",
    )


def encode_node_id(type_name: str, owner: Owner, *parts: str) -> strawberry.ID:
    """Return the id of an object of an account, or of a definition without one."""
    return strawberry.ID(encode(type_name, owner.source.name, owner.account_id, *parts))


def encode_definition_id(source: Source, *parts: str) -> strawberry.ID:
    """Return the id of an achievement's definition, the same for every player."""
    return encode_node_id("Achievement", Owner(source), *parts)
