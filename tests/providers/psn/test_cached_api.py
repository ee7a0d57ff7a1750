"""Cached values of one credential: kept apart from others', and public ones only after sign-in."""

import asyncio

import pytest

from providers.capabilities import ContentsKey
from providers.errors import CallerUnauthenticated, NotFound
from providers.psn.cache_policies import ACCOUNT_ID, SERVICE_NAME
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, SECOND_NPSSO
from providers.records import Part
from tests.providers.psn.harness import make_title, open_service, run_with_client, unwrap

SECOND = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": SECOND_NPSSO}


def test_viewers_do_not_share_cached_values() -> None:
    async def load_own_ids() -> list[str]:
        async with open_service(create_sandbox()) as service:
            clients = (service.get_operator_client(), service.create_caller_client(SECOND))
            return [await client.get_account_id("me") for client in clients if client]

    assert len(set(asyncio.run(load_own_ids()))) == 2


def test_a_caller_with_an_invalid_credential_does_not_get_public_cached_values() -> None:
    key = ContentsKey(None, make_title("NPWR00001_00"), Part.DEFINITIONS)

    async def scenario() -> None:
        async with open_service(create_sandbox()) as service:
            operator = service.get_operator_client()
            caller = service.create_caller_client({**SECOND, "x-npsso": "x" * 64})
            assert operator is not None
            assert caller is not None
            unwrap((await operator.get_contents([key]))[0])
            (outcome,) = await caller.get_contents([key])
            assert isinstance(outcome, CallerUnauthenticated)

    asyncio.run(scenario())


def test_neither_cached_values_nor_cached_absences_are_uncached() -> None:
    async def load_nothing() -> str:
        raise NotFound("nothing", source="PSN")

    async def scenario(client: PsnClient) -> list[str]:
        cached_api = client.cached_api
        await cached_api.set_cached(ACCOUNT_ID, "1", "known")
        with pytest.raises(NotFound):
            await cached_api.get_or_load(ACCOUNT_ID, ("absent",), load_nothing)
        return await cached_api.find_uncached(ACCOUNT_ID, [("known",), ("absent",), ("new",)])

    assert run_with_client(scenario) == ["new"]


def test_an_invalidated_value_is_not_cached_any_more() -> None:
    async def scenario(client: PsnClient) -> None:
        cached_api = client.cached_api
        await cached_api.set_cached(SERVICE_NAME, "trophy2", "NPWR00001_00")
        assert cached_api.peek_cached(SERVICE_NAME, "NPWR00001_00") is not None
        cached_api.invalidate(SERVICE_NAME, [("NPWR00001_00",)])
        assert await cached_api.get_cached(SERVICE_NAME, "NPWR00001_00") is None

    run_with_client(scenario)
