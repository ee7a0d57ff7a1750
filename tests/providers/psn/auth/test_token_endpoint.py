"""Failures of the authorization server, which say nothing about the credential."""

import asyncio
import codecs
import gzip
import json
import zlib
from pathlib import Path

import pytest

from providers.errors import (
    BadResponse,
    CallerUnauthenticated,
    ProviderError,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from providers.kit.sandbox import InjectedFault
from providers.psn.auth.sign_in_pauses import Requester, SignInPauses
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.providers.psn.auth.sign_in_harness import (
    CALLER,
    WRONG_NPSSO,
    get_sign_in_error,
    load_own_id,
)
from tests.providers.psn.harness import JSON, TOKEN, open_service, run_with_client
from tests.virtual_time import use_virtual_time


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("oauth/token", 403, "<html>no</html>"), Unavailable),
        (InjectedFault("oauth/token", 429, "<html>slow</html>"), RateLimited),
        (InjectedFault("oauth/token", 429, {}, {"retry-after": "7"}), RateLimited),
        (InjectedFault("oauth/token", 502, "<html>bad</html>"), Unavailable),
        (InjectedFault("oauth/token", reset=True), Unavailable),
    ],
)
def test_a_failing_server_is_not_a_rejected_credential(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)

    async def scenario(client: PsnClient) -> tuple[ProviderError, bool]:
        await asyncio.gather(*(get_sign_in_error(client) for _ in range(20)))
        error = await get_sign_in_error(client)
        return error, isinstance(client.get_health().error, Unauthenticated)

    error, is_rejected = run_with_client(scenario, sandbox)
    assert type(error) is kind
    assert not is_rejected
    assert sandbox.calls[TOKEN] == 1


def test_a_failing_server_keeps_the_stored_tokens(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    before = (tmp_path / "psn.json").read_bytes()
    sandbox.expire_access_tokens()
    sandbox.faults.append(InjectedFault("oauth/token", 500, "<html>"))
    assert isinstance(
        run_with_client(get_sign_in_error, sandbox, TROPHYCASE_STATE_DIR=folder), Unavailable
    )
    assert (tmp_path / "psn.json").read_bytes() == before


def test_a_callers_429_pauses_callers_for_five_minutes_at_most_and_not_the_operator() -> None:
    """Holds that one caller cannot keep anyone from signing in for the day a 429 may ask for."""
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 429, {}, {"retry-after": "86400"}, times=1))

    async def scenario() -> None:
        async with open_service(sandbox) as service:
            for npsso in (WRONG_NPSSO, "z" * 64):
                client = service.create_caller_client({**CALLER, "x-npsso": npsso})
                assert client is not None
                error = await get_sign_in_error(client)
                assert isinstance(error, RateLimited)
                assert error.retry_after
                assert 290 < error.retry_after <= 300
            assert sandbox.calls[TOKEN] == 1
            operator = service.get_operator_client()
            assert operator is not None
            assert await load_own_id(operator) == OWNER_ACCOUNT_ID

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 2


def test_the_operator_tries_once_after_fifteen_seconds_and_then_waits_as_long_as_is_asked() -> None:
    """Holds that a 429 which callers may have caused costs the operator fifteen seconds."""
    with use_virtual_time() as clock:
        pauses = SignInPauses()
        assert pauses.pause(Requester.OPERATOR, 3600) == pytest.approx(15)
        clock.now += 15
        assert pauses.get_remaining_seconds(Requester.OPERATOR) <= 0
        assert pauses.pause(Requester.OPERATOR, 3600) == pytest.approx(3600)
        assert pauses.get_remaining_seconds(Requester.NEW_CALLER) == pytest.approx(300)
        clock.now += 3600
        pauses.end(Requester.OPERATOR)
        assert pauses.pause(Requester.OPERATOR, 3600) == pytest.approx(15)


def test_a_429_for_an_invented_credential_does_not_pause_callers_who_are_signed_in() -> None:
    """Holds that invented credentials do not keep anyone from renewing their tokens."""
    with use_virtual_time():
        pauses = SignInPauses()
        pauses.pause(Requester.NEW_CALLER, 3600)
        assert pauses.get_remaining_seconds(Requester.SIGNED_IN_CALLER) <= 0
        pauses.pause(Requester.SIGNED_IN_CALLER, 60)
        assert pauses.get_remaining_seconds(Requester.SIGNED_IN_CALLER) == pytest.approx(60)


def test_a_response_of_more_than_64_kibibytes_is_a_bad_response() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 200, b" " * (64 * 1024 + 1), JSON))
    assert isinstance(run_with_client(get_sign_in_error, sandbox), BadResponse)


TOKENS = json.dumps(
    {"access_token": "sent-access", "token_type": "bearer", "expires_in": 3599}
).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (codecs.BOM_UTF8 + TOKENS, {}),
        (codecs.BOM_UTF16_LE + TOKENS.decode().encode("utf-16-le"), {}),
        (gzip.compress(TOKENS[:9]) + gzip.compress(TOKENS[9:]), {"content-encoding": "gzip"}),
        (gzip.compress(codecs.BOM_UTF8 + TOKENS), {"content-encoding": "x-gzip"}),
        (zlib.compress(TOKENS), {"content-encoding": "deflate"}),
    ],
    ids=range(5),
)
def test_a_response_is_read_in_every_encoding(body: bytes, headers: dict[str, str]) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 200, body, {**JSON, **headers}))

    async def scenario(client: PsnClient) -> str | None:
        return (await client.get_tokens())["access_token"]

    assert run_with_client(scenario, sandbox) == "sent-access"


def test_the_cookies_of_one_sign_in_are_not_sent_with_the_next() -> None:
    sandbox = create_sandbox()
    cookie = {"set-cookie": "npsso=other; Domain=ca.account.sony.com; Path=/", **JSON}
    sandbox.faults.append(InjectedFault("oauth/token", 400, {"error": "invalid_grant"}, cookie))

    async def scenario() -> None:
        async with open_service(sandbox) as service:
            for npsso in ("y" * 64, "z" * 64):
                client = service.create_caller_client({**CALLER, "x-npsso": npsso})
                assert client is not None
                assert isinstance(await get_sign_in_error(client), CallerUnauthenticated)

    asyncio.run(scenario())
    assert [request.headers.get("cookie") for request in sandbox.log] == [None, None]
