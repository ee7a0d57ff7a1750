"""A client of Trophy.so over its sandbox; nothing but the network is replaced."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.kit.upstream.upstream_client import SharedServices
from providers.records import Achievement
from providers.trophy_so import TrophySo
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox.app import SANDBOX_SETTINGS, TrophySoSandbox, create_sandbox
from tests.virtual_time import run_on_virtual_time

T = TypeVar("T")
JSON = {"content-type": "application/json"}
PROVIDER = TrophySo()


@dataclass
class ClientHarness:
    """Settings, a sandbox and optionally a caller's headers, from which clients are created."""

    sandbox: TrophySoSandbox = field(default_factory=create_sandbox)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None
    transport: httpx.AsyncBaseTransport | None = None

    def run(self, scenario: Callable[[TrophySoClient], Awaitable[T]]) -> T:
        """Run a scenario with a client of a new service, whose cache is empty."""

        async def run_with_client() -> T:
            transport = self.transport or httpx.MockTransport(self.sandbox.handle_request)
            async with transport:
                return await scenario(self.create_client(make_services_without_retries(transport)))

        return run_on_virtual_time(run_with_client())

    def create_client(self, services: SharedServices) -> TrophySoClient:
        service = PROVIDER.create_service(services, {**SANDBOX_SETTINGS, **self.settings})
        client = (
            service.get_operator_client()
            if self.headers is None
            else service.create_caller_client(self.headers)
        )
        assert client is not None
        return client

    def load_achievements(
        self, handle: str = "vega", *, progress: bool = True
    ) -> dict[str, Achievement]:
        """Load the achievements of a user, by name."""
        outcome = self.run(lambda client: client.get_achievements([handle], progress=progress))[0]
        return {achievement.name or "": achievement for achievement in unwrap(outcome)}

    def with_response(self, path: str, body: Any, status: int = 200) -> "ClientHarness":
        """Let the sandbox send this body for every path that matches."""
        self.sandbox.faults.append(InjectedFault(path, status, body))
        return self

    @property
    def paths(self) -> list[str]:
        """Return the paths of all calls, in order."""
        return [request.url.raw_path.decode() for request in self.sandbox.log]


def map_achievements(sent: Any, *, progress: bool = False) -> tuple[Achievement, ...]:
    """Return the achievements of a list that the upstream sends."""
    harness = ClientHarness().with_response("/achievements", sent)
    (outcome,) = harness.run(lambda client: client.get_achievements(["vega"], progress=progress))
    return unwrap(outcome)


def make_services_without_retries(transport: httpx.AsyncBaseTransport) -> SharedServices:
    """Make shared services that never retry, because retries wait."""
    return SharedServices(transport, retry_tokens={"TROPHY_SO": -100.0})


def unwrap(outcome: Cached[T] | ProviderError) -> T:
    assert isinstance(outcome, Cached), outcome
    return outcome.value


def get_error(outcomes: Sequence[Cached[Any] | ProviderError]) -> ProviderError:
    (outcome,) = outcomes
    assert isinstance(outcome, ProviderError), outcome
    return outcome
