"""Asking the source over its sandbox, with nothing in between replaced but the network."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.records import Achievement
from providers.trophy_so import TrophySo
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox.app import TrophySoSandbox, trophy_so_sandbox

T = TypeVar("T")
JSON = {"content-type": "application/json"}
PROVIDER = TrophySo()


@dataclass
class Asking:
    """A server's part of the way: settings, a sandbox, and perhaps a caller's headers."""

    sandbox: TrophySoSandbox = field(default_factory=trophy_so_sandbox)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None
    transport: httpx.AsyncBaseTransport | None = None

    def run(self, question: Callable[[TrophySoClient], Awaitable[T]]) -> T:
        """One question to a server that has just been started, or several to the same one."""

        async def asked() -> T:
            transport = self.transport or httpx.MockTransport(self.sandbox.answer)
            async with httpx.AsyncClient(transport=transport) as http:
                return await question(self.client(impatient(http)))

        return asyncio.run(asked())

    def client(self, kit: Kit) -> TrophySoClient:
        service = PROVIDER.open(kit, {**PROVIDER.sandbox_settings, **self.settings})
        client = service.operator() if self.headers is None else service.caller(self.headers)
        assert client is not None
        return client

    def achievements(
        self, handle: str = "vega", *, progress: bool = True
    ) -> dict[str, Achievement]:
        """The achievements of one user, by name."""
        outcome = self.run(lambda client: client.achievements([handle], progress=progress))[0]
        return {achievement.name or "": achievement for achievement in value(outcome)}

    def answering(self, path: str, body: Any, status: int = 200) -> "Asking":
        """Let the sandbox answer this on every path that matches."""
        self.sandbox.faults.append(Fault(path, status, body))
        return self

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.url.raw_path.decode() for request in self.sandbox.log]


def impatient(http: httpx.AsyncClient) -> Kit:
    """A kit that does not wait to repeat what failed."""
    return Kit(http, retry_reserve={"TROPHY_SO": -100.0})


def value(outcome: Answer[T] | ProviderError) -> T:
    assert isinstance(outcome, Answer), outcome
    return outcome.value


def error(outcomes: Sequence[Answer[Any] | ProviderError]) -> ProviderError:
    (outcome,) = outcomes
    assert isinstance(outcome, ProviderError), outcome
    return outcome
