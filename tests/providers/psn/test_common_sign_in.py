"""One sign-in for all processes and machines of a server, and for nobody else."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from providers.errors import RateLimited
from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.psn import Psn
from providers.psn.auth.token_store import CommonTokens, Tokens
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.psn.service import PsnService
from tests.providers.kit.processes import asking, processes, running
from tests.providers.kit.redis_server import RedisServer, redis_server
from tests.providers.psn.asking import TOKEN

CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}
TOKENS = Tokens(access="access", expires_at=2e9, lifetime=3600, refresh="refresh")


@pytest.fixture
def redis() -> Generator[RedisServer]:
    with redis_server() as running_server:
        yield running_server


@asynccontextmanager
async def machines(
    redis: RedisServer, sandbox: PsnSandbox, **settings: str
) -> AsyncGenerator[list[PsnService]]:
    """The source as each of two machines has it, which have no directory in common."""
    source = Psn()
    known = {**source.settings, "PSN_RATE": "", **source.sandbox_settings, **settings}
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(processes(redis.url))
        http = httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer))
        await stack.enter_async_context(http)
        yield [source.open(Kit(http, shared=store), known) for store in stores]


def client_of(service: PsnService, caller: Mapping[str, str] | None) -> PsnClient:
    client = service.operator() if caller is None else service.caller(caller)
    assert client is not None
    return client


async def everyone(services: list[PsnService], caller: Mapping[str, str] | None) -> list[str]:
    """Who each machine is on PSN, asked all at once."""
    clients = [client_of(service, caller) for service in services]
    asked = [asking(lambda client=client: client.account_id("me")) for client in clients]
    return [account_id for account_id, _ in await asyncio.gather(*asked)]


@pytest.mark.parametrize(
    ("caller", "account_id"), [(None, OWNER_ACCOUNT_ID), (CALLER, SECOND_ACCOUNT_ID)]
)
def test_two_machines_sign_in_once_and_renew_once(
    redis: RedisServer, caller: Mapping[str, str] | None, account_id: str
) -> None:
    sandbox = psn_sandbox()

    async def course() -> None:
        async with machines(redis, sandbox) as services:
            assert await everyone(services, caller) == [account_id] * 2
            assert sandbox.calls[TOKEN] == 1
            sandbox.expire_access_tokens()
            for service in services:
                client = client_of(service, caller)
                assert await client.sign_in.renew(await client.sign_in.headers(""))
            assert sandbox.calls[TOKEN] == 2
            assert await everyone(services, caller) == [account_id] * 2

    running(course)
    assert b"sandbox-access" not in redis.everything()
    assert b"sandbox-refresh" not in redis.everything()


def test_without_an_npsso_nothing_is_left_in_the_common_store(redis: RedisServer) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("ssocookie", 200, {"npsso": SECOND_NPSSO}))

    async def course() -> None:
        async with machines(redis, sandbox, PSN_NPSSO="") as services:
            await everyone(services, None)
            assert sandbox.calls[TOKEN] == 2

    running(course)


def test_tokens_are_opened_by_the_npsso_they_were_got_by(redis: RedisServer) -> None:
    async def course() -> None:
        async with processes(redis.url) as stores:
            left = CommonTokens(stores[0], "scope", "a" * 64)
            await left.save(TOKENS, 60)
            assert await CommonTokens(stores[1], "scope", "a" * 64).load() == TOKENS
            assert await CommonTokens(stores[1], "scope", "b" * 64).load() is None
            assert await CommonTokens(stores[1], "other", "a" * 64).load() is None

    running(course)


def test_machines_without_their_redis_sign_in_for_themselves() -> None:
    sandbox = psn_sandbox()

    async def course() -> None:
        with redis_server() as redis:
            async with machines(redis, sandbox) as services:
                redis.kill()
                assert await everyone(services, None) == [OWNER_ACCOUNT_ID] * 2
                assert sandbox.calls[TOKEN] == 2

    running(course)


def test_a_sign_in_host_that_asks_to_wait_is_asked_for_nobody_else(redis: RedisServer) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("oauth/token", 429, {}, {"retry-after": "60"}))

    async def course() -> None:
        async with machines(redis, sandbox) as (service, _):
            for caller in (CALLER, {**CALLER, "x-npsso": "z" * 64}, None):
                with pytest.raises(RateLimited) as refused:
                    await client_of(service, caller).account_id("me")
                assert refused.value.retry_after
                assert 50 < refused.value.retry_after <= 60
        assert sandbox.calls[TOKEN] == 1

    running(course)
