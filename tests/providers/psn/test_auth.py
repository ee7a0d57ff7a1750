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
from providers.kit.request_context import Operation, begin, current
from providers.kit.sandbox import Fault
from providers.psn.auth.grants import Grants
from providers.psn.auth.sign_in import SignIn
from providers.psn.auth.token_endpoint import AuthHost
from providers.psn.auth.token_source import Strategies
from providers.psn.auth.token_store import TokenFile
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ACCOUNT_ID,
    OWNER_NPSSO,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
)
from providers.psn.urls import Hosts
from tests.providers.psn.asking import AUTHORIZE, COOKIE, DMS, TOKEN, ask, opened

WRONG_NPSSO = "x" * 64
CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": WRONG_NPSSO}
JSON = {"content-type": "application/json"}
NO_DIRECT_GRANT = Fault(
    "oauth/token", 400, {"error": "unsupported_grant_type", "error_code": 4098}, JSON, times=1
)
HTML = {"content-type": "text/html"}


async def own_id(client: PsnClient) -> str:
    return await client.account_id("me")


async def refusal(client: PsnClient) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.account_id("me")
    return caught.value


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def signing_in(
    sandbox: PsnSandbox,
    clock: Clock,
    npsso: str | None = OWNER_NPSSO,
    folder: Path | None = None,
) -> AsyncGenerator[SignIn]:
    sandbox.state.clock = clock
    async with httpx.AsyncClient(transport=httpx.MockTransport(sandbox.answer)) as http:
        host = AuthHost(http, "https://ca.account.sony.com")
        grants = Grants(host, CLIENT_ID, CLIENT_SECRET, clock)
        file = TokenFile(folder, "mark") if folder else None
        yield SignIn(Strategies(grants, npsso, file), caller=False, clock=clock)


def test_the_direct_grant_is_one_request_and_no_call_of_the_api() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> tuple[str, dict[str, int]]:
        return await client.account_id("me"), dict(current().calls)

    account_id, counted = ask(question, sandbox)
    assert account_id == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 1, DMS: 1}
    assert counted == {"PSN": 1}


def test_the_token_is_sent_with_a_capital_letter() -> None:
    sandbox = psn_sandbox()
    ask(own_id, sandbox)
    assert sandbox.log[-1].headers["authorization"].startswith("Bearer sandbox-access.")


def test_the_code_flow_stands_in_where_there_is_no_direct_grant() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(NO_DIRECT_GRANT)
    assert ask(own_id, sandbox) == OWNER_ACCOUNT_ID
    assert sandbox.calls == {TOKEN: 2, AUTHORIZE: 1, DMS: 1}


@pytest.mark.parametrize("slash", ["", "/", "/deeper/"])
def test_the_code_is_found_whatever_the_slash(slash: str) -> None:
    sandbox = psn_sandbox()
    sandbox.state.codes["v3.SAMPLE"] = OWNER_ACCOUNT_ID
    location = f"com.scee.psxandroid.scecompcall://redirect{slash}?cid=1&code=v3.SAMPLE"
    sandbox.faults += [NO_DIRECT_GRANT, Fault("authorize", 302, b"", {"location": location})]
    NO_DIRECT_GRANT.times = 1
    assert ask(own_id, sandbox) == OWNER_ACCOUNT_ID


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
def test_a_redirect_without_a_code_is_no_sign_in(
    status: int, headers: dict[str, str], needs_person: bool
) -> None:
    sandbox = psn_sandbox()
    NO_DIRECT_GRANT.times = 1
    sandbox.faults += [NO_DIRECT_GRANT, Fault("authorize", status, b"<html>", headers)]

    async def question(client: PsnClient) -> tuple[ProviderError, bool]:
        error = await refusal(client)
        return error, isinstance(client.health().error, Unauthenticated)

    error, asked_for = ask(question, sandbox)
    assert isinstance(error, Unauthenticated if needs_person else Unavailable)
    assert asked_for is needs_person


def test_a_refused_npsso_is_the_operators_and_not_tried_again() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[ProviderError]:
        return [await refusal(client) for _ in range(3)]

    errors = ask(question, sandbox, PSN_NPSSO=WRONG_NPSSO)
    assert {type(error) for error in errors} == {Unauthenticated}
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {TOKEN: 1}


def test_a_refused_npsso_of_a_caller_is_his_own_affair() -> None:
    error = ask(refusal, caller=CALLER)
    assert isinstance(error, CallerUnauthenticated)
    assert error.code == "UNAUTHENTICATED"


