"""The operator's sign-in is kept from one process to the next."""

import json
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
from tests.harness import operator_settings, run_server
from tests.server.command_process import (
    TOKEN_FILE,
    SandboxProcess,
    expire_access_token,
    read_tokens,
)
from tests.server.runtime.server_process import (
    CommandResult,
    ask,
    build_environment,
    run_command,
    start_process,
)

pytestmark = pytest.mark.slow

ACCOUNT_FIELDS = "accounts { ... on PsnAccount { id accountId } }"
OWN_ACCOUNT_QUERY = (
    f'{{ user(accounts: [{{ source: PSN, handle: "me" }}]) {{ {ACCOUNT_FIELDS} }} }}'
)
Run = Callable[..., CommandResult]
SOURCES_QUERY = "{ sources { source credentialExpiresAt status { state message } } }"


@contextmanager
def start_server(upstream: SandboxProcess, state: Path, **settings: str) -> Generator[str]:
    """Start a server with a state directory, and yield its address."""
    with start_process("serve", env=upstream.build_environment(state, **settings)) as process:
        yield process.address


def read_psn_status(address: str) -> dict[str, Any]:
    """Return PSN's entry in `sources`."""
    return ask(address, SOURCES_QUERY).json()["data"]["sources"][0]


def read_operator_account_id(address: str) -> Any:
    """Return the operator's account id."""
    return ask(address, OWN_ACCOUNT_QUERY).json()["data"]["user"]["accounts"][0]["accountId"]


def test_a_server_that_starts_later_refreshes_instead_of_signing_in(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    with start_server(upstream, state) as address:
        assert read_operator_account_id(address) == constants.OWNER_ACCOUNT_ID
    before = read_tokens(state)
    assert run(upstream.build_environment(state), "check").exit_code == 0
    assert (read_tokens(state), upstream.count_calls("/oauth/")) == (before, 1)
    expire_access_token(state)
    # A new sign-in would last only a day, unlike the refreshed one.
    upstream.change_settings(refresh_lifetime=86_400)
    with start_server(upstream, state) as address:
        assert read_operator_account_id(address) == constants.OWNER_ACCOUNT_ID
        after = read_tokens(state)
        expires_at = datetime.fromisoformat(
            read_psn_status(address)["credentialExpiresAt"]
        ).timestamp()
    assert upstream.count_calls("/oauth/token") == 2
    assert after["refresh"] != before["refresh"]
    assert abs(after["refresh_expires_at"] - before["refresh_expires_at"]) < 10
    assert abs(expires_at - after["refresh_expires_at"]) < 1


def test_the_token_file_is_private_and_replaced_as_a_whole(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    state.mkdir(parents=True)
    state.chmod(0o755)
    run(upstream.build_environment(state), "check")
    first = (state / TOKEN_FILE).stat()
    expire_access_token(state)
    run(upstream.build_environment(state), "check")
    second = (state / TOKEN_FILE).stat()
    assert first.st_ino != second.st_ino
    assert stat.S_IMODE(second.st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o755
    assert [each.name for each in state.iterdir()] == [TOKEN_FILE]


@pytest.mark.slow
def test_a_sign_in_that_others_can_write_is_rejected_in_one_line(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    """Holds that no command takes a sign-in that others may have chosen."""
    given = upstream.build_environment(state)
    assert run(given, "check").exit_code == 0
    state.chmod(0o777)
    for command in (["check"], ["psn", "token"], ["psn", "login"], ["serve", "--port", "0"]):
        typed = f"{constants.OWNER_NPSSO}\n"
        execute = run_command if command[0] == "serve" else run
        ran = execute(given, *command, typed=typed)
        assert ran.exit_code != 0
        assert ran.output == ""
        assert ran.errors == (
            "trophycase: PSN: TROPHYCASE_STATE_DIR: the state directory can be written by others\n"
        )
    assert stat.S_IMODE(state.stat().st_mode) == 0o777


def test_a_rotated_refresh_token_is_stored_before_the_new_tokens_are_used(tmp_path: Path) -> None:
    class RecordingLog(list[httpx.Request]):
        """A log that records the stored tokens whenever a request arrives."""

        def append(self, request: httpx.Request) -> None:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme == "Bearer":
                seen.append((token, (tmp_path / TOKEN_FILE).read_text()))
            super().append(request)

    seen: list[tuple[str, str]] = []
    given = {**operator_settings(Source.PSN), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with run_server(sandbox=False, **given) as server:
        server.psn.log = RecordingLog()
        server.fetch_data(OWN_ACCOUNT_QUERY)
        expire_access_token(tmp_path)
    # A new process and a new sandbox, which does not know the token: the server must sign in.
    with run_server(sandbox=False, **given) as server:
        server.psn.log = RecordingLog()
        server.fetch_data(OWN_ACCOUNT_QUERY)
        server.psn.expire_access_tokens()
        server.execute(OWN_ACCOUNT_QUERY, headers={"Cache-Control": "no-cache"})
    used = [token for token, kept in seen if token in kept]
    assert len(used) >= 3
    unstored = [token for token, kept in seen if token not in kept]
    assert unstored == []


def test_the_source_status_says_when_the_operator_must_sign_in_again(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    settings = upstream.build_settings(state, Source.PSN)
    del settings["PSN_NPSSO"]
    given = build_environment(**settings)
    run(given, "psn", "login", typed=f"{constants.OWNER_NPSSO}\n")
    whole = json.loads((state / TOKEN_FILE).read_text())
    whole["tokens"] |= {"expires_at": 1.0, "refresh": "sandbox-refresh.gone"}
    (state / TOKEN_FILE).write_text(json.dumps(whole))
    with start_process("serve", env=given) as process:
        before = read_psn_status(process.address)
        assert before["status"]["state"] == "OK"
        assert before["credentialExpiresAt"]
        error = ask(process.address, OWN_ACCOUNT_QUERY).json()["errors"][0]["extensions"]
        assert (error["code"], error["source"]) == ("UPSTREAM_UNAUTHENTICATED", "PSN")
        after = read_psn_status(process.address)
        assert after["status"]["state"] == "UNAUTHENTICATED"
        assert "sign in first" in after["status"]["message"]
    ran = run(given, "check")
    assert ran.exit_code != 0
    assert "PSN: the operator must sign in again." in ran.output
