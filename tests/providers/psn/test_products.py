"""From product builds to trophy sets."""

from providers.errors import Private, ProviderError, Unavailable
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import STRANGER_ACCOUNT_ID
from tests.providers.psn.asking import TROPHY, ask, calls

OWN = f"{TROPHY}/users/me/titles/trophyTitles"
JSON = {"content-type": "application/json"}
KNOWN = {
    "PPSA00001_00": ["NPWR00001_00"],
    "CUSA00004_00": ["NPWR00004_00"],
    "PPSA00003_00": ["NPWR00003_00"],
}


def sets(
    *np_title_ids: str, sandbox: PsnSandbox | None = None, handle: str = "me", times: int = 1
) -> dict[str, list[str] | ProviderError]:
    async def question(client: PsnClient) -> dict[str, list[str] | ProviderError]:
        for _ in range(times - 1):
            await client.titles_by_product(handle, np_title_ids)
        found = await client.titles_by_product(handle, np_title_ids)
        return {
            name: outcome
            if isinstance(outcome, ProviderError)
            else [known.native_id for known in outcome.value]
            for name, outcome in found.items()
        }

    return ask(question, sandbox)


def test_sets_are_found_by_product_whatever_the_order() -> None:
    sandbox = psn_sandbox()
    assert sets(*KNOWN, sandbox=sandbox, times=2) == KNOWN
    assert calls(sandbox) == {OWN: 1}


def test_more_than_five_are_asked_for_in_fives() -> None:
    sandbox = psn_sandbox()
    games = [one for one, game in sandbox.world.games.items() if game.sets][:7]
    assert set(sets(*games, sandbox=sandbox)) == set(games)
    assert calls(sandbox) == {OWN: 2}


def test_an_unknown_product_is_dropped_and_the_others_asked_for_again() -> None:
    sandbox = psn_sandbox()
    found = sets("CUSA99999_00", *KNOWN, "PPSA99999_00", sandbox=sandbox, times=2)
    assert found == {**KNOWN, "CUSA99999_00": [], "PPSA99999_00": []}
    assert calls(sandbox) == {OWN: 3}


def test_a_refusal_that_names_nothing_asked_for_falls_back_to_single_calls() -> None:
    sandbox = psn_sandbox()
    body = {"error": {"code": 2240525, "message": "Resource not found (npTitleId='OTHER')"}}
    sandbox.faults.append(Fault(r"npTitleIds=.*(%2C|,)", 404, body, JSON))
    assert sets(*KNOWN, sandbox=sandbox) == KNOWN
    assert calls(sandbox) == {OWN: 4}


def test_what_psn_cannot_look_up_is_not_asked_for() -> None:
    sandbox = psn_sandbox()
    assert sets("BLES00001_00", "x/y", sandbox=sandbox) == {"BLES00001_00": [], "x/y": []}
    assert not sandbox.calls


def test_a_private_account_stays_private() -> None:
    (outcome,) = sets("PPSA00001_00", handle=STRANGER_ACCOUNT_ID).values()
    assert isinstance(outcome, Private)


def test_a_failing_call_is_not_repeated_one_by_one() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("titles/trophyTitles", 403, "<html>"))
    assert {type(one) for one in sets(*KNOWN, sandbox=sandbox).values()} == {Unavailable}
    assert calls(sandbox) == {OWN: 1}
