"""`setup` asks for credentials, tries them, and stores those that work, without showing them."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.psn.sandbox.constants import OWNER_NPSSO
from providers.registry import Source
from server.setting_files import read_env_file
from tests.harness import operator_settings
from tests.server.command_process import TOKEN_FILE, SandboxProcess
from tests.server.runtime.server_process import CommandResult, build_environment

pytestmark = pytest.mark.slow

Run = Callable[..., CommandResult]
ANSWERS = operator_settings(*Source)


def build_given(upstream: SandboxProcess, state: Path) -> dict[str, str]:
    """Return the environment of a person who has set nothing but the sandbox's addresses."""
    return build_environment(**upstream.build_settings(state))


def enter(*sources: Source, **changes: str) -> str:
    """Return what a person enters for these sources, with an empty line for each of the others."""
    answers = {**ANSWERS, **changes}
    lines: list[str] = []
    for source in Source:
        required = source.value.required_settings
        lines += [answers[name] for name in required] if source in sources else [""]
    return "".join(f"{line}\n" for line in lines)


def test_what_works_is_stored_and_served_by_the_other_commands(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    ran = run(build_given(upstream, state), "setup", typed=enter(*Source))

    assert (ran.exit_code, ran.errors) == (0, "")
    stored = read_env_file(tmp_path / ".env")
    assert stored == {name: value for name, value in ANSWERS.items() if name != "PSN_NPSSO"}
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert (state / TOKEN_FILE).exists()
    check = run(build_given(upstream, state), "check")
    assert (check.exit_code, check.output.count(": fine, as ")) == (0, len(Source))


def test_who_enters_nothing_is_told_so(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    ran = run(build_given(upstream, state), "setup", typed="")

    assert (ran.exit_code, ran.errors) == (0, "")
    assert "Nothing was entered" in ran.output
    assert not (tmp_path / ".env").exists()


def test_no_secret_is_shown(run: Run, upstream: SandboxProcess, state: Path) -> None:
    ran = run(build_given(upstream, state), "setup", typed=enter(*Source))

    secrets = [ANSWERS[name] for source in Source for name in source.value.secrets & {*ANSWERS}]
    assert len(secrets) > 4
    assert not [secret for secret in secrets if secret in ran.output + ran.errors]


def test_each_source_is_introduced_by_where_its_credential_is_had(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    ran = run(build_given(upstream, state), "setup", typed="")

    assert ran.exit_code == 0
    for source in Source:
        assert f"{source.value.label}: {source.value.credential_help}" in ran.output
    assert not (tmp_path / ".env").exists()
    assert upstream.count_calls("") == 0


def test_a_rejected_credential_is_not_stored(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("STEAM_ID=before\n")
    typed = enter(Source.TROPHY_SO, Source.STEAM, STEAM_API_KEY="0" * 32)
    ran = run(build_given(upstream, state), "setup", typed=typed)

    assert ran.exit_code == 1
    assert "STEAM: the operator must sign in again." in ran.output
    stored = read_env_file(tmp_path / ".env")
    assert stored["STEAM_ID"] == "before"
    assert set(stored) == {"STEAM_ID", "TROPHY_SO_API_KEY", "TROPHY_SO_USER_ID"}


@pytest.mark.parametrize("npsso", ["short", "W" * 64])
def test_a_rejected_npsso_stores_nothing(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path, npsso: str
) -> None:
    typed = enter(Source.PSN, PSN_NPSSO=npsso)
    ran = run(build_given(upstream, state), "setup", typed=typed)

    assert (ran.exit_code, ran.errors) == (1, "")
    assert "PSN: nothing is stored. " in ran.output
    assert npsso not in ran.output
    assert not (tmp_path / ".env").exists()


def test_a_source_that_is_down_is_stored_with_what_is_wrong(
    run: Run, upstream: SandboxProcess, state: Path, tmp_path: Path
) -> None:
    upstream.inject_fault("ISteamUser", status=503)
    ran = run(build_given(upstream, state), "setup", typed=enter(Source.STEAM))

    assert ran.exit_code == 0
    assert "STEAM: UPSTREAM_UNAVAILABLE" in ran.output
    assert set(read_env_file(tmp_path / ".env")) == {"STEAM_API_KEY", "STEAM_ID"}


def test_the_npsso_may_be_the_json_of_the_page(
    run: Run, upstream: SandboxProcess, state: Path
) -> None:
    typed = enter(Source.PSN, PSN_NPSSO=f'{{\n"npsso":"{OWNER_NPSSO}"\n}}')
    ran = run(build_given(upstream, state), "setup", typed=typed)

    assert ran.exit_code == 0
    assert "PSN: fine, as vega_north" in ran.output
