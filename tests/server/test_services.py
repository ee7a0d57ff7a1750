"""The way to the network can be replaced in one line: httpx's own transport gives the same."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.registry import Source
from server import services
from server.app import create_app
from server.settings import read_settings
from tests.harness import BASE_URL
from tests.server.command_process import SandboxProcess

pytestmark = pytest.mark.slow

QUERY = """{ viewer {
  accounts { source displayName }
  trophyTitles(first: 5) { edges { node { id name achievements { name earned } } } }
  achievements(first: 20) { edges { node { id name } } sources { state } }
} }"""


async def fetch(settings: dict[str, str]) -> Any:
    app = create_app(read_settings(settings, sandbox=False))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return (await client.post("/graphql", json={"query": QUERY})).json()


def test_responses_and_calls_are_the_same_with_httpxs_transport(
    upstream: SandboxProcess, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = upstream.build_settings(state, *Source, TROPHYCASE_CACHE_URL="memory://")
    ours = asyncio.run(fetch(settings))
    used: list[httpx.AsyncBaseTransport] = []

    def create_httpxs_transport() -> httpx.AsyncBaseTransport:
        used.append(httpx.AsyncHTTPTransport(trust_env=False))
        return used[0]

    monkeypatch.setattr(services, "create_transport", create_httpxs_transport)

    theirs = asyncio.run(fetch(settings))

    assert used
    assert "errors" not in ours
    assert theirs["data"] == ours["data"]
    assert theirs["extensions"]["upstream"]["calls"] == ours["extensions"]["upstream"]["calls"]