def test_a_refusal_is_forgotten_after_a_while() -> None:
    sandbox, clock = psn_sandbox(), Clock()

    async def trying() -> None:
        async with signing_in(sandbox, clock, WRONG_NPSSO) as sign_in:
            for seconds, asked in ((0, 1), (299, 1), (2, 2)):
                clock.now += seconds
                with pytest.raises(Unauthenticated):
                    await sign_in.headers("")
                assert sandbox.calls[TOKEN] == asked
            assert isinstance(sign_in.health().error, Unauthenticated)
            clock.now += 1000
            assert isinstance(sign_in.health().error, Unauthenticated)

    asyncio.run(trying())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("oauth/token", 403, "<html>no</html>"), Unavailable),
        (Fault("oauth/token", 429, "<html>slow</html>"), RateLimited),
        (Fault("oauth/token", 429, {}, {"retry-after": "7"}), RateLimited),
        (Fault("oauth/token", 502, "<html>bad</html>"), Unavailable),
        (Fault("oauth/token", reset=True), Unavailable),
    ],
)
def test_a_failing_sign_in_host_refuses_nobody(fault: Fault, kind: type[ProviderError]) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)

    async def question(client: PsnClient) -> tuple[ProviderError, bool]:
        await asyncio.gather(*(refusal(client) for _ in range(20)))
        error = await refusal(client)
        return error, isinstance(client.health().error, Unauthenticated)

    error, needs_person = ask(question, sandbox)
    assert type(error) is kind
    assert not needs_person
    assert sandbox.calls[TOKEN] == 1


@pytest.mark.parametrize(
    "body", [{}, [], 7, "<html>", {"access_token": "a b", "expires_in": 1}, {"expires_in": 5}]
)
def test_a_token_that_cannot_be_read_is_an_error(body: object) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("oauth/token", 200, body))
    assert ask(refusal, sandbox).code == "UPSTREAM_BAD_RESPONSE"


def test_without_an_npsso_the_cookie_is_asked_for_once_and_the_setting_is_named() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[ProviderError]:
        return [await refusal(client) for _ in range(3)]

    errors = ask(question, sandbox, PSN_NPSSO="")
    assert all("PSN_NPSSO" in error.message for error in errors)
    assert {error.code for error in errors} == {"UPSTREAM_UNAUTHENTICATED"}
    assert sandbox.calls == {COOKIE: 1}


def test_a_cookie_that_is_there_is_used() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("ssocookie", 200, {"npsso": OWNER_NPSSO}))
    assert ask(own_id, sandbox, PSN_NPSSO="") == OWNER_ACCOUNT_ID


def test_tokens_are_kept_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "state"
    ask(own_id, TROPHYCASE_STATE_DIR=str(folder))
    file = folder / "psn.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["psn.json"]
    assert OWNER_NPSSO not in file.read_text()


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    ask(own_id, TROPHYCASE_STATE_DIR=str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_to_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    assert ask(own_id, TROPHYCASE_STATE_DIR=str(tmp_path / "file" / "state")) == OWNER_ACCOUNT_ID
    assert "could not be kept" in caplog.text


def test_a_stored_sign_in_is_enough(tmp_path: Path) -> None:
    sandbox, folder = psn_sandbox(), str(tmp_path)

    async def login(client: PsnClient) -> None:
        await client.sign_in_with(OWNER_NPSSO)

    ask(login, sandbox, PSN_NPSSO="", TROPHYCASE_STATE_DIR=folder)
    sandbox.calls.clear()
    assert ask(own_id, sandbox, PSN_NPSSO="", TROPHYCASE_STATE_DIR=folder) == OWNER_ACCOUNT_ID
    assert sandbox.calls == {DMS: 1}


def test_the_rotated_refresh_token_is_stored_and_used(tmp_path: Path) -> None:
    sandbox, folder = psn_sandbox(), str(tmp_path)
    for _ in range(3):
        assert ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder) == OWNER_ACCOUNT_ID
        sandbox.expire_access_tokens()
    bodies = [request.content for request in sandbox.log if request.url.path.endswith("/token")]
    assert [b"grant_type=refresh_token" in body for body in bodies] == [False, True, True]
    assert len(set(bodies)) == 3


def test_a_dead_refresh_token_leads_back_to_the_npsso(tmp_path: Path) -> None:
    sandbox, folder = psn_sandbox(), str(tmp_path)
    ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    sandbox.expire_access_tokens()
    sandbox.expire_refresh_tokens()
    sandbox.calls.clear()
    assert ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder) == OWNER_ACCOUNT_ID
    assert sandbox.calls[TOKEN] == 2


