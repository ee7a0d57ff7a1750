"""How the tests ask: one question to a client over a sandbox, in a loop of its own."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from providers.kit.caching.cached import Answer
from providers.kit.request_context import Operation, begin
from providers.kit.upstream.upstream_client import Kit
from providers.psn import Psn
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.service import PsnService
from providers.records import Title

T = TypeVar("T")

TOKEN = "POST ca.account.sony.com/api/authz/v3/oauth/token"
AUTHORIZE = "GET ca.account.sony.com/api/authz/v3/oauth/authorize"
COOKIE = "GET ca.account.sony.com/api/v1/ssocookie"
MOBILE = "GET m.np.playstation.com"
TROPHY = f"{MOBILE}/api/trophy/v1"
USERS = f"{MOBILE}/api/userProfile/v1/internal/users"
GRAPHQL = f"{MOBILE}/api/graphql/v1/op"
DMS = "GET dms.api.playstation.com/api/v1/devices/accounts/me"
NAMED = "GET us-prof.np.community.playstation.net/userProfile/v1/users"


def impatient(http: httpx.AsyncClient) -> Kit:
    """A kit that does not wait to repeat what failed."""
    return Kit(http, retry_reserve={"PSN": -1000.0})


@asynccontextmanager
async def opened(sandbox: PsnSandbox, **settings: str) -> AsyncGenerator[PsnService]:
    """The service over a sandbox, with its settings but for those given."""
    source = Psn()
    known = {**source.settings, "PSN_RATE": "", **source.sandbox_settings, **settings}
    async with httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer)) as http:
        yield source.open(impatient(http), known)


def ask(
    question: Callable[[PsnClient], Awaitable[T]],
    sandbox: PsnSandbox | None = None,
    *,
    caller: Mapping[str, str] | None = None,
    language: str | None = None,
    **settings: str,
) -> T:
    """The answer to one question by the operator's client, or by a caller's."""

    async def asking() -> T:
        begin(Operation(deadline=time.monotonic() + 60, language=language))
        async with opened(sandbox or psn_sandbox(), **settings) as service:
            client = service.operator() if caller is None else service.caller(caller)
            assert client is not None
            return await question(client)

    return asyncio.run(asking())


def value(outcome: Answer[T] | Exception) -> T:
    """What was answered; an error is raised."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.value


def title(native_id: str, **known: Any) -> Title:
    """A title of which only so much is known."""
    return Title(native_id=native_id, **known)


def calls(sandbox: PsnSandbox) -> dict[str, int]:
    """Calls that are none of signing in."""
    return {name: count for name, count in sandbox.calls.items() if "/oauth/" not in name}
