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
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from tests.providers.psn.auth.sign_in_harness import CALLER, get_sign_in_error, load_own_id
from tests.providers.psn.harness import JSON, TOKEN, open_service, run_with_client


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


def test_a_retry_after_applies_to_all_credentials() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 429, {}, {"retry-after": "60"}))

    async def scenario() -> None:
        async with open_service(sandbox) as service:
            clients = [
                service.create_caller_client(CALLER),
                service.create_caller_client({**CALLER, "x-npsso": "z" * 64}),
                service.get_operator_client(),
            ]
            for client in clients:
                assert client is not None
                error = await get_sign_in_error(client)
                assert isinstance(error, RateLimited)
                assert error.retry_after
                assert 50 < error.retry_after <= 60

    asyncio.run(scenario())
    assert sandbox.calls[TOKEN] == 1


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