def test_a_dead_refresh_token_alone_needs_a_person(tmp_path: Path) -> None:
    sandbox, clock = psn_sandbox(), Clock()

    async def trying() -> None:
        async with signing_in(sandbox, clock, None, tmp_path) as sign_in:
            await sign_in.sign_in_with(OWNER_NPSSO)
        async with signing_in(sandbox, clock, None, tmp_path) as sign_in:
            assert sign_in.health().credential_expires_at
            sandbox.expire_refresh_tokens()
            clock.now += 4000
            with pytest.raises(Unauthenticated):
                await sign_in.headers("")
            assert isinstance(sign_in.health().error, Unauthenticated)

    asyncio.run(trying())


def test_a_failing_sign_in_host_costs_no_stored_token(tmp_path: Path) -> None:
    sandbox, folder = psn_sandbox(), str(tmp_path)
    ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    kept = (tmp_path / "psn.json").read_bytes()
    sandbox.expire_access_tokens()
    sandbox.faults.append(Fault("oauth/token", 500, "<html>"))
    assert isinstance(ask(refusal, sandbox, TROPHYCASE_STATE_DIR=folder), Unavailable)
    assert (tmp_path / "psn.json").read_bytes() == kept


def test_tokens_of_other_settings_are_not_used(tmp_path: Path) -> None:
    sandbox, folder = psn_sandbox(), str(tmp_path)
    ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder)
    other = ask(own_id, sandbox, TROPHYCASE_STATE_DIR=folder, PSN_NPSSO=SECOND_NPSSO)
    assert other == SECOND_ACCOUNT_ID


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"tokens": 1}', b"\xff"])
def test_a_broken_token_file_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "psn.json").write_bytes(content)
    assert ask(own_id, TROPHYCASE_STATE_DIR=str(tmp_path)) == OWNER_ACCOUNT_ID


def test_what_another_process_has_refreshed_is_taken_over(tmp_path: Path) -> None:
    sandbox, clock = psn_sandbox(), Clock()

    async def trying() -> None:
        async with (
            signing_in(sandbox, clock, folder=tmp_path) as one,
            signing_in(sandbox, clock, folder=tmp_path) as other,
        ):
            await one.headers("")
            assert await other.headers("") == await one.headers("")
            clock.now += 3400
            renewed = await one.headers("")
            assert await other.headers("") == renewed
            assert sandbox.calls[TOKEN] == 2

    asyncio.run(trying())


def test_two_hundred_who_are_refused_together_refresh_once() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> set[str]:
        await client.verify()
        sandbox.expire_access_tokens()
        found = await client.people([f"extra_{number:03}" for number in range(1, 130)] * 2)
        assert not [one for one in found if isinstance(one, ProviderError)]
        await asyncio.gather(*(client.verify() for _ in range(200)))
        return {await client.account_id("me")}

    assert ask(question, sandbox, PSN_CONCURRENCY="200") == {OWNER_ACCOUNT_ID}
    assert sandbox.calls[TOKEN] == 2


def test_two_hundred_who_come_together_sign_in_once() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        await asyncio.gather(*(client.verify() for _ in range(200)))

    ask(question, sandbox, PSN_CONCURRENCY="200")
    assert sandbox.calls[TOKEN] == 1


@pytest.mark.parametrize(
    ("caller", "kind"),
    [(None, Unauthenticated), ({**CALLER, "x-npsso": SECOND_NPSSO}, CallerUnauthenticated)],
)
def test_a_401_that_stays_is_surfaced_without_hammering(
    caller: dict[str, str] | None, kind: type[ProviderError]
) -> None:
    sandbox = psn_sandbox()
    sandbox.settings["expired_tokens"] = True

    async def question(client: PsnClient) -> list[ProviderError]:
        return [await refusal(client) for _ in range(3)]

    errors = ask(question, sandbox, caller=caller)
    assert {type(error) for error in errors} == {kind}
    assert sandbox.calls[TOKEN] == 2


@pytest.mark.parametrize(("lifetime", "early"), [(3599, 300), (100, 20)])
def test_a_token_is_renewed_ahead_of_time(lifetime: int, early: int) -> None:
    sandbox, clock = psn_sandbox(), Clock()
    sandbox.settings["token_lifetime"] = lifetime

    async def trying() -> None:
        async with signing_in(sandbox, clock) as sign_in:
            first = await sign_in.headers("")
            clock.now += lifetime - early - 1
            assert await sign_in.headers("") == first
            clock.now += 2
            assert await sign_in.headers("") != first

    asyncio.run(trying())


