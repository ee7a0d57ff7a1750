"""Connections after the Relay cursor specification, over remote pages."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from providers.errors import BadInput
from resolvers.status import Status
from schema.source import SourceStatus

T = TypeVar("T")

MAX_PAGE_SIZE = 100

FirstArgument = Annotated[
    int, strawberry.argument(description="How many, 1 to 100; anything else is BAD_USER_INPUT.")
]
AfterArgument = Annotated[
    str | None,
    strawberry.argument(description="The cursor after which to go on; opaque and stable."),
]


@strawberry.federation.type(shareable=True, description="Where a page stands in the whole.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page was asked for after a cursor."
    )
    start_cursor: str | None = strawberry.field(description="The first entry's cursor.")
    end_cursor: str | None = strawberry.field(description="The last entry's cursor.")


@strawberry.type(description="An entry and its place.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The entry's place, to go on after.")
    node: T = strawberry.field(description="The entry.")


@strawberry.type(description="A stretch of entries.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The entries in their order.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    sources: list[SourceStatus] = strawberry.field(
        description="One for each of the user's accounts that can answer this, and one for each "
        "source that was asked for by name and that the user has no account of. A source that is "
        "not OK here is why entries may be missing."
    )
    count: strawberry.Private[Callable[[], Awaitable[int | None]]]

    @strawberry.field(description="How many there are in all; null when no source tells.")
    async def total_count(self) -> int | None:
        return await self.count()


def validate_first(first: int) -> int:
    """A page size that is allowed."""
    if 1 <= first <= MAX_PAGE_SIZE:
        return first
    raise BadInput(f"first: from 1 to {MAX_PAGE_SIZE}.", argument="first")


def build_page_info(edges: Sequence[Edge[Any]], *, after: str | None, has_next: bool) -> PageInfo:
    """The page info of a forward page."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )


def source_statuses(statuses: Iterable[Status]) -> list[SourceStatus]:
    """The sources' states as GraphQL types."""
    return [SourceStatus.from_status(status) for status in statuses]


def constant(count: int | None) -> Callable[[], Awaitable[int | None]]:
    """A count that is known already."""

    async def answer() -> int | None:
        return count

    return answer


def or_none(value: T | None) -> T | None:
    """An argument's value; None where it was left out."""
    return None if value is strawberry.UNSET else value
