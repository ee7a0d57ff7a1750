"""The operator's commands: `check`, `psn login` and `psn token`."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.psn.sandbox import constants
from providers.registry import Source
from tests.server.caller_headers import SECRETS
from tests.server.command_process import (
    TOKEN_FILE,
    SandboxProcess,
    expire_access_token,
    read_tokens,
)
from tests.server.runtime.server_process import CommandResult, build_environment, run_command

pytestmark = pytest.mark.slow

OAUTH_PATH = "/oauth/"
Run = Callable[..., CommandResult]


def build_signed_out_environment(upstream: SandboxProcess, state: Path) -> dict[str, str]:
    """Return the environment of an operator without `PSN_NPSSO`."""
    settings = upstream.build_settings(state, Source.PSN)
    del settings["PSN_NPSSO"]
    return build_environment(**settings)


def has_no_secret(*texts: str) -> bool:
    """Return whether no text contains a secret."""
    return not any(secret in text for text in texts for secret in SECRETS)


def test_check_signs_in_and_calls_each_source_once(upstream: SandboxProcess, state: Path) -> None:
    ran = run_command(upstream.build_environment(state), "check")
    assert (ran.exit_code, ran.errors) == (0, "")
    lines = ran.output.splitlines()
    assert [line.partition(":")[0] for line in lines] == [source.name for source in Source]
    assert all("fine" in line for line in lines)
    assert upstream.count_calls(OAUTH_PATH) == 1
    assert upstream.count_calls("/api/v1/devices/accounts/me") == 1
    assert upstream.count_calls("retroachievements.org") == 1
    assert upstream.count_calls("api.trophy.so") == 1


def test_check_names_what_is_not_configured(run: Run, state: Path) -> None:
    ran = run(build_environment(TROPHYCASE_STATE_DIR=str(state)), "check")
    assert ran.exit_code == 1
    assert "trophycase setup" in ran.output.splitlines()[-1]
    assert "PSN: not configured; set PSN_CLIENT_ID" in ran.output
    assert "RETROACHIEVEMENTS_API_KEY" in ran.output
    assert "TROPHY_SO_API_KEY" in ran.output


def test_check_prints_json_for_scripts(run: Run, upstream: SandboxProcess, state: Path) -> None:
    given = {**upstream.build_environment(state), "STEAM_API_KEY": "0" * 32, "XBOX_API_KEY": ""}
    ran = run(given, "check", "--json")

    content = json.loads(ran.output)
    sources = {each["source"]: each for each in content["sources"]}
    assert (ran.exit_code, content["fine"], list(sources)) == (1, False, [s.name for s in Source])
    assert sources["PSN"]["state"] == "OK"
    assert sources["PSN"]["account"] == "vega_north"
    assert sources["PSN"]["signedInUntil"] > "2026"
    assert 0 < sources["PSN"]["callsLeft"] < sources["PSN"]["callsLimit"] == 300
    assert sources["STEAM"]["state"] == "UPSTREAM_UNAUTHENTICATED"
    assert sources["STEAM"]["account"] is None
    assert sources["XBOX"] == {
        "source": "XBOX",
        "state": "NOT_CONFIGURED",
        "account": None,
        "missing": ["XBOX_API_KEY"],
        "problem": None,
        "callsLimit": None,
        "callsLeft": None,
        "signedInUntil": None,
    }


def test_check_names_the_webhooks_without_their_addresses(run: Run, state: Path) -> None:
    webhooks = "a=https://hooks.example/x|discord b=https://ntfy.example/topic|ntfy"
    settings = {"TROPHYCASE_STATE_DIR": str(state), "TROPHYCASE_WEBHOOKS": webhooks}
    ran = run(build_environment(**settings), "check")
    assert "\nTROPHYCASE_WEBHOOKS: 2 (a, b); none is called\n" in ran.output
    assert "example" not in ran.output
    ran = run(build_environment(**settings), "check", "--json")
    assert json.loads(ran.output)["webhooks"] == ["a", "b"]
    assert "example" not in ran.output


def test_check_reports_each_source_that_rejects_and_continues(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    wrong = {
        "PSN_NPSSO": "W" * 64,
        "RETROACHIEVEMENTS_API_KEY": "wrong-key",
        "TROPHY_SO_API_KEY": "wrong.key",
    }
    ran = run(upstream.build_environment(state, **wrong), "check")
    assert ran.exit_code != 0
    assert ran.output.count("the operator must sign in again") == 3
    assert not any(value in ran.output + ran.errors for value in wrong.values())


def test_check_distinguishes_a_failing_source_from_a_rejected_credential(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    upstream.inject_fault("accounts/me", status=503)
    ran = run(upstream.build_environment(state), "check")
    assert ran.exit_code != 0
    assert "PSN: UPSTREAM_UNAVAILABLE" in ran.output
    assert "RETRO_ACHIEVEMENTS: fine" in ran.output


def test_login_reads_the_npsso_from_stdin_and_stores_the_refresh_token_alone(
    upstream: SandboxProcess, state: Path
) -> None:
    given = build_signed_out_environment(upstream, state)
    ran = run_command(given, "psn", "login", typed=f"{constants.OWNER_NPSSO}\n")
    assert (ran.exit_code, ran.errors) == (0, "")
    assert has_no_secret(ran.output)
    assert re.fullmatch(
        rf"Signed in until 20\d\d-\d\d-\d\d at most. The sign-in is stored in {state}\.\n",
        ran.output,
    )
    assert constants.OWNER_NPSSO not in (state / TOKEN_FILE).read_text()
    assert read_tokens(state)["refresh"].startswith("sandbox-refresh.")
    assert stat.S_IMODE((state / TOKEN_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [each.name for each in state.iterdir()] == [TOKEN_FILE]


@pytest.mark.parametrize(
    "typed",
    [
        f'{{"npsso":"{constants.OWNER_NPSSO}"}}\n',
        f'\n{{\n  "npsso": "{constants.OWNER_NPSSO}"\n}}\n',
        f'  "{constants.OWNER_NPSSO}"\r\n',
        f"\ufeff{constants.OWNER_NPSSO}",
    ],
    ids=range(4),
)
def test_login_takes_the_npsso_as_the_page_shows_it(
    run: Run, upstream: SandboxProcess, state: Path, typed: str
) -> None:
    given = build_signed_out_environment(upstream, state)
    ran = run(given, "psn", "login", typed=typed)
    assert (ran.exit_code, ran.errors) == (0, "")
    assert read_tokens(state)["refresh"].startswith("sandbox-refresh.")


@pytest.mark.parametrize(
    "npsso", ["short", f'{{"npsso":"{constants.OWNER_NPSSO}"}}', f"{constants.OWNER_NPSSO}x"]
)
def test_check_refuses_a_malformed_npsso_before_any_call(
    run: Run, upstream: SandboxProcess, state: Path, npsso: str
) -> None:
    ran = run(upstream.build_environment(state, PSN_NPSSO=npsso), "check")
    assert ran.exit_code != 0
    assert ran.errors.startswith("trophycase: PSN: PSN_NPSSO must be 64 letters and digits")
    assert npsso not in ran.errors
    assert upstream.count_calls("") == 0


def test_a_login_with_another_npsso_than_the_configured_one_says_so(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    given = upstream.build_environment(state)
    ran = run(given, "psn", "login", typed=f"{constants.SECOND_NPSSO}\n")
    assert ran.exit_code == 0
    assert "PSN_NPSSO is set to another NPSSO" in ran.output
    assert has_no_secret(ran.output)
    same = run(given, "psn", "login", typed=f"{constants.OWNER_NPSSO}\n")
    assert "PSN_NPSSO" not in same.output


def test_after_a_login_no_npsso_is_needed(run: Run, upstream: SandboxProcess, state: Path) -> None:
    given = build_signed_out_environment(upstream, state)
    run(given, "psn", "login", typed=f"{constants.OWNER_NPSSO}\n")
    expire_access_token(state)
    before = read_tokens(state)["refresh"]
    ran = run(given, "check")
    assert "PSN: fine" in ran.output
    assert read_tokens(state)["refresh"] != before
    assert upstream.count_calls("/oauth/token") == 2
    assert upstream.count_calls("/oauth/authorize") == upstream.count_calls("ssocookie") == 0


@pytest.mark.parametrize("typed", ["", "\n", "short\n", "../" * 20 + "\n", "W" * 64 + "\n"])
def test_an_impossible_login_fails_and_stores_nothing(
    run: Run, upstream: SandboxProcess, state: Path, typed: str
) -> None:
    ran = run(build_signed_out_environment(upstream, state), "psn", "login", typed=typed)
    assert ran.exit_code != 0
    assert ran.output == ""
    assert ran.errors.startswith("trophycase: ")
    assert len(ran.errors.splitlines()) == 1
    assert not typed.strip() or typed.strip() not in ran.errors
    assert not (state / TOKEN_FILE).exists()


def test_an_npsso_is_never_an_argument(run: Run, upstream: SandboxProcess, state: Path) -> None:
    given = build_signed_out_environment(upstream, state)
    ran = run(given, "psn", "login", constants.OWNER_NPSSO)
    assert ran.exit_code != 0
    assert constants.OWNER_NPSSO not in ran.output + ran.errors
    assert upstream.count_calls(OAUTH_PATH) == 0


def test_a_login_that_cannot_be_stored_is_reported_as_failed(
    run: Run, upstream: SandboxProcess, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")
    given = build_signed_out_environment(upstream, tmp_path / "file" / "state")
    ran = run(given, "psn", "login", typed=f"{constants.OWNER_NPSSO}\n")
    assert ran.exit_code != 0
    assert ran.output == ""
    assert "TROPHYCASE_STATE_DIR" in ran.errors
    assert has_no_secret(ran.errors)


def test_token_prints_the_operators_tokens_as_json(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    given = upstream.build_environment(state)
    ran = run_command(given, "psn", "token")
    tokens = json.loads(ran.output)
    assert (ran.exit_code, ran.errors) == (0, "")
    assert tokens["access_token"].startswith("sandbox-access.")
    assert tokens["refresh_token"] == read_tokens(state)["refresh"]
    assert tokens["expires_at"] < tokens["refresh_expires_at"]
    assert json.loads(run(given, "psn", "token").output) == tokens
    assert upstream.count_calls(OAUTH_PATH) == 1


@pytest.mark.parametrize("step", ["login", "token"])
def test_without_a_client_id_the_setting_is_named(run: Run, state: Path, step: str) -> None:
    given = build_environment(TROPHYCASE_STATE_DIR=str(state))
    ran = run(given, "psn", step, typed=f"{constants.OWNER_NPSSO}\n")
    assert ran.exit_code != 0
    assert "PSN_CLIENT_ID" in ran.errors


def test_a_rejected_sign_in_is_one_line_without_the_credential(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    ran = run(upstream.build_environment(state, PSN_NPSSO="W" * 64), "psn", "token")
    assert ran.exit_code != 0
    assert len(ran.errors.splitlines()) == 1
    assert "W" * 64 not in ran.errors
