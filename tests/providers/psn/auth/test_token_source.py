"""Tokens from another process, from the refresh token, from the NPSSO and from a session."""

import asyncio
from pathlib import Path

import pytest

from providers.errors import ProviderError, Unauthenticated
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, OWNER_NPSSO
from tests.providers.psn.auth.sign_in_harness import (
    FakeClock,
    get_sign_in_error,
    load_own_id,
    open_sign_in,
)
from tests.providers.psn.harness import COOKIE, DMS, TOKEN, run_with_client


def test_without_an_npsso_a_session_is_requested_once_and_the_error_names_the_setting() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        return [await get_sign_in_error(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, PSN_NPSSO="")
    assert all("PSN_NPSSO" in error.message for error in errors)
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {COOKIE: 1}


def test_the_npsso_of_an_existing_session_is_used() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("ssocookie", 200, {"npsso": OWNER_NPSSO}))
    assert run_with_client(load_own_id, sandbox, PSN_NPSSO="") == OWNER_ACCOUNT_ID


def make_writable_for_others(folder: Path) -> None:
    (folder / "psn.json").chmod(0o666)
    folder.chmod(0o777)


def test_a_running_server_does_not_use_a_sign_in_that_others_can_write(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock, folder=tmp_path) as sign_in:
            await sign_in.build_headers()
            make_writable_for_others(tmp_path)
            clock.now += 3600 * 24
            assert await sign_in.build_headers()

    asyncio.run(scenario())
    messages = [record.getMessage() for record in caplog.records]
    assert any("the state directory can be written by others" in text for text in messages)
    assert any("could not be stored in the state directory" in text for text in messages)
    assert "sandbox-" not in caplog.text


def test_a_folder_that_cannot_be_written_to_does_not_prevent_sign_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    assert (
        run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path / "file" / "state"))
        == OWNER_ACCOUNT_ID
    )
    assert "could not be stored" in caplog.text


def test_a_stored_sign_in_is_enough(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)

    async def login(client: PsnClient) -> None:
        await client.sign_in_with(OWNER_NPSSO)

    run_with_client(login, sandbox, PSN_NPSSO="", TROPHYCASE_STATE_DIR=folder)
    sandbox.calls.clear()
    assert (
        run_with_client(load_own_id, sandbox, PSN_NPSSO="", TROPHYCASE_STATE_DIR=folder)
        == OWNER_ACCOUNT_ID
    )
    assert sandbox.calls == {DMS: 1}


def test_the_rotated_refresh_token_is_stored_and_used(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    for _ in range(3):
        assert (
            run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder) == OWNER_ACCOUNT_ID
        )
        sandbox.expire_access_tokens()
    bodies = [request.content for request in sandbox.log if request.url.path.endswith("/token")]
    assert [b"grant_type=refresh_token" in body for body in bodies] == [False, True, True]
    assert len(set(bodies)) == 3


def test_an_expired_refresh_token_falls_back_to_the_npsso(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    sandbox.expire_access_tokens()
    sandbox.expire_refresh_tokens()
    sandbox.calls.clear()
    assert run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder) == OWNER_ACCOUNT_ID
    assert sandbox.calls[TOKEN] == 2


def test_an_expired_refresh_token_without_an_npsso_is_unauthenticated(tmp_path: Path) -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock, None, tmp_path) as sign_in:
            await sign_in.sign_in_with(OWNER_NPSSO)
        async with open_sign_in(sandbox, clock, None, tmp_path) as sign_in:
            assert sign_in.get_health().credential_expires_at
            sandbox.expire_refresh_tokens()
            clock.now += 4000
            with pytest.raises(Unauthenticated):
                await sign_in.build_headers()
            assert isinstance(sign_in.get_health().error, Unauthenticated)

    asyncio.run(scenario())


def test_tokens_refreshed_by_another_process_are_used(tmp_path: Path) -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with (
            open_sign_in(sandbox, clock, folder=tmp_path) as one,
            open_sign_in(sandbox, clock, folder=tmp_path) as other,
        ):
            await one.build_headers()
            assert await other.build_headers() == await one.build_headers()
            clock.now += 3400
            renewed = await one.build_headers()
            assert await other.build_headers() == renewed
            assert sandbox.calls[TOKEN] == 2

    asyncio.run(scenario())
