"""How the tests ask: a real server over the sandbox upstreams, in this process."""

import asyncio
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import httpx
from starlette.applications import Starlette

from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.psn.sandbox.app import PsnSandbox
from providers.registry import Source
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox
from providers.trophy_so.sandbox.app import TrophySoSandbox
from server.app import create_app
from server.sandbox.upstreams import Upstreams
from server.settings import read

T = TypeVar("T")

ADDRESS = "http://127.0.0.1:8000"
FRESH = {"Cache-Control": "no-cache"}
NOTHING: dict[str, int] = {}
NO_HEADERS: dict[str, str] = {}

# Everybody's most interesting account, none of them named `me`.
VEGA = [
    {"source": "PSN", "handle": "1000000000000000001"},
    {"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"},
    {"source": "TROPHY_SO", "handle": "vega"},
]
PSN_VEGA, RETRO_VEGA, TROPHY_VEGA = ([account] for account in VEGA)


@dataclass(frozen=True)
class Answer:
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
    def partial(self) -> Any:
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
    def calls(self) -> dict[str, int]:
        """Upstream calls by source, as the answer counts them."""
        return self.body["extensions"]["upstream"]["calls"]


class Server:
    """A server that is running, and the upstreams it asks."""

    def __init__(self, runner: asyncio.Runner, app: Starlette, upstreams: Upstreams) -> None:
        self._runner = runner
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS)
        self.upstreams = upstreams
        self.services: Mapping[Source, Any] = app.state.services

    @property
    def psn(self) -> PsnSandbox:
        return cast("PsnSandbox", self.upstreams.sandboxes[Source.PSN])

    @property
    def retro(self) -> RetroAchievementsSandbox:
        found = self.upstreams.sandboxes[Source.RETRO_ACHIEVEMENTS]
        return cast("RetroAchievementsSandbox", found)

    @property
    def trophy_so(self) -> TrophySoSandbox:
        return cast("TrophySoSandbox", self.upstreams.sandboxes[Source.TROPHY_SO])

    @property
    def kit(self) -> Kit:
        """What all sources share."""
        return self.services[Source.TROPHY_SO].kit

    def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Put one question."""
        return self.run(self.asks(query, variables, headers))

    def data(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The data of a question that is answered without any error."""
        return self.ask(query, variables, headers).data

    def together(
        self, query: str, each: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]]
    ) -> list[Answer]:
        """Put the same question at once with several variables and headers."""

        async def all_of_them() -> list[Answer]:
            return await asyncio.gather(*(self.asks(query, *one) for one in each))

        return self.run(all_of_them())

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any other request."""
        return self.run(self._client.request(method, path, **options))

    def asked(self) -> dict[str, int]:
        """Calls by the sandboxes' own count, without those of signing in."""
        counted = {
            source.name: sum(count for name, count in box.calls.items() if "/oauth/" not in name)
            for source, box in self.upstreams.sandboxes.items()
        }
        return {name: count for name, count in counted.items() if count}

    def fail(self, path: str, **how: Any) -> None:
        """Let calls go wrong, and not be repeated, which would only take time."""
        self.upstreams.fault(Fault(path, **how))
        self.kit.retry_reserve.update({source.name: -1000.0 for source in Source})

    def mend(self) -> None:
        """Let everything go well again."""
        for sandbox in self.upstreams.sandboxes.values():
            sandbox.faults.clear()

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(what)

    async def asks(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Put one question while others are put."""
        sent = {"query": query, "variables": variables}
        response = await self._client.post("/graphql", json=sent, headers=headers)
        return Answer(response.status_code, response.headers, response.json())


@contextmanager
def serving(*, sandbox: bool = True, **environment: str) -> Generator[Server]:
    """A server with these settings: the sandbox, or one that only has its network from there."""
    with TemporaryDirectory() as folder:
        # Nothing of a test is kept where the one who runs it keeps his own.
        given = {"TROPHYCASE_STATE_DIR": folder, **environment}
        settings = read(given, sandbox=sandbox)
        network = None if sandbox else Upstreams()
        app = create_app(settings, network)
        with asyncio.Runner() as runner:
            stop = asyncio.Event()
            living = runner.run(_started(app, stop))
            yield Server(runner, app, network or app.state.upstreams)
            stop.set()
            runner.run(_ended(living))


def configured(*sources: Source) -> dict[str, str]:
    """The environment of an operator with an account on these sources."""
    given = [source.value.sandbox_settings for source in sources]
    return {name: value for each in given for name, value in each.items() if value}


def leading_to(sandbox: str) -> dict[str, str]:
    """The settings that lead every source to the sandbox that is served at an address."""
    return {
        name: f"{sandbox}/{value.partition('://')[2]}"
        for source in Source
        for name, value in source.value.settings.items()
        if name.endswith("_URL")
    }


async def _started(app: Starlette, stop: asyncio.Event) -> "asyncio.Task[None]":
    started = asyncio.Event()

    async def live() -> None:
        async with app.router.lifespan_context(app):
            started.set()
            await stop.wait()

    living = asyncio.create_task(live())
    await started.wait()
    return living


async def _ended(living: "asyncio.Task[None]") -> None:
    await living
