"""A real server over the sandbox upstreams, in this process and on virtual time."""

import asyncio
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import httpx
from starlette.applications import Starlette

from providers.kit.sandbox import InjectedFault, load_sandbox_module
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.sandbox.app import PsnSandbox
from providers.registry import Source
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.steam.sandbox.app import SteamSandbox
from providers.trophy_so.sandbox.app import TrophySoSandbox
from providers.xbox.sandbox.app import XboxSandbox
from server.app import create_app
from server.sandbox.unlocks import WantedUnlock
from server.sandbox.upstreams import SandboxTransport
from server.settings import read_settings
from tests.virtual_time import VirtualClock, VirtualTimeLoop, use_virtual_time

T = TypeVar("T")

BASE_URL = "http://127.0.0.1:8000"
NO_CACHE_HEADERS = {"Cache-Control": "no-cache"}
NO_CALLS: dict[str, int] = {}
NO_HEADERS: dict[str, str] = {}

# The operator's accounts, by handle instead of by `viewer`; those on Steam and Xbox are separate,
# because their titles are in the order of play and not of unlocks.
VEGA = [
    {"source": "PSN", "handle": "1000000000000000001"},
    {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
    {"source": "TROPHY_SO", "handle": "vega"},
]
PSN_VEGA, RETRO_VEGA, TROPHY_VEGA = ([account] for account in VEGA)
STEAM_VEGA = [{"source": "STEAM", "handle": "76561190000000001"}]
XBOX_VEGA = [{"source": "XBOX", "handle": "2535400000000001"}]
EVERYWHERE = [*VEGA, *STEAM_VEGA, *XBOX_VEGA]


@dataclass(frozen=True)
class GraphQLResponse:
    """A response, parsed."""

    status: int
    headers: httpx.Headers
    body: Any = field(repr=False)

    @property
    def data(self) -> Any:
        """Return the data of a response without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def partial_data(self) -> Any:
        """Return the data of a response that has errors as well."""
        assert self.body["errors"]
        return self.body["data"]

    @property
    def errors(self) -> list[Any]:
        return self.body.get("errors", [])

    @property
    def error(self) -> dict[str, Any]:
        """Return the extensions of the only error."""
        (error,) = self.errors
        return error["extensions"]

    @property
    def codes(self) -> dict[str, str]:
        """Return each error's code by its path, joined with dots."""
        return {
            ".".join(str(part) for part in error.get("path", ())): error["extensions"]["code"]
            for error in self.errors
        }

    @property
    def error_codes(self) -> set[str]:
        """Return the codes of all errors."""
        return set(self.codes.values())

    @property
    def upstream_calls(self) -> dict[str, int]:
        """Return the upstream calls by source, as `extensions.upstream` counts them."""
        return self.body["extensions"]["upstream"]["calls"]


class RunningServer:
    """A running server, its sandbox upstreams and its clock."""

    def __init__(
        self,
        runner: asyncio.Runner,
        app: Starlette,
        upstreams: SandboxTransport,
        clock: VirtualClock,
    ) -> None:
        self._loop = runner.get_loop()
        self._run_context = copy_context()
        self.clock = clock
        # Compression takes time, and most tests read what was compressed.
        headers = {"Accept-Encoding": "identity"}
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers)
        self.upstreams = upstreams
        self.app = app
        self.services: Mapping[Source, Any] = app.state.services

    @property
    def psn(self) -> PsnSandbox:
        return cast("PsnSandbox", self.upstreams.sandboxes[Source.PSN])

    @property
    def retro(self) -> RetroAchievementsSandbox:
        sandbox = self.upstreams.sandboxes[Source.RETRO_ACHIEVEMENTS]
        return cast("RetroAchievementsSandbox", sandbox)

    @property
    def trophy_so(self) -> TrophySoSandbox:
        return cast("TrophySoSandbox", self.upstreams.sandboxes[Source.TROPHY_SO])

    @property
    def steam(self) -> SteamSandbox:
        return cast("SteamSandbox", self.upstreams.sandboxes[Source.STEAM])

    @property
    def xbox(self) -> XboxSandbox:
        return cast("XboxSandbox", self.upstreams.sandboxes[Source.XBOX])

    @property
    def shared_services(self) -> SharedServices:
        """Return the services that all sources share."""
        return self.services[Source.TROPHY_SO].services

    def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> GraphQLResponse:
        """Send one operation."""
        return self.run(self.execute_async(query, variables, headers))

    def fetch_data(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one operation and return its data; fail if there are errors."""
        return self.execute(query, variables, headers).data

    def execute_concurrently(
        self, query: str, requests: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]]
    ) -> list[GraphQLResponse]:
        """Send the same document concurrently with several variables and headers."""

        async def execute_all() -> list[GraphQLResponse]:
            return await asyncio.gather(*(self.execute_async(query, *one) for one in requests))

        return self.run(execute_all())

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send any other request."""
        return self.run(self._client.request(method, path, **options))

    def unlock(self, **wanted: str) -> list[dict[str, Any]]:
        """Unlock the next achievement in the sandbox, or one by its source's ids.

        Return what was unlocked, as `POST /sandbox/unlocks` does.
        """
        return self.upstreams.unlocks.unlock(WantedUnlock(**wanted))

    def count_upstream_calls(self) -> dict[str, int]:
        """Return the calls that the sandboxes received by source, without sign-in calls."""
        counts = {
            source.name: sum(count for name, count in box.calls.items() if "/oauth/" not in name)
            for source, box in self.upstreams.sandboxes.items()
        }
        return {name: count for name, count in counts.items() if count}

    def inject_fault(self, path: str, **options: Any) -> None:
        """Inject a fault, and take away the retry budget so that no call is repeated."""
        self.upstreams.add_fault(InjectedFault(path, **options))
        self.shared_services.retry_tokens.update({source.name: -1000.0 for source in Source})

    def clear_faults(self) -> None:
        """Remove all faults."""
        for sandbox in self.upstreams.sandboxes.values():
            sandbox.faults.clear()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop, without a runner's time for its signal handler."""
        task = self._loop.create_task(coroutine, context=self._run_context)
        return self._loop.run_until_complete(task)

    async def execute_async(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> GraphQLResponse:
        """Send one operation from inside the event loop."""
        body = {"query": query, "variables": variables}
        response = await self._client.post("/graphql", json=body, headers=headers)
        return GraphQLResponse(response.status_code, response.headers, response.json())


@contextmanager
def run_server(
    upstreams: SandboxTransport | None = None, /, *, sandbox: bool = True, **environment: str
) -> Generator[RunningServer]:
    """Run a server with these settings: the sandbox, or a real one that calls the sandbox.

    The real one calls `upstreams`, if they are given.
    """
    with TemporaryDirectory() as folder, use_virtual_time() as clock:
        # The developer's own state directory must not be read or written.
        full_environment = {
            "TROPHYCASE_STATE_DIR": folder,
            "TROPHYCASE_CACHE_URL": "memory://",
            **environment,
        }
        settings = read_settings(full_environment, sandbox=sandbox)
        network = None if sandbox else upstreams or SandboxTransport()
        app = create_app(settings, network)
        with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner:
            stop = asyncio.Event()
            lifespan_task = runner.run(_start_lifespan(app, stop))
            yield RunningServer(runner, app, network or app.state.upstreams, clock)
            stop.set()
            runner.run(_finish_lifespan(lifespan_task))


def operator_settings(*sources: Source) -> dict[str, str]:
    """Return the settings of an operator with an account on these sources."""
    per_source = [load_sandbox_module(source.value).SANDBOX_SETTINGS for source in sources]
    return {name: value for each in per_source for name, value in each.items() if value}


def sandbox_url_settings(sandbox_url: str) -> dict[str, str]:
    """Return the settings that point every source to the sandbox served at this address."""
    return {
        name: f"{sandbox_url}/{value.partition('://')[2]}"
        for source in Source
        for name, value in source.value.settings.items()
        if name.endswith("_URL")
    }


async def _start_lifespan(app: Starlette, stop: asyncio.Event) -> "asyncio.Task[None]":
    started = asyncio.Event()

    async def run_lifespan() -> None:
        async with app.router.lifespan_context(app):
            started.set()
            await stop.wait()

    lifespan_task = asyncio.create_task(run_lifespan())
    await started.wait()
    return lifespan_task


async def _finish_lifespan(lifespan_task: "asyncio.Task[None]") -> None:
    await lifespan_task
