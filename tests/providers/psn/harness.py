"""Runs a scenario with a PSN client over the sandbox, in an event loop of its own."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from providers.kit.caching.cached import Cached
from providers.kit.request_context import RequestContext, set_current
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn import Psn
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import SANDBOX_SETTINGS, PsnSandbox, create_sandbox
from providers.psn.service import PsnService
from providers.records import Title
from tests.virtual_time import run_on_virtual_time

T = TypeVar("T")

JSON = {"content-type": "application/json"}

TOKEN = "POST ca.account.sony.com/api/authz/v3/oauth/token"
AUTHORIZE = "GET ca.account.sony.com/api/authz/v3/oauth/authorize"
COOKIE = "GET ca.account.sony.com/api/v1/ssocookie"
MOBILE = "GET m.np.playstation.com"
TROPHY = f"{MOBILE}/api/trophy/v1"
USERS = f"{MOBILE}/api/userProfile/v1/internal/users"
GRAPHQL = f"{MOBILE}/api/graphql/v1/op"
DMS = "GET dms.api.playstation.com/api/v1/devices/accounts/me"
LEGACY_USERS = "GET us-prof.np.community.playstation.net/userProfile/v1/users"


def make_services_without_retries(transport: httpx.AsyncBaseTransport) -> SharedServices:
    """Make services whose retry budget is used up, so that failed calls are not repeated."""
    return SharedServices(transport, retry_tokens={"PSN": -1000.0})


@asynccontextmanager
async def open_service(sandbox: PsnSandbox, **settings: str) -> AsyncGenerator[PsnService]:
    """Open the service over a sandbox, with the sandbox's settings except for those given."""
    source = Psn()
    all_settings = {**source.settings, "PSN_RATE": "", **SANDBOX_SETTINGS, **settings}
    async with httpx.MockTransport(sandbox.handle_request) as transport:
        yield source.create_service(make_services_without_retries(transport), all_settings)


def run_with_client(
    scenario: Callable[[PsnClient], Awaitable[T]],
    sandbox: PsnSandbox | None = None,
    *,
    caller: Mapping[str, str] | None = None,
    language: str | None = None,
    **settings: str,
) -> T:
    """Run a scenario with the operator's client, or with that of a caller's headers."""

    async def run_in_context() -> T:
        languages = () if language is None else (language,)
        set_current(RequestContext(deadline=time.monotonic() + 60, languages=languages))
        async with open_service(sandbox or create_sandbox(), **settings) as service:
            client = (
                service.get_operator_client()
                if caller is None
                else service.create_caller_client(caller)
            )
            assert client is not None
            return await scenario(client)

    return run_on_virtual_time(run_in_context())


def unwrap(outcome: Cached[T] | Exception) -> T:
    """Return the value; raise an error."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.value


def make_title(native_id: str, **fields: Any) -> Title:
    """Make a title of which only these fields are known."""
    return Title(native_id=native_id, **fields)


def count_calls(sandbox: PsnSandbox) -> dict[str, int]:
    """Count the calls by method and path, without those of the sign-in."""
    return {name: count for name, count in sandbox.calls.items() if "/oauth/" not in name}