def test_a_token_that_still_lives_outlasts_a_failing_renewal() -> None:
    sandbox, clock = psn_sandbox(), Clock()

    async def trying() -> None:
        async with signing_in(sandbox, clock) as sign_in:
            first = await sign_in.headers("")
            sandbox.faults.append(Fault("oauth/token", 503, "<html>"))
            clock.now += 3400
            assert await sign_in.headers("") == first
            clock.now += 300
            with pytest.raises(Unavailable):
                await sign_in.headers("")

    asyncio.run(trying())


def test_one_who_stops_waiting_costs_the_others_nothing() -> None:
    sandbox, clock = psn_sandbox(), Clock()
    sandbox.faults.append(Fault("oauth/token", delay=0.05))

    async def trying() -> None:
        async with signing_in(sandbox, clock) as sign_in:
            begin(Operation(deadline=time.monotonic() + 0.01))
            with pytest.raises(TimedOut):
                await sign_in.headers("")
            begin(Operation(deadline=time.monotonic() + 5))
            assert await sign_in.headers("")
            assert sandbox.calls[TOKEN] == 1

    asyncio.run(trying())


def test_the_end_of_the_sign_in_is_told() -> None:
    sandbox, clock = psn_sandbox(), Clock()

    async def trying() -> None:
        async with signing_in(sandbox, clock) as sign_in:
            assert sign_in.health() == Health()
            await sign_in.headers("")
            ends = sign_in.health().credential_expires_at
            assert ends is not None
            clock.now += 30 * 86_400
            await sign_in.headers("")
            assert sign_in.health().credential_expires_at == ends

    asyncio.run(trying())


def test_a_passing_failure_is_told_while_it_lasts() -> None:
    sandbox, clock = psn_sandbox(), Clock()
    sandbox.faults.append(Fault("oauth/token", 503, "<html>", times=1))

    async def trying() -> None:
        async with signing_in(sandbox, clock) as sign_in:
            with pytest.raises(Unavailable):
                await sign_in.headers("")
            assert isinstance(sign_in.health().error, Unavailable)
            clock.now += 10
            assert sign_in.health().error is None
            assert await sign_in.headers("")

    asyncio.run(trying())


def test_the_tokens_are_told_to_their_owner() -> None:
    async def question(client: PsnClient) -> dict[str, str | None]:
        return await client.tokens()

    told = ask(question)
    assert set(told) == {"access_token", "expires_at", "refresh_token", "refresh_expires_at"}
    assert None not in told.values()


def test_an_npsso_of_another_shape_is_refused_before_any_call() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        await client.sign_in_with("short")

    with pytest.raises(BadInput):
        ask(question, sandbox)
    assert not sandbox.calls


def test_a_new_npsso_ends_a_refusal() -> None:
    async def question(client: PsnClient) -> str:
        await refusal(client)
        await client.sign_in_with(OWNER_NPSSO)
        return await client.account_id("me")

    assert ask(question, PSN_NPSSO=WRONG_NPSSO) == OWNER_ACCOUNT_ID


def test_no_secret_shows_in_errors_or_representations(tmp_path: Path) -> None:
    secrets = (WRONG_NPSSO, OWNER_NPSSO, CLIENT_SECRET, "sandbox-access", "sandbox-refresh")

    async def everything(sandbox: PsnSandbox) -> str:
        shown: list[object] = []
        for npsso in (WRONG_NPSSO, OWNER_NPSSO):
            async with opened(
                sandbox, PSN_NPSSO=npsso, TROPHYCASE_STATE_DIR=str(tmp_path)
            ) as service:
                client = service.operator()
                assert client is not None
                try:
                    await client.verify()
                except ProviderError as error:
                    shown += [error, error.message, error.__cause__, error.__context__]
                shown += [service, client, client.sign_in, client.health(), client.scope]
        return " ".join(repr(one) for one in shown)

    told = asyncio.run(everything(psn_sandbox()))
    assert not [secret for secret in secrets if secret in told]


def test_the_hosts_may_have_a_path_of_their_own() -> None:
    names = {f"PSN_{name}_URL": f"http://127.0.0.1:9/{name}/" for name in ("AUTH", "WEB", "DMS")}
    hosts = Hosts.of({**names, "PSN_MOBILE_URL": "http://h/m", "PSN_LEGACY_URL": "http://h/l"})
    assert hosts.auth == "http://127.0.0.1:9/AUTH"
    assert hosts.trophies == "http://h/m/api/trophy/v1"
