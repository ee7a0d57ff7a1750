"""The cache of one credential."""

import asyncio

import httpx

from providers.kit.sandbox import InjectedFault
from providers.retroachievements.sandbox.app import create_sandbox
from tests.providers.retroachievements.harness import (
    PROVIDER,
    get_error,
    make_services_without_retries,
)

KEY = "refused-key"
SETTINGS = {"RETROACHIEVEMENTS_USERNAME": "VegaNorth", "RETROACHIEVEMENTS_API_KEY": KEY}
HEADERS = {"x-retroachievements-username": "VegaNorth", "x-retroachievements-api-key": KEY}


def test_operator_and_caller_with_one_refused_key_get_their_own_errors() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("API", delay=0.01))

    async def get_codes() -> list[str]:
        async with httpx.MockTransport(sandbox.handle_request) as transport:
            service = PROVIDER.create_service(make_services_without_retries(transport), SETTINGS)
            clients = [service.get_operator_client(), service.create_caller_client(HEADERS)]
            loads = [client.get_profiles(["VegaNorth"]) for client in clients if client]
            return [get_error(outcomes).code for outcomes in await asyncio.gather(*loads)]

    assert asyncio.run(get_codes()) == ["UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED"]
    assert len(sandbox.log) == 1
