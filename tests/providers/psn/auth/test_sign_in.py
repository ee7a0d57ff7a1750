"""Signing requests: tokens are renewed in time, once for all, and not after a rejection."""

import asyncio
import time
from pathlib import Path

import pytest

from providers.capabilities import Health
from providers.errors import (
    BadInput,
    CallerUnauthenticated,
    ProviderError,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from providers.kit.request_context import RequestContext, set_current
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_NPSSO,
)
from tests.providers.psn.auth.sign_in_harness import (
    CALLER,
    WRONG_NPSSO,
    FakeClock,
    get_sign_in_error,
    load_own_id,
    open_sign_in,
)
from tests.providers.psn.harness import TOKEN, open_service, run_with_client


def test_the_token_type_is_sent_with_a_capital_letter() -> None:
    sandbox = create_sandbox()
    run_with_client(load_own_id, sandbox)
    assert sandbox.log[-1].headers["authorization"].startswith("Bearer sandbox-access.")


def test_a_rejected_operator_npsso_is_not_retried() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        return [await get_sign_in_error(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, PSN_NPSSO=WRONG_NPSSO)
    assert {type(error) for error in errors} == {Unauthenticated}
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {TOKEN: 1}


def test_a_rejected_caller_npsso_is_the_callers_error() -> None:
    error = run_with_client(get_sign_in_error, caller=CALLER)
    assert isinstance(error, CallerUnauthenticated)
    assert error.code == "UNAUTHENTICATED"


def test_a_rejection_is_cached_for_five_minutes_and_reported_until_a_sign_in() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock, WRONG_NPSSO) as sign_in:
            for seconds, requests in ((0, 1), (299, 1), (2, 2)):
                clock.now += seconds
                with pytest.raises(Unauthenticated):
                    await sign_in.build_headers()
                assert sandbox.calls[TOKEN] == requests
            assert isinstance(sign_in.get_health().error, Unauthenticated)
            clock.now += 1000
            assert isinstance(sign_in.get_health().error, Unauthenticated)

    asyncio.run(scenario())


@pytest.mark.slow
def test_two_hundred_concurrent_401s_refresh_once() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> set[str]:
        await client.verify()
        sandbox.expire_access_tokens()
        profiles = await client.get_profiles([f"extra_{number:03}" for number in range(1, 130)] * 2)
        assert not [profile for profile in profiles if isinstance(profile, ProviderError)]
        await asyncio.gather(*(client.verify() for _ in range(200)))
        return {await client.get_account_id("me")}

    assert run_with_client(scenario, sandbox, PSN_CONCURRENCY="200") == {OWNER_ACCOUNT_ID}
    assert sandbox.calls[TOKEN] == 2


@pytest.mark.slow
def test_two_hundred_concurrent_calls_sign_in_once() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        await asyncio.gather(*(client.verify() for _ in range(200)))

    run_with_client(scenario, sandbox, PSN_CONCURRENCY="200")
    assert sandbox.calls[TOKEN] == 1


@pytest.mark.parametrize(
    ("caller", "kind"),
    [(None, Unauthenticated), ({**CALLER, "x-npsso": SECOND_NPSSO}, CallerUnauthenticated)],
)
def test_a_persistent_401_is_raised_without_retries(
    caller: dict[str, str] | None, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.settings["expired_tokens"] = True

    async def scenario(client: PsnClient) -> list[ProviderError]:
        return [await get_sign_in_error(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, caller=caller)
    assert {type(error) for error in errors} == {kind}
    assert sandbox.calls[TOKEN] == 2


@pytest.mark.parametrize(("lifetime", "lead"), [(3599, 300), (100, 20)])
def test_a_token_is_refreshed_before_it_expires(lifetime: int, lead: int) -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.settings["token_lifetime"] = lifetime

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            first = await sign_in.build_headers()
            clock.now += lifetime - lead - 1
            assert await sign_in.build_headers() == first
            clock.now += 2
            assert await sign_in.build_headers() != first

    asyncio.run(scenario())


def test_a_valid_token_is_used_when_the_refresh_fails() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            first = await sign_in.build_headers()
            sandbox.faults.append(InjectedFault("oauth/token", 503, "<html>"))
            clock.now += 3400
            assert await sign_in.build_headers() == first
            clock.now += 300
            with pytest.raises(Unavailable):
                await sign_in.build_headers()

    asyncio.run(scenario())


def test_a_request_that_times_out_does_not_cancel_the_sign_in() -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.faults.append(InjectedFault("oauth/token", delay=0.05))

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            set_current(RequestContext(deadline=time.monotonic() + 0.01))
            with pytest.raises(TimedOut):
                await sign_in.build_headers()
            set_current(RequestContext(deadline=time.monotonic() + 5))
            assert await sign_in.build_headers()
            assert sandbox.calls[TOKEN] == 1

    asyncio.run(scenario())


def test_health_reports_when_the_credential_expires() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            assert sign_in.get_health() == Health()
            await sign_in.build_headers()
            expires_at = sign_in.get_health().credential_expires_at
            assert expires_at is not None
            clock.now += 30 * 86_400
            await sign_in.build_headers()
            assert sign_in.get_health().credential_expires_at == expires_at

    asyncio.run(scenario())


def test_health_reports_a_failure_while_it_lasts() -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.faults.append(InjectedFault("oauth/token", 503, "<html>", times=1))

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            with pytest.raises(Unavailable):
                await sign_in.build_headers()
            assert isinstance(sign_in.get_health().error, Unavailable)
            clock.now += 10
            assert sign_in.get_health().error is None
            assert await sign_in.build_headers()

    asyncio.run(scenario())


def test_the_operator_can_read_the_tokens() -> None:
    async def scenario(client: PsnClient) -> dict[str, str | None]:
        return await client.get_tokens()

    tokens = run_with_client(scenario)
    assert set(tokens) == {"access_token", "expires_at", "refresh_token", "refresh_expires_at"}
    assert None not in tokens.values()


def test_an_invalid_npsso_is_rejected_before_any_call() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        await client.sign_in_with("short")

    with pytest.raises(BadInput):
        run_with_client(scenario, sandbox)
    assert not sandbox.calls


def test_a_new_npsso_ends_a_rejection() -> None:
    async def scenario(client: PsnClient) -> str:
        await get_sign_in_error(client)
        await client.sign_in_with(OWNER_NPSSO)
        return await client.get_account_id("me")

    assert run_with_client(scenario, PSN_NPSSO=WRONG_NPSSO) == OWNER_ACCOUNT_ID


def test_no_secret_shows_in_errors_or_representations(tmp_path: Path) -> None:
    secrets = (WRONG_NPSSO, OWNER_NPSSO, CLIENT_SECRET, "sandbox-access", "sandbox-refresh")

    async def collect_representations(sandbox: PsnSandbox) -> str:
        shown: list[object] = []
        for npsso in (WRONG_NPSSO, OWNER_NPSSO):
            async with open_service(
                sandbox, PSN_NPSSO=npsso, TROPHYCASE_STATE_DIR=str(tmp_path)
            ) as service:
                client = service.get_operator_client()
                assert client is not None
                try:
                    await client.verify()
                except ProviderError as error:
                    shown += [error, error.message, error.__cause__, error.__context__]
                shown += [service, client, client.sign_in, client.get_health(), client.scope]
        return " ".join(map(repr, shown))

    text = asyncio.run(collect_representations(create_sandbox()))
    assert not [secret for secret in secrets if secret in text]
