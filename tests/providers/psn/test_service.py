"""Whose client it is."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from providers.capabilities import (
    HasAccountIds,
    HasCampaigns,
    HasHealth,
    HasPeople,
    HasPersistedQueries,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    Provider,
)
from providers.errors import CallerUnauthenticated
from providers.kit.upstream.upstream_client import Kit
from providers.psn import Psn
from providers.psn.sandbox.app import psn_sandbox
from providers.psn.sandbox.world import CLIENT_ID, CLIENT_SECRET, OWNER_NPSSO, SECOND_NPSSO
from providers.psn.service import MOST_CALLERS, PsnService
from tests.providers.psn.asking import TOKEN, ask, opened

OWNER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": OWNER_NPSSO}


def service(**settings: str) -> PsnService:
    source: Provider = Psn()
    known = {**source.settings, **settings}
    opened = source.open(Kit(httpx.AsyncClient()), known)
    assert isinstance(opened, PsnService)
    return opened


def test_the_source_is_described() -> None:
    source = Psn()
    assert source.secrets == {"PSN_CLIENT_SECRET", "PSN_NPSSO"}
    assert source.credential_headers == {"x-client-id", "x-client-secret", "x-npsso"}
    assert OWNER_NPSSO not in repr(source)
    assert source.sandbox().hosts == psn_sandbox().hosts


ABILITIES: tuple[type, ...] = (
    HasPeople,
    HasAccountIds,
    HasTitles,
    HasTotals,
    HasTrophySummary,
    HasCampaigns,
    HasHealth,
    HasPersistedQueries,
)


@pytest.mark.parametrize("ability", ABILITIES)
def test_the_client_has_its_abilities(ability: type) -> None:
    assert isinstance(service(PSN_CLIENT_ID="x").operator(), ability)


def test_without_a_client_id_there_is_no_operator() -> None:
    assert service().operator() is None
    assert service(PSN_NPSSO=OWNER_NPSSO).operator() is None
    assert service(PSN_CLIENT_ID="x").operator() is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PSN_RATE", "many"),
        ("PSN_RATE", "0/1"),
        ("PSN_CONCURRENCY", "0"),
        ("PSN_CONCURRENCY", "x"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        service(**{name: text})


def test_a_caller_who_brings_nothing_is_none() -> None:
    assert service().caller({"accept-language": "en-US"}) is None


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
def test_half_a_credential_is_an_error_that_names_the_header(
    headers: Mapping[str, str], named: str
) -> None:
    with pytest.raises(CallerUnauthenticated, match=named) as caught:
        service(PSN_CLIENT_ID=CLIENT_ID, PSN_NPSSO=OWNER_NPSSO).caller(headers)
    given = {value for value in headers.values() if value not in ("", "x")}
    assert not [value for value in given if value in str(caught.value)]


def test_the_same_credential_is_the_same_viewer() -> None:
    known = service(PSN_CLIENT_ID=CLIENT_ID, PSN_CLIENT_SECRET=CLIENT_SECRET, PSN_NPSSO=OWNER_NPSSO)
    operator, owner = known.operator(), known.caller(OWNER)
    other = known.caller({**OWNER, "x-npsso": SECOND_NPSSO})
    without_secret = known.caller({**OWNER, "x-client-secret": ""})
    assert operator is not None
    assert owner is not None
    assert other is not None
    assert without_secret is not None
    assert operator.scope == owner.scope
    assert len({owner.scope, other.scope, without_secret.scope}) == 3
    assert (operator.source, operator.own_handle) == ("PSN", "me")


def test_one_sign_in_serves_all_requests_of_a_caller() -> None:
    sandbox = psn_sandbox()

    async def twice() -> None:
        async with opened(sandbox) as known:
            for _ in range(2):
                client = known.caller(OWNER)
                assert client is not None
                await client.verify()

    asyncio.run(twice())
    assert sandbox.calls[TOKEN] == 1


def strangers(service: PsnService) -> None:
    """More invented credentials than callers are known."""
    for number in range(MOST_CALLERS + 10):
        service.caller({"x-client-id": str(number), "x-npsso": "a" * 64})


def test_callers_are_forgotten_when_they_are_too_many() -> None:
    known = service()
    kept = known.caller(OWNER)
    strangers(known)
    again = known.caller(OWNER)
    assert kept is not None
    assert again is not None
    assert kept.sign_in is not again.sign_in


def test_a_caller_who_is_signed_in_is_not_forgotten_for_inventions() -> None:
    sandbox = psn_sandbox()

    async def course() -> None:
        async with opened(sandbox) as known:
            for _ in range(2):
                client = known.caller(OWNER)
                assert client is not None
                assert await client.account_id("me")
                strangers(known)

    asyncio.run(course())
    assert sandbox.calls[TOKEN] == 1


def test_a_newcomer_is_signed_in_once_though_all_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("providers.psn.service.MOST_CALLERS", 1)
    monkeypatch.setattr("providers.psn.service.NEWCOMERS", 1)
    sandbox = psn_sandbox()

    async def course() -> None:
        async with opened(sandbox) as known:
            for npsso in (OWNER_NPSSO, *[SECOND_NPSSO] * 5):
                client = known.caller({**OWNER, "x-npsso": npsso})
                assert client is not None
                await client.verify()

    asyncio.run(course())
    assert sandbox.calls[TOKEN] == 2


def test_viewers_do_not_see_what_others_were_told() -> None:
    sandbox = psn_sandbox()

    async def both() -> list[str]:
        async with opened(sandbox) as known:
            clients = (known.operator(), known.caller({**OWNER, "x-npsso": SECOND_NPSSO}))
            return [await client.account_id("me") for client in clients if client]

    assert len(set(asyncio.run(both()))) == 2


def test_the_budget_is_the_credentials() -> None:
    async def question(client: object) -> object:
        del client

    ask(question)
    operator = service(PSN_CLIENT_ID="x").operator()
    assert operator is not None
    budget = operator.budget()
    assert budget is not None
    assert (budget.limit, budget.remaining) == (300, 300)
