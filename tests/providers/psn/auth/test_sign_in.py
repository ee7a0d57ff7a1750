"""Signing in, staying signed in, and leaving the sign-in host alone."""

import asyncio
import stat
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from providers.capabilities import Health
from providers.errors import (
    BadInput,
    CallerUnauthenticated,
    ProviderError,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from providers.kit.request_context import RequestContext, get_current, set_current
from providers.kit.sandbox import InjectedFault
from providers.psn.auth.grants import Grants
from providers.psn.auth.sign_in import SignIn
from providers.psn.auth.token_endpoint import AuthorizationServer
from providers.psn.auth.token_source import TokenSource
from providers.psn.auth.token_store import TokenFile
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.psn.urls import BaseUrls
from tests.providers.psn.harness import AUTHORIZE, COOKIE, DMS, TOKEN, open_service, run_with_client

WRONG_NPSSO = "x" * 64
CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": WRONG_NPSSO}
JSON = {"content-type": "application/json"}
NO_DIRECT_GRANT = InjectedFault(
    "oauth/token", 400, {"error": "unsupported_grant_type", "error_code": 4098}, JSON, times=1
)
HTML = {"content-type": "text/html"}


async def load_own_id(client: PsnClient) -> str:
    return await client.get_account_id("me")


async def get_refusal(client: PsnClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.get_account_id("me")
    return caught.value


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def open_sign_in(
    sandbox: PsnSandbox,
    clock: FakeClock,
    npsso: str | None = OWNER_NPSSO,
    folder: Path | None = None,
) -> AsyncGenerator[SignIn]:
    sandbox.state.clock = clock
    async with httpx.AsyncClient(transport=httpx.MockTransport(sandbox.handle_request)) as http:
        host = AuthorizationServer(http, "https://ca.account.sony.com")
        grants = Grants(host, CLIENT_ID, CLIENT_SECRET, clock)
        file = TokenFile(folder, "mark") if folder else None
        yield SignIn(TokenSource(grants, npsso, file), is_caller=False, clock=clock)


def test_the_direct_grant_is_one_request_and_no_call_of_the_api() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> tuple[str, dict[str, int]]:
        return await client.get_account_id("me"), dict(get_current().calls)

    account_id, counted = run_with_client(scenario, sandbox)
    assert account_id == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 1, DMS: 1}
    assert counted == {"PSN": 1}


def test_the_token_is_sent_with_a_capital_letter() -> None:
    sandbox = create_sandbox()
    run_with_client(load_own_id, sandbox)
    assert sandbox.log[-1].headers["authorization"].startswith("Bearer sandbox-access.")


def test_the_code_flow_stands_in_where_there_is_no_direct_grant() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(NO_DIRECT_GRANT)
    assert run_with_client(load_own_id, sandbox) == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 2, AUTHORIZE: 1, DMS: 1}


@pytest.mark.parametrize("slash", ["", "/", "/deeper/"])
def test_the_code_is_found_whatever_the_slash(slash: str) -> None:
    sandbox = create_sandbox()
    sandbox.state.authorization_codes["v3.SAMPLE"] = OWNER_ACCOUNT_ID
    location = f"com.scee.psxandroid.scecompcall://redirect{slash}?cid=1&code=v3.SAMPLE"
    sandbox.faults += [
        NO_DIRECT_GRANT,
        InjectedFault("authorize", 302, b"", {"location": location}),
    ]
    NO_DIRECT_GRANT.times = 1
    assert run_with_client(load_own_id, sandbox) == OWNER_ACCOUNT_ID


@pytest.mark.parametrize(
    ("status", "headers", "needs_person"),
    [
        (302, {"location": "https://my.account.sony.com/sonyacct/terms/?step=1"}, True),
        (200, HTML, True),
        (302, {"location": "https://x/?error=login_required&error_code=4165"}, True),
        (302, {"location": "https://[broken/?code=1"}, True),
        (403, HTML, False),
        (503, HTML, False),
    ],
)
def test_a_redirect_without_a_code_is_an_error(
    status: int, headers: dict[str, str], needs_person: bool
) -> None:
    sandbox = create_sandbox()
    NO_DIRECT_GRANT.times = 1
    sandbox.faults += [NO_DIRECT_GRANT, InjectedFault("authorize", status, b"<html>", headers)]

    async def scenario(client: PsnClient) -> tuple[ProviderError, bool]:
        error = await get_refusal(client)
        return error, isinstance(client.get_health().error, Unauthenticated)

    error, needs_sign_in = run_with_client(scenario, sandbox)
    assert isinstance(error, Unauthenticated if needs_person else Unavailable)
    assert needs_sign_in is needs_person


