"""The Relay node: what has an id and can be asked for again by it."""

from typing import Any

import strawberry

from providers.registry import Source
from resolvers.context import Owner, ResolverContext
from schema.global_id import encode

Info = strawberry.Info[ResolverContext, Any]

MAX_NODES = 100  # things to find again by `nodes`
MAX_REFERENCES = 1_000  # things a gateway asks for at once, which others' lists have brought along


@strawberry.interface(description="Something with an id, by which `node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(
        default=strawberry.ID(""),  # every type has a way of its own to make its id
        description="Opaque and lasting. It contains the account it was reached through, so that "
        "a client's cache never shows one player's state to another.",
    )


def encode_node_id(type_name: str, owner: Owner, *parts: str) -> strawberry.ID:
    """The id of something on an account's shelf, or on nobody's."""
    return strawberry.ID(encode(type_name, owner.source.name, owner.account_id, *parts))


def encode_definition_id(source: Source, *parts: str) -> strawberry.ID:
    """The id of the same thing without any player."""
    return encode_node_id("Achievement", Owner(source), *parts)
