"""The cache of one credential."""

import asyncio

import httpx

from providers.kit.sandbox import InjectedFault
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.app import SANDBOX_SETTINGS, create_sandbox
from tests.providers.trophy_so.harness import (
    PROVIDER,
    get_error,
    make_services_without_retries,
)

SECRET = "very.secret-key"
CALLER = {"x-trophy-so-user-id": "second user", "x-trophy-so-api-key": constants.APPLICATION_KEY}
REFUSED = {**CALLER, "x-trophy-so-api-key": SECRET}


def test_operator_and_caller_with_one_refused_key_get_their_own_errors() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("users/vega", delay=0.01))

    async def get_codes() -> list[str]:
        async with httpx.MockTransport(sandbox.handle_request) as transport:
            service = PROVIDER.create_service(
                make_services_without_retries(transport), {"TROPHY_SO_API_KEY": SECRET}
            )
            clients = [service.get_operator_client(), service.create_caller_client(REFUSED)]
            loads = [client.get_profiles(["vega"]) for client in clients if client]
            return [get_error(outcomes).code for outcomes in await asyncio.gather(*loads)]

    assert asyncio.run(get_codes()) == ["UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED"]
    assert len(sandbox.log) == 1


def test_viewers_do_not_share_cached_data() -> None:
    sandbox = create_sandbox()

    async def load_as_viewers() -> list[str]:
        async with httpx.MockTransport(sandbox.handle_request) as transport:
            service = PROVIDER.create_service(
                make_services_without_retries(transport), SANDBOX_SETTINGS
            )
            clients = [service.get_operator_client(), service.create_caller_client(CALLER)]
            outcomes = [await client.get_profiles(["vega"]) for client in clients if client]
            return [type(outcome).__name__ for (outcome,) in outcomes]

    assert asyncio.run(load_as_viewers()) == ["Cached", "Private"]
