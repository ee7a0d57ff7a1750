"""Connections of the Relay cursor specification: their arguments, and how a page becomes one."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from providers.errors import BadInput
from resolvers.pagination import Page
from resolvers.status import Status
from schema.global_id import encode
from schema.list_cursors import CursorList
from schema.source import SourceStatus

T = TypeVar("T")
RowT = TypeVar("RowT")
PositionT = TypeVar("PositionT")
ConnectionT = TypeVar("ConnectionT", bound="Connection[Any]")

Count = Callable[[], Awaitable[int | None]]

MAX_PAGE_SIZE = 100

FirstArgument = Annotated[
    int,
    strawberry.argument(
        description="The size of the page, 1 to 100; any other number is BAD_USER_INPUT."
    ),
]
AfterArgument = Annotated[
    str | None,
    strawberry.argument(description="The cursor after which the page starts; opaque and stable."),
]


def _encode_cursor(self: "Edge[Any]") -> str:
    return encode(self.list_name, *self.position)


def _encode_start_cursor(self: "PageInfo") -> str | None:
    return _encode_cursor(self.edges[0]) if self.edges else None


def _encode_end_cursor(self: "PageInfo") -> str | None:
    return _encode_cursor(self.edges[-1]) if self.edges else None


@strawberry.federation.type(shareable=True, description="The position of a page in the whole list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is a page after this one.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page was requested with a cursor."
    )
    start_cursor: str | None = strawberry.field(
        resolver=_encode_start_cursor, description="The cursor of the first entry."
    )
    end_cursor: str | None = strawberry.field(
        resolver=_encode_end_cursor, description="The cursor of the last entry."
    )
    edges: strawberry.Private[Sequence[Any]]


@strawberry.type(description="An entry of a list, with its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(
        resolver=_encode_cursor, description="The entry's cursor, for the argument `after`."
    )
    node: T = strawberry.field(description="The entry.")
    list_name: strawberry.Private[str]
    position: strawberry.Private[tuple[object, ...]]


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The entries of the page, in order.")
    page_info: PageInfo = strawberry.field(description="The position of the page in the list.")
    sources: list[SourceStatus] = strawberry.field(
        description="The status of each of the user's accounts that supports this list, and of "
        "each source in the argument `sources` on which the user has no account. If a source is "
        "not OK, entries can be missing."
    )
    count: strawberry.Private[Count]

    @strawberry.field(
        description="The number of entries in the whole list; null if a source does not count them."
    )
    async def total_count(self) -> int | None:
        return await self.count()


@dataclass(frozen=True)
class PageRequest(Generic[PositionT]):
    """The validated arguments of a connection; `position` is None for the first page."""

    list_name: str
    first: int
    after: str | None
    position: PositionT | None


def parse_page_request(
    cursor_list: CursorList[PositionT], first: int, after: str | None
) -> PageRequest[PositionT]:
    """Validate the arguments of a connection; `BadInput` names the invalid one."""
    check_page_size(first)
    after = or_none(after) or None
    return PageRequest(cursor_list.name, first, after, cursor_list.decode(after))


def check_page_size(first: int) -> None:
    """Raise `BadInput` for a page size out of range."""
    if not 1 <= first <= MAX_PAGE_SIZE:
        raise BadInput(f"first: must be from 1 to {MAX_PAGE_SIZE}.", argument="first")


def build_connection(
    connection_type: type[ConnectionT],
    request: PageRequest[Any],
    page: Page[RowT],
    build_node: Callable[[RowT], object],
    *,
    unlinked: Sequence[Status] = (),
    count: Count | None = None,
    **extra: Any,
) -> ConnectionT:
    """Build a connection of a page; each row becomes a node, and its position the cursor.

    `unlinked` are the statuses of requested sources without an account. Without `count` the total
    of the page is used.
    """
    edges = [
        Edge(node=build_node(row), list_name=request.list_name, position=position)
        for position, row in page.rows
    ]
    page_info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=request.after is not None,
        edges=edges,
    )
    return connection_type(
        edges=edges,
        page_info=page_info,
        sources=source_statuses([*page.statuses, *unlinked]),
        count=count or constant(page.total),
        **extra,
    )


def source_statuses(statuses: Iterable[Status]) -> list[SourceStatus]:
    """Return the statuses as GraphQL types."""
    return [SourceStatus.from_status(status) for status in statuses]


def constant(total: int | None) -> Count:
    """Return a function that returns a total that is known already."""

    async def get_total() -> int | None:
        return total

    return get_total


def or_none(value: T | None) -> T | None:
    """Return an argument's value; None if it was left out."""
    return None if value is strawberry.UNSET else value
