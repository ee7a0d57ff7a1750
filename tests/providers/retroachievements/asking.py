"""Asking the source over its sandbox, with nothing replaced but the network."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import ProviderError
from providers.kit.caching.cached import Answer
from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.retroachievements import RetroAchievements
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.app import RetroAchievementsSandbox

T = TypeVar("T")
PROVIDER = RetroAchievements()
JSON = {"content-type": "application/json"}


@dataclass
class Asking:
    """A server's part of the way: settings, a sandbox, and perhaps a caller's headers."""

    sandbox: RetroAchievementsSandbox = field(default_factory=RetroAchievementsSandbox)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None

    def run(self, question: Callable[[RetroAchievementsClient], Awaitable[T]]) -> T:
        """Put one question, or several, to a server that has just been started."""

        async def asked() -> T:
            transport = httpx.MockTransport(self.sandbox.answer)
            async with httpx.AsyncClient(transport=transport) as http:
                return await question(self.client(impatient(http)))

        return asyncio.run(asked())

    def client(self, kit: Kit) -> RetroAchievementsClient:
        service = PROVIDER.open(kit, {**PROVIDER.sandbox_settings, **NO_LIMIT, **self.settings})
        client = service.operator() if self.headers is None else service.caller(self.headers)
        assert client is not None
        return client

    def answering(self, call: str, body: Any, status: int = 200) -> "Asking":
        """Let the sandbox answer this on a call."""
        self.sandbox.faults.append(Fault(f"API_{call}\\.php", status, body))
        return self

    @property
    def calls(self) -> Counter[str]:
        """How often each call was made."""
        paths = (request.url.path for request in self.sandbox.log)
        return Counter(path.rpartition("API_")[2].removesuffix(".php") for path in paths)


NO_LIMIT = {"RETROACHIEVEMENTS_RATE": ""}


def impatient(http: httpx.AsyncClient) -> Kit:
    """A kit that does not wait to repeat what failed."""
    return Kit(http, retry_reserve={"RETRO_ACHIEVEMENTS": -100.0})


def value(outcome: Answer[T] | ProviderError) -> T:
    assert isinstance(outcome, Answer), outcome
    return outcome.value


def error(outcomes: Sequence[Answer[Any] | ProviderError]) -> ProviderError:
    (outcome,) = outcomes
    assert isinstance(outcome, ProviderError), outcome
    return outcome