def test_a_refused_operator_npsso_is_not_retried() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        return [await get_refusal(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, PSN_NPSSO=WRONG_NPSSO)
    assert {type(error) for error in errors} == {Unauthenticated}
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {TOKEN: 1}


def test_a_refused_caller_npsso_is_the_callers_error() -> None:
    error = run_with_client(get_refusal, caller=CALLER)
    assert isinstance(error, CallerUnauthenticated)
    assert error.code == "UNAUTHENTICATED"


def test_a_refusal_expires() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock, WRONG_NPSSO) as sign_in:
            for seconds, requests in ((0, 1), (299, 1), (2, 2)):
                clock.now += seconds
                with pytest.raises(Unauthenticated):
                    await sign_in.build_headers("")
                assert sandbox.calls[TOKEN] == requests
            assert isinstance(sign_in.get_health().error, Unauthenticated)
            clock.now += 1000
            assert isinstance(sign_in.get_health().error, Unauthenticated)

    asyncio.run(scenario())


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
def test_a_failing_sign_in_host_is_no_refusal(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)

    async def scenario(client: PsnClient) -> tuple[ProviderError, bool]:
        await asyncio.gather(*(get_refusal(client) for _ in range(20)))
        error = await get_refusal(client)
        return error, isinstance(client.get_health().error, Unauthenticated)

    error, needs_person = run_with_client(scenario, sandbox)
    assert type(error) is kind
    assert not needs_person
    assert sandbox.calls[TOKEN] == 1


@pytest.mark.parametrize(
    "body", [{}, [], 7, "<html>", {"access_token": "a b", "expires_in": 1}, {"expires_in": 5}]
)
def test_an_invalid_token_response_is_an_error(body: object) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("oauth/token", 200, body))
    assert run_with_client(get_refusal, sandbox).code == "UPSTREAM_BAD_RESPONSE"


def test_without_an_npsso_the_cookie_is_requested_once_and_the_error_names_the_setting() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        return [await get_refusal(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, PSN_NPSSO="")
    assert all("PSN_NPSSO" in error.message for error in errors)
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {COOKIE: 1}


def test_an_existing_cookie_is_used() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("ssocookie", 200, {"npsso": OWNER_NPSSO}))
    assert run_with_client(load_own_id, sandbox, PSN_NPSSO="") == OWNER_ACCOUNT_ID


def test_the_token_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(folder))
    file = folder / "psn.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["psn.json"]
    assert OWNER_NPSSO not in file.read_text()


def test_a_folder_that_exists_keeps_its_permissions(tmp_path: Path) -> None:
    """Holds that a folder of the system is not closed for others when it is named as ours."""
    tmp_path.chmod(0o755)
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "psn.json").stat().st_mode) == 0o600


def open_to_others(folder: Path) -> None:
    (folder / "psn.json").chmod(0o666)
    folder.chmod(0o777)


@pytest.mark.parametrize("place", ["", "psn.json"])
def test_a_sign_in_that_others_can_write_prevents_the_start(tmp_path: Path, place: str) -> None:
    """Holds that others cannot choose whose account the operator is."""
    run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))
    (tmp_path / place).chmod(0o777)
    with pytest.raises(ValueError, match=r"^TROPHYCASE_STATE_DIR: .* can be written by others$"):
        run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path))


def test_a_sign_in_that_others_can_write_is_not_taken_by_a_running_server(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock, folder=tmp_path) as sign_in:
            await sign_in.build_headers("")
            open_to_others(tmp_path)
            clock.now += 3600 * 24
            assert await sign_in.build_headers("")

    asyncio.run(scenario())
    messages = [record.getMessage() for record in caplog.records]
    assert any("the state directory can be written by others" in text for text in messages)
    assert any("could not be kept in the state directory" in text for text in messages)
    assert "sandbox-" not in caplog.text


def test_a_folder_that_cannot_be_written_to_does_not_prevent_sign_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    assert (
        run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path / "file" / "state"))
        == OWNER_ACCOUNT_ID
    )
    assert "could not be kept" in caplog.text


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
                await sign_in.build_headers("")
            assert isinstance(sign_in.get_health().error, Unauthenticated)

    asyncio.run(scenario())


def test_a_failing_sign_in_host_keeps_the_stored_tokens(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    before = (tmp_path / "psn.json").read_bytes()
    sandbox.expire_access_tokens()
    sandbox.faults.append(InjectedFault("oauth/token", 500, "<html>"))
    assert isinstance(
        run_with_client(get_refusal, sandbox, TROPHYCASE_STATE_DIR=folder), Unavailable
    )
    assert (tmp_path / "psn.json").read_bytes() == before


def test_tokens_of_other_settings_are_not_used(tmp_path: Path) -> None:
    sandbox, folder = create_sandbox(), str(tmp_path)
    run_with_client(load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    other = run_with_client(
        load_own_id, sandbox, TROPHYCASE_STATE_DIR=folder, PSN_NPSSO=SECOND_NPSSO
    )
    assert other == SECOND_ACCOUNT_ID


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"tokens": 1}', b"\xff"])
def test_an_invalid_token_file_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "psn.json").write_bytes(content)
    assert run_with_client(load_own_id, TROPHYCASE_STATE_DIR=str(tmp_path)) == OWNER_ACCOUNT_ID


