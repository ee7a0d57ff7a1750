"""One path leads to its endpoint at once, and all others to the routes."""

import asyncio
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from server.middleware.direct_path import DirectPath
from tests.harness import RunningServer
from tests.server.middleware.guard_requests import discard_message, receive_disconnect

PATHS = ("/graphql", "/graphql/")


def find_called(**overrides: Any) -> list[str]:
    """Send a scope, and return which application was called."""
    called: list[str] = []

    def name(text: str) -> ASGIApp:
        async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
            called.append(text)

        return app

    scope = {"type": "http", "path": "/graphql", "root_path": "", **overrides}
    middleware = DirectPath(name("routes"), "/graphql", name("endpoint"))
    asyncio.run(middleware(scope, receive_disconnect, discard_message))
    return called


def test_a_request_to_the_path_is_sent_to_its_endpoint() -> None:
    assert find_called() == ["endpoint"]


@pytest.mark.parametrize(
    "overrides",
    [{"path": "/graphql/"}, {"path": "/"}, {"root_path": "/graphql"}, {"type": "websocket"}],
)
def test_any_other_request_is_sent_to_the_routes(overrides: dict[str, str]) -> None:
    assert find_called(**overrides) == ["routes"]


def test_the_routes_lead_to_the_same_endpoint(server: RunningServer) -> None:
    for text in ("{ __typename }", "{", None):
        direct, routed = (server.request("POST", path, json={"query": text}) for path in PATHS)
        assert (direct.status_code, direct.content) == (routed.status_code, routed.content)
