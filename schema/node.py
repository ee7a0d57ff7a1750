"""The Relay node: what has an id and can be asked for again by it."""

from typing import Any

import strawberry

from providers.registry import Source
from resolvers.context import Context, Shelf
from schema.global_id import packed

Info = strawberry.Info[Context, Any]

MOST_AT_ONCE = 100  # things to find again by `nodes`
MOST_REFERENCES = 1_000  # things a gateway asks for at once, which others' lists have brought along


@strawberry.interface(description="Something with an id, by which `node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(
        default=strawberry.ID(""),  # every type has a way of its own to make its id
        description="Opaque and lasting. It contains the account it was reached through, so that "
        "a client's cache never shows one player's state to another.",
    )


def node_id(kind: str, shelf: Shelf, *parts: str) -> strawberry.ID:
    """The id of something on an account's shelf, or on nobody's."""
    return strawberry.ID(packed(kind, shelf.source.name, shelf.account_id, *parts))


def definition_id(source: Source, *parts: str) -> strawberry.ID:
    """The id of the same thing without any player."""
    return node_id("Achievement", Shelf(source), *parts)
