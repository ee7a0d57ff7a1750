"""The operator's sign-in, kept from one process to the next."""

import json
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from providers.psn.sandbox import world
from providers.registry import Source
from tests.asking import configured, serving
from tests.server.credentials.processes import (
    KEPT,
    Ran,
    Sandbox,
    an_hour_passes,
    kept_in,
)
from tests.server.operations.running import ask, environment, running

ACCOUNT = "accounts { ... on PsnAccount { id accountId } }"
OWN = f'{{ user(accounts: [{{ source: PSN, handle: "me" }}]) {{ {ACCOUNT} }} }}'
Run = Callable[..., Ran]
SOURCES = "{ sources { source credentialExpiresAt status { state message } } }"


@contextmanager
def served(upstream: Sandbox, state: Path, **settings: str) -> Generator[str]:
    """A server of its own on that state directory; its address."""
    with running("serve", given=upstream.environment(state, **settings)) as process:
        yield process.address


def psn(address: str) -> dict[str, Any]:
    """What the server knows of PSN."""
    return ask(address, SOURCES).json()["data"]["sources"][0]


def whose(address: str) -> Any:
    """The operator's account id, as PSN tells it."""
    return ask(address, OWN).json()["data"]["user"]["accounts"][0]["accountId"]


def test_a_server_that_starts_later_refreshes_instead_of_signing_in(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    with served(upstream, state) as address:
        assert whose(address) == world.OWNER_ACCOUNT_ID
    before = kept_in(state)
    assert run(upstream.environment(state), "check").code == 0
    assert (kept_in(state), upstream.calls("/oauth/")) == (before, 1)
    an_hour_passes(state)
    # Whoever signed in now would be signed in for a day only.
    upstream.change(refresh_lifetime=86_400)
    with served(upstream, state) as address:
        assert whose(address) == world.OWNER_ACCOUNT_ID
        after = kept_in(state)
        told = datetime.fromisoformat(psn(address)["credentialExpiresAt"]).timestamp()
    assert upstream.calls("/oauth/token") == 2
    assert after["refresh"] != before["refresh"]
    assert abs(after["refresh_expires_at"] - before["refresh_expires_at"]) < 10
    assert abs(told - after["refresh_expires_at"]) < 1


def test_what_is_kept_is_its_owners_alone_and_replaced_as_a_whole(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    state.mkdir(parents=True)
    state.chmod(0o755)
    run(upstream.environment(state), "check")
    first = (state / KEPT).stat()
    an_hour_passes(state)
    run(upstream.environment(state), "check")
    second = (state / KEPT).stat()
    assert first.st_ino != second.st_ino
    assert stat.S_IMODE(second.st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [each.name for each in state.iterdir()] == [KEPT]


def test_a_rotated_refresh_token_is_kept_before_the_new_tokens_are_used(tmp_path: Path) -> None:
    class Witness(list[httpx.Request]):
        """Looks at what is kept whenever a request arrives."""

        def append(self, request: httpx.Request) -> None:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme == "Bearer":
                seen.append((token, (tmp_path / KEPT).read_text()))
            super().append(request)

    seen: list[tuple[str, str]] = []
    given = {**configured(Source.PSN), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with serving(sandbox=False, **given) as server:
        server.psn.log = Witness()
        server.data(OWN)
        an_hour_passes(tmp_path)
    # A new process, for which the network has forgotten the token, and which must sign in.
    with serving(sandbox=False, **given) as server:
        server.psn.log = Witness()
        server.data(OWN)
        server.psn.expire_access_tokens()
        server.ask(OWN, headers={"Cache-Control": "no-cache"})
    used = [token for token, kept in seen if token in kept]
    assert len(used) >= 3
    refused = [token for token, kept in seen if token not in kept]
    assert refused == []


def test_a_server_says_when_a_person_has_to_sign_in_again(
    run: Run, upstream: Sandbox, state: Path
) -> None:
    settings = upstream.settings(state, Source.PSN)
    del settings["PSN_NPSSO"]
    given = environment(**settings)
    run(given, "psn", "login", typed=f"{world.OWNER_NPSSO}\n")
    whole = json.loads((state / KEPT).read_text())
    whole["tokens"] |= {"expires_at": 1.0, "refresh": "sandbox-refresh.gone"}
    (state / KEPT).write_text(json.dumps(whole))
    with running("serve", given=given) as process:
        before = psn(process.address)
        assert before["status"]["state"] == "OK"
        assert before["credentialExpiresAt"]
        error = ask(process.address, OWN).json()["errors"][0]["extensions"]
        assert (error["code"], error["source"]) == ("UPSTREAM_UNAUTHENTICATED", "PSN")
        after = psn(process.address)
        assert after["status"]["state"] == "UNAUTHENTICATED"
        assert "signed in" in after["status"]["message"]
    ran = run(given, "check")
    assert ran.code != 0
    assert "PSN: a person must sign in again." in ran.output
