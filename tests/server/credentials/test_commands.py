"""The operator's commands: `check`, `psn login` and `psn token`."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.psn.sandbox import world
from providers.registry import Source
from tests.server.credentials.people import SECRETS
from tests.server.credentials.processes import (
    KEPT,
    Ran,
    Sandbox,
    an_hour_passes,
    command,
    kept_in,
)
from tests.server.operations.running import environment

TOKENS = "/oauth/"
Run = Callable[..., Ran]


def signed_out(upstream: Sandbox, state: Path) -> dict[str, str]:
    """The environment of an operator who has not given an NPSSO."""
    settings = upstream.settings(state, Source.PSN)
    del settings["PSN_NPSSO"]
    return environment(**settings)


def silent(*texts: str) -> bool:
    """Whether no text holds any secret."""
    return not any(secret in text for text in texts for secret in SECRETS)


def test_check_signs_in_and_asks_each_source_once(upstream: Sandbox, state: Path) -> None:
    ran = command(upstream.environment(state), "check")
    assert (ran.code, ran.errors) == (0, "")
    lines = ran.output.splitlines()
    assert [line.partition(":")[0] for line in lines] == [source.name for source in Source]
    assert all("fine" in line for line in lines)
    assert upstream.calls(TOKENS) == 1
    assert upstream.calls("/api/v1/devices/accounts/me") == 1
    assert upstream.calls("retroachievements.org") == 1
    assert upstream.calls("api.trophy.so") == 1


def test_check_names_what_is_not_configured(run: Run, state: Path) -> None:
    ran = run(environment(TROPHYCASE_STATE_DIR=str(state)), "check")
    assert ran.code == 0
    assert "PSN: not configured; set PSN_CLIENT_ID" in ran.output
    assert "RETROACHIEVEMENTS_API_KEY" in ran.output
    assert "TROPHY_SO_API_KEY" in ran.output


def test_check_tells_which_source_refuses_and_goes_on(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    wrong = {
        "PSN_NPSSO": "W" * 64,
        "RETROACHIEVEMENTS_API_KEY": "wrong-key",
        "TROPHY_SO_API_KEY": "wrong.key",
    }
    ran = run(upstream.environment(state, **wrong), "check")
    assert ran.code != 0
    assert ran.output.count("a person must sign in again") == 3
    assert not any(value in ran.output + ran.errors for value in wrong.values())


def test_check_tells_a_failing_source_from_a_refused_credential(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    upstream.fail("accounts/me", status=503)
    ran = run(upstream.environment(state), "check")
    assert ran.code != 0
    assert "PSN: UPSTREAM_UNAVAILABLE" in ran.output
    assert "RETRO_ACHIEVEMENTS: fine" in ran.output


def test_login_takes_the_npsso_from_stdin_and_keeps_the_refresh_token_alone(
    upstream: Sandbox, state: Path
) -> None:
    given = signed_out(upstream, state)
    ran = command(given, "psn", "login", typed=f"{world.OWNER_NPSSO}\n")
    assert (ran.code, ran.errors) == (0, "")
    assert silent(ran.output)
    assert world.OWNER_NPSSO not in (state / KEPT).read_text()
    assert kept_in(state)["refresh"].startswith("sandbox-refresh.")
    assert stat.S_IMODE((state / KEPT).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [each.name for each in state.iterdir()] == [KEPT]


def test_after_a_login_no_npsso_is_needed_any_more(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    given = signed_out(upstream, state)
    run(given, "psn", "login", typed=f"{world.OWNER_NPSSO}\n")
    an_hour_passes(state)
    before = kept_in(state)["refresh"]
    ran = run(given, "check")
    assert "PSN: fine" in ran.output
    assert kept_in(state)["refresh"] != before
    assert upstream.calls("/oauth/token") == 2
    assert upstream.calls("/oauth/authorize") == upstream.calls("ssocookie") == 0


@pytest.mark.parametrize("typed", ["", "\n", "short\n", "../" * 20 + "\n", "W" * 64 + "\n"])
def test_a_login_that_cannot_be_says_so_and_keeps_nothing(
    run: Run, upstream: Sandbox, state: Path, typed: str
) -> None:
    ran = run(signed_out(upstream, state), "psn", "login", typed=typed)
    assert ran.code != 0
    assert ran.output == ""
    assert ran.errors.startswith("trophycase: ")
    assert len(ran.errors.splitlines()) == 1
    assert not typed.strip() or typed.strip() not in ran.errors
    assert not (state / KEPT).exists()


def test_an_npsso_is_never_an_argument(upstream: Sandbox, state: Path) -> None:
    ran = command(signed_out(upstream, state), "psn", "login", world.OWNER_NPSSO)
    assert ran.code != 0
    assert world.OWNER_NPSSO not in ran.output + ran.errors
    assert upstream.calls(TOKENS) == 0


def test_a_login_that_cannot_be_kept_is_not_said_to_be(
    run: Run, upstream: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")
    given = signed_out(upstream, tmp_path / "file" / "state")
    ran = run(given, "psn", "login", typed=f"{world.OWNER_NPSSO}\n")
    assert ran.code != 0
    assert ran.output == ""
    assert "TROPHYCASE_STATE_DIR" in ran.errors
    assert silent(ran.errors)


def test_token_prints_the_operators_tokens_as_json(upstream: Sandbox, state: Path) -> None:
    given = upstream.environment(state)
    ran = command(given, "psn", "token")
    tokens = json.loads(ran.output)
    assert (ran.code, ran.errors) == (0, "")
    assert tokens["access_token"].startswith("sandbox-access.")
    assert tokens["refresh_token"] == kept_in(state)["refresh"]
    assert tokens["expires_at"] < tokens["refresh_expires_at"]
    assert json.loads(command(given, "psn", "token").output) == tokens
    assert upstream.calls(TOKENS) == 1


@pytest.mark.parametrize("step", ["login", "token"])
def test_without_a_client_id_the_setting_is_named(run: Run, state: Path, step: str) -> None:
    given = environment(TROPHYCASE_STATE_DIR=str(state))
    ran = run(given, "psn", step, typed=f"{world.OWNER_NPSSO}\n")
    assert ran.code != 0
    assert "PSN_CLIENT_ID" in ran.errors


def test_a_refused_sign_in_is_one_line_without_the_credential(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    ran = run(upstream.environment(state, PSN_NPSSO="W" * 64), "psn", "token")
    assert ran.code != 0
    assert len(ran.errors.splitlines()) == 1
    assert "W" * 64 not in ran.errors
