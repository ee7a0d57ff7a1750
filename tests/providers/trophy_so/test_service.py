"""Which credential a client uses, and the error of a missing, malformed or refused one."""

from collections.abc import Mapping

import httpx
import pytest

from providers.errors import CallerUnauthenticated, NotFound, Unauthenticated
from providers.kit.upstream.upstream_client import SharedServices
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.app import SANDBOX_SETTINGS, create_sandbox
from providers.trophy_so.service import TrophySoService
from tests.providers.trophy_so.harness import (
    PROVIDER,
    ClientHarness,
    get_error,
    unwrap,
)

SECRET = "very.secret-key"
CALLER = {"x-trophy-so-user-id": "second user", "x-trophy-so-api-key": constants.APPLICATION_KEY}
REFUSED = {**CALLER, "x-trophy-so-api-key": SECRET}


def open_service(settings: Mapping[str, str]) -> TrophySoService:
    return PROVIDER.create_service(SharedServices(httpx.AsyncHTTPTransport()), settings)


@pytest.mark.slow
def test_without_a_key_the_source_is_not_configured() -> None:
    assert open_service({}).get_operator_client() is None
    assert open_service({"TROPHY_SO_USER_ID": "vega"}).get_operator_client() is None


def test_a_key_without_a_user_id_still_sees_other_users() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_USER_ID": ""})

    async def run_with_client(client: TrophySoClient) -> tuple[str, str]:
        (outcome,) = await client.get_profiles(["vega"])
        return client.own_handle, unwrap(outcome).handle

    assert harness.run(run_with_client) == ("", "vega")


def test_the_sandboxs_settings_make_the_operator_work() -> None:
    async def run_with_client(client: TrophySoClient) -> str:
        await client.verify()
        return client.own_handle

    harness = ClientHarness()
    assert harness.run(run_with_client) == "vega"
    assert harness.paths == ["/v1/users/vega"]


def test_verifying_a_key_without_a_user_reads_the_accounts_achievements() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_USER_ID": ""})
    harness.run(lambda client: client.verify())
    assert harness.paths == ["/v1/achievements"]


def test_verifying_raises_the_error() -> None:
    with pytest.raises(NotFound):
        ClientHarness(settings={"TROPHY_SO_USER_ID": "nobody"}).run(lambda client: client.verify())
    for user_id in ("", "vega"):
        settings = {"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_USER_ID": user_id}
        with pytest.raises(Unauthenticated) as caught:
            ClientHarness(settings=settings).run(lambda client: client.verify())
        assert caught.value.code == "UPSTREAM_UNAUTHENTICATED"
    with pytest.raises(CallerUnauthenticated):
        ClientHarness(headers=REFUSED).run(lambda client: client.verify())


def test_a_key_that_may_not_read_the_account_is_refused_when_verified() -> None:
    harness = ClientHarness(settings={"TROPHY_SO_USER_ID": ""}).with_response(
        "achievements", {}, 403
    )
    with pytest.raises(Unauthenticated):
        harness.run(lambda client: client.verify())


def test_a_refused_key_is_the_operators_or_the_callers() -> None:
    operator = get_error(
        ClientHarness(settings={"TROPHY_SO_API_KEY": SECRET}).run(
            lambda client: client.get_profiles(["vega"])
        )
    )
    caller = get_error(
        ClientHarness(headers=REFUSED).run(lambda client: client.get_profiles(["vega"]))
    )
    assert (operator.code, caller.code) == ("UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED")
    assert operator.source == caller.source == "TROPHY_SO"


def test_a_caller_uses_the_callers_own_key() -> None:
    harness = ClientHarness(headers=CALLER)

    async def run_with_client(client: TrophySoClient) -> tuple[str, str | None]:
        (outcome,) = await client.get_profiles([client.own_handle])
        return client.own_handle, unwrap(outcome).display_name

    assert harness.run(run_with_client) == ("second user", "Second User")
    assert harness.sandbox.log[0].headers["x-api-key"] == constants.APPLICATION_KEY


def test_without_credential_headers_there_is_no_caller() -> None:
    assert open_service({}).create_caller_client({"x-npsso": "other", "accept": "*/*"}) is None


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"x-trophy-so-user-id": "vega"}, "x-trophy-so-api-key"),
        ({"x-trophy-so-api-key": SECRET}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": ""}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": ".."}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": "a\x00" + SECRET}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-api-key": ""}, "x-trophy-so-api-key"),
        ({**REFUSED, "x-trophy-so-api-key": SECRET + " ü"}, "x-trophy-so-api-key"),
    ],
)
def test_an_incomplete_credential_is_an_error_that_names_the_header(
    headers: dict[str, str], named: str
) -> None:
    with pytest.raises(CallerUnauthenticated) as caught:
        open_service(SANDBOX_SETTINGS).create_caller_client(headers)
    assert named in caught.value.message
    assert SECRET not in caught.value.message


def test_one_key_has_one_scope_for_operator_and_caller() -> None:
    service = open_service({"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_USER_ID": "vega"})
    operator, same, other = (
        service.get_operator_client(),
        service.create_caller_client(REFUSED),
        service.create_caller_client(CALLER),
    )
    assert operator is not None
    assert same is not None
    assert other is not None
    assert operator.scope == same.scope
    assert operator.scope != other.scope


def test_no_key_can_be_read_off_a_value_or_an_error() -> None:
    service = open_service({"TROPHY_SO_API_KEY": SECRET})
    client = service.get_operator_client()
    assert client is not None
    assert SECRET not in repr((service, client, client.cached_api))
    refused = get_error(
        ClientHarness(headers=REFUSED).run(lambda client: client.get_profiles(["vega"]))
    )
    assert SECRET not in repr(refused)
    assert PROVIDER.secrets == {"TROPHY_SO_API_KEY", "TROPHY_SO_WEBHOOK_SECRET"}


@pytest.mark.parametrize(
    ("name", "text"), [("TROPHY_SO_API_KEY", SECRET + "\n"), ("TROPHY_SO_USER_ID", "..")]
)
def test_an_invalid_credential_setting_is_rejected_by_name_at_startup(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        open_service({name: text})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("TROPHY_SO_RATE", "quick", "calls per seconds"),
        ("TROPHY_SO_RATE", "0/1", "calls per seconds"),
        ("TROPHY_SO_CONCURRENCY", "0", "whole number from 1"),
        ("TROPHY_SO_CONCURRENCY", "many", "whole number from 1"),
    ],
)
def test_an_invalid_limit_is_rejected_at_startup(name: str, text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        open_service({name: text})


def test_no_rate_is_no_limit() -> None:
    client = open_service({"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_RATE": ""}).get_operator_client()
    assert client is not None
    assert client.get_budget() is None


def test_the_address_may_have_a_prefix() -> None:
    seen: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        host = request.url.copy_with(
            host="api.trophy.so",
            port=None,
            raw_path=request.url.raw_path.removeprefix(b"/api.trophy.so"),
        )
        again = httpx.Request(request.method, host, headers={**request.headers, "host": ""})
        return await create_sandbox().handle_request(again)

    harness = ClientHarness(
        settings={"TROPHY_SO_URL": "http://127.0.0.1:9000/api.trophy.so/v1/"},
        transport=httpx.MockTransport(answer),
    )
    (outcome,) = harness.run(lambda client: client.get_profiles(["team/blue"]))
    assert unwrap(outcome).handle == "team/blue"
    assert seen == ["http://127.0.0.1:9000/api.trophy.so/v1/users/team%2Fblue"]
