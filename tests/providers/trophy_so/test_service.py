"""Whose key is used, and what is said when it is missing, malformed or refused."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from providers.errors import CallerUnauthenticated, NotFound, Unauthenticated
from providers.kit.sandbox import Fault
from providers.kit.upstream.upstream_client import Kit
from providers.trophy_so.client import TrophySoClient
from providers.trophy_so.sandbox import fixture
from providers.trophy_so.sandbox.app import trophy_so_sandbox
from providers.trophy_so.service import TrophySoService
from tests.providers.trophy_so.asking import PROVIDER, Asking, error, impatient, value

SECRET = "very.secret-key"
CALLER = {"x-trophy-so-user-id": "second user", "x-trophy-so-api-key": fixture.APPLICATION_KEY}
REFUSED = {**CALLER, "x-trophy-so-api-key": SECRET}


def opened(settings: Mapping[str, str]) -> TrophySoService:
    return PROVIDER.open(Kit(httpx.AsyncClient()), settings)


def test_without_a_key_the_source_is_not_configured() -> None:
    assert opened({}).operator() is None
    assert opened({"TROPHY_SO_USER_ID": "vega"}).operator() is None


def test_a_key_without_a_user_id_still_sees_other_users() -> None:
    asking = Asking(settings={"TROPHY_SO_USER_ID": ""})

    async def seen(client: TrophySoClient) -> tuple[str, str]:
        (outcome,) = await client.people(["vega"])
        return client.own_handle, value(outcome).handle

    assert asking.run(seen) == ("", "vega")


def test_the_sandboxs_settings_make_the_operator_work() -> None:
    async def seen(client: TrophySoClient) -> str:
        await client.verify()
        return client.own_handle

    asking = Asking()
    assert asking.run(seen) == "vega"
    assert asking.paths == ["/v1/users/vega"]


def test_verifying_a_key_without_a_user_reads_the_accounts_achievements() -> None:
    asking = Asking(settings={"TROPHY_SO_USER_ID": ""})
    asking.run(lambda client: client.verify())
    assert asking.paths == ["/v1/achievements"]


def test_verifying_says_what_is_wrong() -> None:
    with pytest.raises(NotFound):
        Asking(settings={"TROPHY_SO_USER_ID": "nobody"}).run(lambda client: client.verify())
    for user_id in ("", "vega"):
        settings = {"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_USER_ID": user_id}
        with pytest.raises(Unauthenticated) as refused:
            Asking(settings=settings).run(lambda client: client.verify())
        assert refused.value.code == "UPSTREAM_UNAUTHENTICATED"
    with pytest.raises(CallerUnauthenticated):
        Asking(headers=REFUSED).run(lambda client: client.verify())


def test_a_key_that_may_not_read_the_account_is_refused_when_verified() -> None:
    asking = Asking(settings={"TROPHY_SO_USER_ID": ""}).answering("achievements", {}, 403)
    with pytest.raises(Unauthenticated):
        asking.run(lambda client: client.verify())


def test_a_refused_key_is_the_operators_or_the_callers() -> None:
    operator = error(
        Asking(settings={"TROPHY_SO_API_KEY": SECRET}).run(lambda client: client.people(["vega"]))
    )
    caller = error(Asking(headers=REFUSED).run(lambda client: client.people(["vega"])))
    assert (operator.code, caller.code) == ("UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED")
    assert operator.source == caller.source == "TROPHY_SO"


def test_operator_and_caller_with_one_refused_key_are_each_told_their_own() -> None:
    sandbox = trophy_so_sandbox()
    sandbox.faults.append(Fault("users/vega", delay=0.01))

    async def both() -> list[str]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer)) as http:
            service = PROVIDER.open(impatient(http), {"TROPHY_SO_API_KEY": SECRET})
            clients = [service.operator(), service.caller(REFUSED)]
            asked = [client.people(["vega"]) for client in clients if client]
            return [error(outcomes).code for outcomes in await asyncio.gather(*asked)]

    assert asyncio.run(both()) == ["UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED"]
    assert len(sandbox.log) == 1


def test_a_caller_speaks_for_himself_with_his_own_key() -> None:
    asking = Asking(headers=CALLER)

    async def seen(client: TrophySoClient) -> tuple[str, str | None]:
        (outcome,) = await client.people([client.own_handle])
        return client.own_handle, value(outcome).display_name

    assert asking.run(seen) == ("second user", "Second User")
    assert asking.sandbox.log[0].headers["x-api-key"] == fixture.APPLICATION_KEY


def test_a_caller_who_brings_nothing_for_this_source_is_nobody() -> None:
    assert opened({}).caller({"x-npsso": "other", "accept": "*/*"}) is None


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"x-trophy-so-user-id": "vega"}, "x-trophy-so-api-key"),
        ({"x-trophy-so-api-key": SECRET}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": ""}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": ".."}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-user-id": "\x00" + SECRET}, "x-trophy-so-user-id"),
        ({**REFUSED, "x-trophy-so-api-key": ""}, "x-trophy-so-api-key"),
        ({**REFUSED, "x-trophy-so-api-key": SECRET + " ü"}, "x-trophy-so-api-key"),
    ],
)
def test_half_a_credential_is_an_error_that_names_the_header(
    headers: dict[str, str], named: str
) -> None:
    with pytest.raises(CallerUnauthenticated) as refused:
        opened(PROVIDER.sandbox_settings).caller(headers)
    assert named in refused.value.message
    assert SECRET not in refused.value.message


def test_one_key_has_one_scope_whoever_brought_it() -> None:
    service = opened({"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_USER_ID": "vega"})
    operator, same, other = service.operator(), service.caller(REFUSED), service.caller(CALLER)
    assert operator is not None
    assert same is not None
    assert other is not None
    assert operator.scope == same.scope
    assert operator.scope != other.scope


def test_viewers_do_not_see_each_others_answers() -> None:
    sandbox = trophy_so_sandbox()

    async def seen() -> list[str]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer)) as http:
            service = PROVIDER.open(impatient(http), PROVIDER.sandbox_settings)
            clients = [service.operator(), service.caller(CALLER)]
            outcomes = [await client.people(["vega"]) for client in clients if client]
            return [type(outcome).__name__ for (outcome,) in outcomes]

    assert asyncio.run(seen()) == ["Answer", "Private"]


def test_no_key_can_be_read_off_a_value_or_an_error() -> None:
    service = opened({"TROPHY_SO_API_KEY": SECRET})
    client = service.operator()
    assert client is not None
    assert SECRET not in repr((service, client, client.facts))
    refused = error(Asking(headers=REFUSED).run(lambda client: client.people(["vega"])))
    assert SECRET not in repr(refused)
    assert PROVIDER.secrets == {"TROPHY_SO_API_KEY"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TROPHY_SO_RATE", "quick"),
        ("TROPHY_SO_RATE", "0/1"),
        ("TROPHY_SO_CONCURRENCY", "0"),
        ("TROPHY_SO_CONCURRENCY", "many"),
        ("TROPHY_SO_API_KEY", SECRET + "\n"),
        ("TROPHY_SO_USER_ID", ".."),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_at_the_start(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        opened({name: text})
    assert SECRET not in str(refused.value)


def test_no_rate_is_no_limit() -> None:
    client = opened({"TROPHY_SO_API_KEY": SECRET, "TROPHY_SO_RATE": ""}).operator()
    assert client is not None
    assert client.budget() is None


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
        return await trophy_so_sandbox().answer(again)

    asking = Asking(
        settings={"TROPHY_SO_URL": "http://127.0.0.1:9000/api.trophy.so/v1/"},
        transport=httpx.MockTransport(answer),
    )
    (outcome,) = asking.run(lambda client: client.people(["team/blue"]))
    assert value(outcome).handle == "team/blue"
    assert seen == ["http://127.0.0.1:9000/api.trophy.so/v1/users/team%2Fblue"]
