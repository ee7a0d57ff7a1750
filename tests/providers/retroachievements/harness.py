"""A client of RetroAchievements over its sandbox; nothing but the network is replaced."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.capabilities import ContentsKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import SharedServices
from providers.records import Achievement, Contents, Part, Title
from providers.retroachievements import RetroAchievements
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.sandbox.app import SANDBOX_SETTINGS, RetroAchievementsSandbox
from tests.virtual_time import run_on_virtual_time

T = TypeVar("T")
PROVIDER = RetroAchievements()
JSON = {"content-type": "application/json"}
NO_RATE_LIMIT = {"RETROACHIEVEMENTS_RATE": ""}
ALL_PARTS = ~Part.NONE


@dataclass
class ClientHarness:
    """Settings, a sandbox and optionally a caller's headers, from which clients are created."""

    sandbox: RetroAchievementsSandbox = field(default_factory=RetroAchievementsSandbox)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None

    def run(self, scenario: Callable[[RetroAchievementsClient], Awaitable[T]]) -> T:
        """Run a scenario with a client of a new service, whose cache is empty."""

        async def run_with_client() -> T:
            transport = httpx.MockTransport(self.sandbox.handle_request)
            async with transport:
                return await scenario(self.create_client(make_services_without_retries(transport)))

        return run_on_virtual_time(run_with_client())

    def create_client(self, services: SharedServices) -> RetroAchievementsClient:
        service = PROVIDER.create_service(
            services, {**SANDBOX_SETTINGS, **NO_RATE_LIMIT, **self.settings}
        )
        client = (
            service.get_operator_client()
            if self.headers is None
            else service.create_caller_client(self.headers)
        )
        assert client is not None
        return client

    def with_response(self, endpoint: str, body: Any, status: int = 200) -> "ClientHarness":
        """Let the sandbox send this body for an endpoint."""
        self.sandbox.faults.append(InjectedFault(f"API_{endpoint}\\.php", status, body))
        return self

    @property
    def calls(self) -> Counter[str]:
        """Return the number of calls by endpoint."""
        paths = (request.url.path for request in self.sandbox.log)
        return Counter(path.rpartition("API_")[2].removesuffix(".php") for path in paths)


def make_services_without_retries(transport: httpx.AsyncBaseTransport) -> SharedServices:
    """Make shared services that never retry, because retries wait."""
    return SharedServices(transport, retry_tokens={"RETRO_ACHIEVEMENTS": -100.0})


def load_contents(
    harness: ClientHarness, native_id: str, handle: str | None = "VegaNorth"
) -> Contents:
    """Load all parts of a game, with the progress of an account or without."""
    key = ContentsKey(handle, Title(native_id=native_id), ALL_PARTS)
    (outcome,) = harness.run(lambda client: client.get_contents([key]))
    return unwrap(outcome)


def get_achievements(contents: Contents) -> Sequence[Achievement]:
    assert contents.achievements is not None
    return contents.achievements


def unwrap(outcome: Cached[T] | ProviderError) -> T:
    assert isinstance(outcome, Cached), outcome
    return outcome.value


def get_error(outcomes: Sequence[Cached[Any] | ProviderError]) -> ProviderError:
    (outcome,) = outcomes
    assert isinstance(outcome, ProviderError), outcome
    return outcome