def test_tokens_refreshed_by_another_process_are_used(tmp_path: Path) -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with (
            open_sign_in(sandbox, clock, folder=tmp_path) as one,
            open_sign_in(sandbox, clock, folder=tmp_path) as other,
        ):
            await one.build_headers("")
            assert await other.build_headers("") == await one.build_headers("")
            clock.now += 3400
            renewed = await one.build_headers("")
            assert await other.build_headers("") == renewed
            assert sandbox.calls[TOKEN] == 2

    asyncio.run(scenario())


def test_two_hundred_concurrent_401s_refresh_once() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> set[str]:
        await client.verify()
        sandbox.expire_access_tokens()
        found = await client.get_profiles([f"extra_{number:03}" for number in range(1, 130)] * 2)
        assert not [one for one in found if isinstance(one, ProviderError)]
        await asyncio.gather(*(client.verify() for _ in range(200)))
        return {await client.get_account_id("me")}

    assert run_with_client(scenario, sandbox, PSN_CONCURRENCY="200") == {OWNER_ACCOUNT_ID}
    assert sandbox.calls[TOKEN] == 2


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
        return [await get_refusal(client) for _ in range(3)]

    errors = run_with_client(scenario, sandbox, caller=caller)
    assert {type(error) for error in errors} == {kind}
    assert sandbox.calls[TOKEN] == 2


@pytest.mark.parametrize(("lifetime", "early"), [(3599, 300), (100, 20)])
def test_a_token_is_refreshed_before_it_expires(lifetime: int, early: int) -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.settings["token_lifetime"] = lifetime

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            first = await sign_in.build_headers("")
            clock.now += lifetime - early - 1
            assert await sign_in.build_headers("") == first
            clock.now += 2
            assert await sign_in.build_headers("") != first

    asyncio.run(scenario())


def test_a_valid_token_is_used_when_the_refresh_fails() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            first = await sign_in.build_headers("")
            sandbox.faults.append(InjectedFault("oauth/token", 503, "<html>"))
            clock.now += 3400
            assert await sign_in.build_headers("") == first
            clock.now += 300
            with pytest.raises(Unavailable):
                await sign_in.build_headers("")

    asyncio.run(scenario())


def test_a_timed_out_caller_does_not_cancel_the_sign_in() -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.faults.append(InjectedFault("oauth/token", delay=0.05))

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            set_current(RequestContext(deadline=time.monotonic() + 0.01))
            with pytest.raises(TimedOut):
                await sign_in.build_headers("")
            set_current(RequestContext(deadline=time.monotonic() + 5))
            assert await sign_in.build_headers("")
            assert sandbox.calls[TOKEN] == 1

    asyncio.run(scenario())


def test_health_reports_when_the_credential_expires() -> None:
    sandbox, clock = create_sandbox(), FakeClock()

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            assert sign_in.get_health() == Health()
            await sign_in.build_headers("")
            ends = sign_in.get_health().credential_expires_at
            assert ends is not None
            clock.now += 30 * 86_400
            await sign_in.build_headers("")
            assert sign_in.get_health().credential_expires_at == ends

    asyncio.run(scenario())


def test_health_reports_a_failure_while_it_lasts() -> None:
    sandbox, clock = create_sandbox(), FakeClock()
    sandbox.faults.append(InjectedFault("oauth/token", 503, "<html>", times=1))

    async def scenario() -> None:
        async with open_sign_in(sandbox, clock) as sign_in:
            with pytest.raises(Unavailable):
                await sign_in.build_headers("")
            assert isinstance(sign_in.get_health().error, Unavailable)
            clock.now += 10
            assert sign_in.get_health().error is None
            assert await sign_in.build_headers("")

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


def test_a_new_npsso_ends_a_refusal() -> None:
    async def scenario(client: PsnClient) -> str:
        await get_refusal(client)
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
        return " ".join(repr(one) for one in shown)

    text = asyncio.run(collect_representations(create_sandbox()))
    assert not [secret for secret in secrets if secret in text]


def test_base_urls_may_have_a_path() -> None:
    names = {f"PSN_{name}_URL": f"http://127.0.0.1:9/{name}/" for name in ("AUTH", "WEB", "DMS")}
    hosts = BaseUrls.from_settings(
        {**names, "PSN_MOBILE_URL": "http://h/m", "PSN_LEGACY_URL": "http://h/l"}
    )
    assert hosts.auth == "http://127.0.0.1:9/AUTH"
    assert hosts.trophies == "http://h/m/api/trophy/v1"
