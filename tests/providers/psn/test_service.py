"""Whose client it is."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from providers.capabilities import (
    HasAccountIds,
    HasCampaigns,
    HasHealth,
    HasPersistedQueries,
    HasProfiles,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    Provider,
)
from providers.errors import CallerUnauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn import Psn
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, OWNER_NPSSO, SECOND_NPSSO
from providers.psn.service import MAX_CALLERS, PsnService
from tests.providers.psn.harness import TOKEN, open_service, run_with_client

OWNER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": OWNER_NPSSO}


def create_service(**settings: str) -> PsnService:
    source: Provider = Psn()
    all_settings = {**source.settings, **settings}
    opened = source.create_service(SharedServices(httpx.AsyncClient()), all_settings)
    assert isinstance(opened, PsnService)
    return opened


def test_the_source_is_described() -> None:
    source = Psn()
    assert source.secrets == {"PSN_CLIENT_SECRET", "PSN_NPSSO"}
    assert source.credential_headers == {"x-client-id", "x-client-secret", "x-npsso"}
    assert OWNER_NPSSO not in repr(source)


CAPABILITIES: tuple[type, ...] = (
    HasProfiles,
    HasAccountIds,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasCampaigns,
    HasHealth,
    HasPersistedQueries,
)


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_the_client_has_its_capabilities(capability: type) -> None:
    assert isinstance(create_service(PSN_CLIENT_ID="x").get_operator_client(), capability)


def test_without_a_client_id_there_is_no_operator() -> None:
    assert create_service().get_operator_client() is None
    assert create_service(PSN_NPSSO=OWNER_NPSSO).get_operator_client() is None
    assert create_service(PSN_CLIENT_ID="x").get_operator_client() is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PSN_RATE", "many"),
        ("PSN_RATE", "0/1"),
        ("PSN_CONCURRENCY", "0"),
        ("PSN_CONCURRENCY", "x"),
    ],
)
def test_an_invalid_setting_is_rejected_by_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        create_service(**{name: text})


def test_without_credential_headers_there_is_no_caller() -> None:
    assert create_service().create_caller_client({"accept-language": "en-US"}) is None


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"x-npsso": OWNER_NPSSO}, "x-client-id"),
        ({"x-client-id": "x"}, "x-npsso"),
        ({"x-client-secret": "x"}, "x-client-id"),
        ({"x-npsso": ""}, "x-client-id"),
        ({"x-client-id": "x", "x-npsso": "short"}, "x-npsso"),
        ({"x-client-id": "x", "x-npsso": OWNER_NPSSO + "\n"}, "x-npsso"),
    ],
)
def test_an_incomplete_credential_is_an_error_that_names_the_header(
    headers: Mapping[str, str], named: str
) -> None:
    with pytest.raises(CallerUnauthenticated, match=named) as caught:
        create_service(PSN_CLIENT_ID=CLIENT_ID, PSN_NPSSO=OWNER_NPSSO).create_caller_client(headers)
    given = {value for value in headers.values() if value not in ("", "x")}
    assert not [value for value in given if value in str(caught.value)]


def test_the_same_credential_has_the_same_scope() -> None:
    known = create_service(
        PSN_CLIENT_ID=CLIENT_ID, PSN_CLIENT_SECRET=CLIENT_SECRET, PSN_NPSSO=OWNER_NPSSO
    )
    operator, owner = known.get_operator_client(), known.create_caller_client(OWNER)
    other = known.create_caller_client({**OWNER, "x-npsso": SECOND_NPSSO})
    without_secret = known.create_caller_client({**OWNER, "x-client-secret": ""})
    assert operator is not None
    assert owner is not None
    assert other is not None
    assert without_secret is not None
    assert operator.scope == owner.scope
    assert len({owner.scope, other.scope, without_secret.scope}) == 3
    assert (operator.source, operator.own_handle) == ("PSN", "me")


def test_one_sign_in_serves_all_requests_of_a_caller() -> None:
    sandbox = create_sandbox()

    async def run_twice() -> None:
        async with open_service(sandbox) as known:
            for _ in range(2):
                client = known.create_caller_client(OWNER)
                assert client is not None
                await client.verify()

    asyncio.run(run_twice())
    assert sandbox.calls[TOKEN] == 1


def add_unknown_callers(service: PsnService) -> None:
    """More invented credentials than callers are known."""
    for number in range(MAX_CALLERS + 10):
        service.create_caller_client({"x-client-id": str(number), "x-npsso": "a" * 64})


def test_callers_are_evicted_beyond_the_limit() -> None:
    known = create_service()
    kept = known.create_caller_client(OWNER)
    add_unknown_callers(known)
    again = known.create_caller_client(OWNER)
    assert kept is not None
    assert again is not None
    assert kept.sign_in is not again.sign_in


def test_a_signed_in_caller_is_not_evicted_for_unknown_ones() -> None:
    sandbox = create_sandbox()

    async def scenario() -> None:
        async with open_service(sandbox) as known:
            for _ in range(2):
                client = known.create_caller_client(OWNER)
                assert client is not None
                assert await client.get_account_id("me")
                add_unknown_callers(known)

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 1


def test_a_new_caller_signs_in_once_when_the_limit_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.psn.service.MAX_CALLERS", 1)
    monkeypatch.setattr("providers.psn.service.MAX_IDLE_CALLERS", 1)
    sandbox = create_sandbox()

    async def scenario() -> None:
        async with open_service(sandbox) as known:
            for npsso in (OWNER_NPSSO, *[SECOND_NPSSO] * 5):
                client = known.create_caller_client({**OWNER, "x-npsso": npsso})
                assert client is not None
                await client.verify()

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 2


def test_viewers_do_not_share_cached_data() -> None:
    sandbox = create_sandbox()

    async def load_own_ids() -> list[str]:
        async with open_service(sandbox) as known:
            clients = (
                known.get_operator_client(),
                known.create_caller_client({**OWNER, "x-npsso": SECOND_NPSSO}),
            )
            return [await client.get_account_id("me") for client in clients if client]

    assert len(set(asyncio.run(load_own_ids()))) == 2


def test_the_budget_is_the_credentials() -> None:
    async def scenario(client: object) -> object:
        del client

    run_with_client(scenario)
    operator = create_service(PSN_CLIENT_ID="x").get_operator_client()
    assert operator is not None
    budget = operator.get_budget()
    assert budget is not None
    assert (budget.limit, budget.remaining) == (300, 300)
