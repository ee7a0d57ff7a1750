"""How the tests ask: a real server over the sandbox upstreams, in this process."""

import asyncio
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import httpx
from starlette.applications import Starlette

from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn.sandbox.app import PsnSandbox
from providers.registry import Source
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.trophy_so.sandbox.app import TrophySoSandbox
from server.app import create_app
from server.sandbox.upstreams import SandboxTransport
from server.settings import read_settings

T = TypeVar("T")

BASE_URL = "http://127.0.0.1:8000"
NO_CACHE_HEADERS = {"Cache-Control": "no-cache"}
NO_CALLS: dict[str, int] = {}
NO_HEADERS: dict[str, str] = {}

# Everybody's most interesting account, none of them named `me`.
VEGA = [
    {"source": "PSN", "handle": "1000000000000000001"},
    {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
    {"source": "TROPHY_SO", "handle": "vega"},
]
PSN_VEGA, RETRO_VEGA, TROPHY_VEGA = ([account] for account in VEGA)


@dataclass(frozen=True)
class GraphQLResponse:
    """What came back."""

    status: int
    headers: httpx.Headers
    body: Any = field(repr=False)

    @property
    def data(self) -> Any:
        """The data of an answer without any error."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def partial_data(self) -> Any:
        """The data of an answer that has errors as well."""
        assert self.body["errors"]
        return self.body["data"]

    @property
    def errors(self) -> list[Any]:
        return self.body.get("errors", [])

    @property
    def error(self) -> dict[str, Any]:
        """The extensions of the only error."""
        (error,) = self.errors
        return error["extensions"]

    @property
    def codes(self) -> dict[str, str]:
        """Each error's code by its path."""
        return {
            ".".join(str(part) for part in error.get("path", ())): error["extensions"]["code"]
            for error in self.errors
        }

    @property
    def error_codes(self) -> set[str]:
        """The codes of all errors."""
        return set(self.codes.values())

    @property
    def upstream_calls(self) -> dict[str, int]:
        """Upstream calls by source, as the answer counts them."""
        return self.body["extensions"]["upstream"]["calls"]


class RunningServer:
    """A server that is running, and the upstreams it asks."""

    def __init__(self, runner: asyncio.Runner, app: Starlette, upstreams: SandboxTransport) -> None:
        self._runner = runner
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)
        self.upstreams = upstreams
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
    def shared_services(self) -> SharedServices:
        """What all sources share."""
        return self.services[Source.TROPHY_SO].services

    def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> GraphQLResponse:
        """Put one question."""
        return self.run(self.execute_async(query, variables, headers))

    def fetch_data(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The data of a question that is answered without any error."""
        return self.execute(query, variables, headers).data

    def execute_concurrently(
        self, query: str, requests: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]]
    ) -> list[GraphQLResponse]:
        """Put the same question at once with several variables and headers."""

        async def execute_all() -> list[GraphQLResponse]:
            return await asyncio.gather(*(self.execute_async(query, *one) for one in requests))

        return self.run(execute_all())

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any other request."""
        return self.run(self._client.request(method, path, **options))

    def count_upstream_calls(self) -> dict[str, int]:
        """Calls by the sandboxes' own count, without those of signing in."""
        counts = {
            source.name: sum(count for name, count in box.calls.items() if "/oauth/" not in name)
            for source, box in self.upstreams.sandboxes.items()
        }
        return {name: count for name, count in counts.items() if count}

    def inject_fault(self, path: str, **options: Any) -> None:
        """Let calls go wrong, and not be repeated, which would only take time."""
        self.upstreams.add_fault(InjectedFault(path, **options))
        self.shared_services.retry_tokens.update({source.name: -1000.0 for source in Source})

    def clear_faults(self) -> None:
        """Let everything go well again."""
        for sandbox in self.upstreams.sandboxes.values():
            sandbox.faults.clear()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    async def execute_async(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> GraphQLResponse:
        """Put one question while others are put."""
        body = {"query": query, "variables": variables}
        response = await self._client.post("/graphql", json=body, headers=headers)
        return GraphQLResponse(response.status_code, response.headers, response.json())


@contextmanager
def run_server(*, sandbox: bool = True, **environment: str) -> Generator[RunningServer]:
    """A server with these settings: the sandbox, or one that only has its network from there."""
    with TemporaryDirectory() as folder:
        # Nothing of a test is kept where the one who runs it keeps his own.
        full_environment = {"TROPHYCASE_STATE_DIR": folder, **environment}
        settings = read_settings(full_environment, sandbox=sandbox)
        network = None if sandbox else SandboxTransport()
        app = create_app(settings, network)
        with asyncio.Runner() as runner:
            stop = asyncio.Event()
            lifespan_task = runner.run(_start_lifespan(app, stop))
            yield RunningServer(runner, app, network or app.state.upstreams)
            stop.set()
            runner.run(_finish_lifespan(lifespan_task))


def operator_settings(*sources: Source) -> dict[str, str]:
    """The environment of an operator with an account on these sources."""
    per_source = [source.value.sandbox_settings for source in sources]
    return {name: value for each in per_source for name, value in each.items() if value}


def sandbox_url_settings(sandbox_url: str) -> dict[str, str]:
    """The settings that lead every source to the sandbox that is served at an address."""
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
