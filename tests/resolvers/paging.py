"""Reads a connection to its end, as a client does."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.harness import RunningServer

MAX_PAGES = 400


def fetch_all_edges(
    server: RunningServer,
    query: str,
    variables: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    between: Callable[[int], object] = lambda _page: None,
) -> list[Any]:
    """Read all edges page by page; call `between` after each page except the last."""
    edges: list[Any] = []
    after: str | None = None
    for page in range(MAX_PAGES):
        found = fetch_connection(server, query, {**variables, "after": after}, headers)
        info = found["pageInfo"]
        assert info["hasPreviousPage"] is (after is not None)
        assert {status["state"] for status in found["sources"]} == {"OK"}
        cursors = [edge["cursor"] for edge in found["edges"]]
        assert [info["startCursor"], info["endCursor"]] == [cursors[0], cursors[-1]]
        edges += found["edges"]
        if not info["hasNextPage"]:
            return edges
        assert len(cursors) == variables["first"]
        after = info["endCursor"]
        between(page)
    raise AssertionError(f"no end after {MAX_PAGES} pages")


def fetch_connection(
    server: RunningServer,
    query: str,
    variables: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Any:
    """Return the only connection of the only user in the response."""
    (found,) = server.fetch_data(query, variables, headers)["user"].values()
    return found


def get_nodes(edges: list[Any]) -> list[Any]:
    return [edge["node"] for edge in edges]
