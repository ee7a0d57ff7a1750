"""An NPSSO in every form in which people paste it, from PSN's page or from their settings."""

import pytest

from providers.errors import BadInput, CallerUnauthenticated
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET, OWNER_ACCOUNT_ID, OWNER_NPSSO
from tests.providers.psn.auth.sign_in_harness import load_own_id
from tests.providers.psn.harness import TOKEN, run_with_client

SURROUNDED = [
    OWNER_NPSSO,
    f'"{OWNER_NPSSO}"',
    f"'{OWNER_NPSSO}'",
    f"\u201c{OWNER_NPSSO}\u201d",
    f"  {OWNER_NPSSO}\t\r\n",
    f"\ufeff{OWNER_NPSSO}",
]
INSIDE = [
    f'{{"npsso":"{OWNER_NPSSO}"}}',
    f'{{\n  "npsso": "{OWNER_NPSSO}"\n}}\r\n',
    f'\ufeff{{"npsso" : "{OWNER_NPSSO}"}}',
    f"{{'npsso': '{OWNER_NPSSO}'}}",
    f"npsso={OWNER_NPSSO}; Path=/",
    f'npsso\t"{OWNER_NPSSO}"',
]
WITHOUT_ONE = [
    "",
    "short",
    '{"npsso":""}',
    '{"error":"invalid_grant"}',
    OWNER_NPSSO[:-1],
    OWNER_NPSSO + "x",
    OWNER_NPSSO[:32] + "\n" + OWNER_NPSSO[32:],
    OWNER_NPSSO + " " + "x" * 64,
    "%22" + OWNER_NPSSO,
]


@pytest.mark.parametrize("text", [*SURROUNDED, *INSIDE], ids=range(12))
def test_a_login_finds_the_npsso_in_what_is_pasted(text: str) -> None:
    async def sign_in(client: PsnClient) -> str:
        await client.sign_in_with(text)
        return await client.get_account_id("me")

    assert run_with_client(sign_in, PSN_NPSSO="") == OWNER_ACCOUNT_ID


@pytest.mark.parametrize("text", WITHOUT_ONE)
def test_a_login_without_exactly_one_npsso_is_rejected_before_any_call(text: str) -> None:
    sandbox = create_sandbox()

    async def sign_in(client: PsnClient) -> None:
        await client.sign_in_with(text)

    with pytest.raises(BadInput, match=r"^npsso must be 64 letters and digits") as caught:
        run_with_client(sign_in, sandbox, PSN_NPSSO="")
    assert not text or text not in str(caught.value)
    assert TOKEN not in sandbox.calls


@pytest.mark.parametrize("text", SURROUNDED)
def test_a_setting_or_header_may_have_blanks_and_quotes_around_the_npsso(text: str) -> None:
    caller = {"x-client-id": f" {CLIENT_ID}", "x-client-secret": f'"{CLIENT_SECRET}"'}

    assert run_with_client(load_own_id, PSN_NPSSO=text) == OWNER_ACCOUNT_ID
    assert run_with_client(load_own_id, caller={**caller, "x-npsso": text}) == OWNER_ACCOUNT_ID


@pytest.mark.parametrize("text", [*INSIDE, *WITHOUT_ONE[1:]])
def test_any_other_setting_or_header_is_rejected_by_name_before_any_call(text: str) -> None:
    sandbox = create_sandbox()
    caller = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": text}

    with pytest.raises(ValueError, match=r"^PSN_NPSSO must be 64 letters and digits") as setting:
        run_with_client(load_own_id, sandbox, PSN_NPSSO=text)
    with pytest.raises(CallerUnauthenticated, match="x-npsso must be 64 letters") as header:
        run_with_client(load_own_id, sandbox, caller=caller)
    assert OWNER_NPSSO not in str(setting.value) + str(header.value)
    assert not sandbox.calls
