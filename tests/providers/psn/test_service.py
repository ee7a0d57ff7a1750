"""The service: the operator's client, callers' clients, and settings that are invalid."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from providers.capabilities import Provider
from providers.errors import CallerUnauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.psn import Psn
from providers.psn.auth.caller_sign_ins import MAX_SIGN_INS
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, OWNER_NPSSO, SECOND_NPSSO
from providers.psn.service import PsnService
from tests.providers.psn.harness import TOKEN, open_service

OWNER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": OWNER_NPSSO}


def create_service(**settings: str) -> PsnService:
    source: Provider = Psn()
    all_settings = {**source.settings, **settings}
    service = source.create_service(SharedServices(httpx.AsyncHTTPTransport()), all_settings)
    assert isinstance(service, PsnService)
    return service


def test_the_source_is_described() -> None:
    source = Psn()
    assert source.secrets == {"PSN_CLIENT_SECRET", "PSN_NPSSO"}
    assert source.credential_headers == {"x-client-id", "x-client-secret", "x-npsso"}
    assert OWNER_NPSSO not in repr(source)


@pytest.mark.slow
def test_without_a_client_id_there_is_no_operator() -> None:
    assert create_service().get_operator_client() is None
    assert create_service(PSN_NPSSO=OWNER_NPSSO).get_operator_client() is None
    assert create_service(PSN_CLIENT_ID="x").get_operator_client() is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PSN_RESOURCE_HOSTS", "https://cdn.example"),
        ("PSN_RESOURCE_HOSTS", "*.example"),
        ("PSN_RESOURCE_HOSTS", "cdn.example:8443"),
        ("PSN_RESOURCE_HOSTS", "a b"),
        ("PSN_PERSISTED_QUERIES", "no/such/file.json"),
    ],
)
def test_an_invalid_setting_is_rejected_by_name(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        create_service(**{name: text})


@pytest.mark.parametrize(
    ("name", "text"),
    [("PSN_RATE", "many"), ("PSN_RATE", "0/1"), ("PSN_CONCURRENCY", "0"), ("PSN_CONCURRENCY", "x")],
)
def test_an_invalid_rate_or_concurrency_is_rejected(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be "):  # the server's settings add the name
        create_service(**{name: text})


def test_without_credential_headers_there_is_no_caller() -> None:
    assert create_service().create_caller_client({"accept-language": "en-US"}) is None


@pytest.mark.parametrize(
    ("headers", "header"),
    [
        ({"x-npsso": OWNER_NPSSO}, "x-client-id"),
        ({"x-client-id": "x"}, "x-npsso"),
        ({"x-client-secret": "x"}, "x-client-id"),
        ({"x-npsso": ""}, "x-client-id"),
        ({"x-client-id": "x", "x-npsso": "short"}, "x-npsso"),
        ({"x-client-id": "x", "x-npsso": OWNER_NPSSO + "x"}, "x-npsso"),
    ],
)
def test_an_incomplete_credential_is_an_error_that_names_the_header(
    headers: Mapping[str, str], header: str
) -> None:
    with pytest.raises(CallerUnauthenticated, match=header) as caught:
        create_service(PSN_CLIENT_ID=CLIENT_ID, PSN_NPSSO=OWNER_NPSSO).create_caller_client(headers)
    values = {value for value in headers.values() if value not in ("", "x")}
    assert not [value for value in values if value in str(caught.value)]


def test_the_same_credential_has_the_same_scope() -> None:
    service = create_service(
        PSN_CLIENT_ID=CLIENT_ID, PSN_CLIENT_SECRET=CLIENT_SECRET, PSN_NPSSO=OWNER_NPSSO
    )
    operator, owner = service.get_operator_client(), service.create_caller_client(OWNER)
    other = service.create_caller_client({**OWNER, "x-npsso": SECOND_NPSSO})
    without_secret = service.create_caller_client({**OWNER, "x-client-secret": ""})
    assert operator is not None
    assert owner is not None
    assert other is not None
    assert without_secret is not None
    assert operator.scope == owner.scope
    assert len({owner.scope, other.scope, without_secret.scope}) == 3


def test_one_sign_in_serves_all_requests_of_a_caller() -> None:
    sandbox = create_sandbox()

    async def scenario() -> None:
        async with open_service(sandbox) as service:
            for _ in range(2):
                client = service.create_caller_client(OWNER)
                assert client is not None
                await client.verify()

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 1


@pytest.mark.slow
def test_the_number_of_callers_is_limited() -> None:
    service = create_service()
    first = service.create_caller_client(OWNER)
    for number in range(MAX_SIGN_INS):
        service.create_caller_client({"x-client-id": str(number), "x-npsso": "a" * 64})
    second = service.create_caller_client(OWNER)
    assert first is not None
    assert second is not None
    assert first.sign_in is not second.sign_in
