"""Asking the source over its sandbox, with nothing replaced but the network."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import SharedServices
from providers.retroachievements import RetroAchievements
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.app import SANDBOX_SETTINGS, RetroAchievementsSandbox

T = TypeVar("T")
PROVIDER = RetroAchievements()
JSON = {"content-type": "application/json"}


@dataclass
class ClientHarness:
    """A server's part of the way: settings, a sandbox, and perhaps a caller's headers."""

    sandbox: RetroAchievementsSandbox = field(default_factory=RetroAchievementsSandbox)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None

    def run(self, scenario: Callable[[RetroAchievementsClient], Awaitable[T]]) -> T:
        """Put one question, or several, to a server that has just been started."""

        async def run_with_client() -> T:
            transport = httpx.MockTransport(self.sandbox.handle_request)
            async with httpx.AsyncClient(transport=transport) as http:
                return await scenario(self.open_client(make_services_without_retries(http)))

        return asyncio.run(run_with_client())

    def open_client(self, kit: SharedServices) -> RetroAchievementsClient:
        service = PROVIDER.create_service(
            kit, {**SANDBOX_SETTINGS, **NO_RATE_LIMIT, **self.settings}
        )
        client = (
            service.get_operator_client()
            if self.headers is None
            else service.create_caller_client(self.headers)
        )
        assert client is not None
        return client

    def with_response(self, call: str, body: Any, status: int = 200) -> "ClientHarness":
        """Let the sandbox answer this on a call."""
        self.sandbox.faults.append(InjectedFault(f"API_{call}\\.php", status, body))
        return self

    @property
    def calls(self) -> Counter[str]:
        """How often each call was made."""
        paths = (request.url.path for request in self.sandbox.log)
        return Counter(path.rpartition("API_")[2].removesuffix(".php") for path in paths)


NO_RATE_LIMIT = {"RETROACHIEVEMENTS_RATE": ""}


def make_services_without_retries(http: httpx.AsyncClient) -> SharedServices:
    """A kit that does not wait to repeat what failed."""
    return SharedServices(http, retry_tokens={"RETRO_ACHIEVEMENTS": -100.0})


def unwrap(outcome: Cached[T] | ProviderError) -> T:
    assert isinstance(outcome, Cached), outcome
    return outcome.value


def get_error(outcomes: Sequence[Cached[Any] | ProviderError]) -> ProviderError:
    (outcome,) = outcomes
    assert isinstance(outcome, ProviderError), outcome
    return outcome
