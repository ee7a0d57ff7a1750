"""Two servers on one Redis or one file: one polls, both receive, and a restart loses nothing."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from providers.psn.sandbox.app import PsnSandbox
from providers.registry import Source
from resolvers.live.live import Listener, Live
from resolvers.live.unlock_event import WatchKey
from server.app import create_app
from server.sandbox.upstreams import SandboxTransport
from server.settings import read_settings
from tests.harness import operator_settings
from tests.providers.kit.redis_server import run_redis_server
from tests.resolvers.live.unlocks import PSN_ID, PSN_SET

UNLOCKED_AT = "2026-11-20T10:00:00Z"
MAX_SECONDS = 30


@contextmanager
def open_store(kind: str) -> Generator[str]:
    """Give the address of a store."""
    if kind == "file":
        yield "sqlite://"
        return
    with run_redis_server() as redis:
        yield redis.url


@asynccontextmanager
async def run_app(url: str, folder: Path, upstreams: SandboxTransport) -> AsyncGenerator[Starlette]:
    """Run a server on a store that polls an account each second."""
    settings = {
        **operator_settings(Source.PSN),
        "TROPHYCASE_STATE_DIR": str(folder),
        "TROPHYCASE_CACHE_URL": url,
        "TROPHYCASE_CACHE_SECRET": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "TROPHYCASE_LIVE_INTERVAL": "1",
    }
    app = create_app(read_settings(settings, sandbox=False), upstreams)
    async with app.router.lifespan_context(app):
        yield app


async def listen(app: Starlette) -> Listener:
    client = app.state.services[Source.PSN].get_operator_client()
    live: Live = app.state.live
    listener = live.open()
    await listener.add(WatchKey(Source.PSN, client.scope, PSN_ID), client)
    return listener


async def receive(listener: Listener) -> str:
    """Wait for the next event; return the id of its achievement."""
    async with asyncio.timeout(MAX_SECONDS):
        delivery = await listener.get()
    assert delivery is not None
    return delivery[1].unlock.achievement_id


async def wait_for_polls(sandbox: PsnSandbox, count: int) -> None:
    """Wait for so many more polls."""
    wanted = count_polls(sandbox) + count
    async with asyncio.timeout(MAX_SECONDS):
        while count_polls(sandbox) < wanted:  # noqa: ASYNC110 - a process of real input and output
            await asyncio.sleep(0.01)  # the sandbox has no event for a call


def count_polls(sandbox: PsnSandbox) -> int:
    return sum(count for name, count in sandbox.calls.items() if name.endswith("/trophyTitles"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["redis", "file"])
def test_one_server_polls_for_both_and_a_restart_loses_nothing(kind: str, tmp_path: Path) -> None:
    async def run(url: str) -> tuple[list[str], str, list[str]]:
        upstreams = SandboxTransport()
        sandbox = upstreams.sandboxes[Source.PSN]
        assert isinstance(sandbox, PsnSandbox)
        async with run_app(url, tmp_path, upstreams) as first:
            async with run_app(url, tmp_path, upstreams) as second:
                listeners = [await listen(app) for app in (first, second)]
                await wait_for_polls(sandbox, 2)
                sandbox.unlock(PSN_ID, PSN_SET, 5, UNLOCKED_AT)
                received = [await receive(listener) for listener in listeners]
                leases = [app.state.live.count_leases() for app in (first, second)]
                assert sorted(leases) == [0, 1]
            # What the one that has ended does not do any more, the other does.
            sandbox.unlock(PSN_ID, PSN_SET, 6, UNLOCKED_AT)
            after_end = await receive(listeners[0])
        sandbox.unlock(PSN_ID, PSN_SET, 7, UNLOCKED_AT)
        async with run_app(url, tmp_path, upstreams) as third:
            return received, after_end, [await receive(await listen(third))]

    with open_store(kind) as url:
        received, after_end, after_restart = asyncio.run(run(url))

    assert received == ["5", "5"]
    assert after_end == "6"
    assert after_restart == ["7"]
