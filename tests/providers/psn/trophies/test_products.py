"""Trophy titles of product builds."""

from providers.errors import Private, ProviderError, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import STRANGER_ACCOUNT_ID
from tests.providers.psn.harness import JSON, TROPHY, count_calls, run_with_client

OWN = f"{TROPHY}/users/me/titles/trophyTitles"
SETS_BY_PRODUCT = {
    "PPSA00001_00": ["NPWR00001_00"],
    "CUSA00004_00": ["NPWR00004_00"],
    "PPSA00003_00": ["NPWR00003_00"],
}


def load_sets(
    *np_title_ids: str, sandbox: PsnSandbox | None = None, handle: str = "me", times: int = 1
) -> dict[str, list[str] | ProviderError]:
    async def scenario(client: PsnClient) -> dict[str, list[str] | ProviderError]:
        for _ in range(times - 1):
            await client.get_titles_by_product(handle, np_title_ids)
        found = await client.get_titles_by_product(handle, np_title_ids)
        return {
            name: outcome
            if isinstance(outcome, ProviderError)
            else [title.native_id for title in outcome.value]
            for name, outcome in found.items()
        }

    return run_with_client(scenario, sandbox)


def test_sets_are_found_by_product_whatever_the_order() -> None:
    sandbox = create_sandbox()
    assert load_sets(*SETS_BY_PRODUCT, sandbox=sandbox, times=2) == SETS_BY_PRODUCT
    assert count_calls(sandbox) == {OWN: 1}


def test_more_than_five_products_are_loaded_in_batches_of_five() -> None:
    sandbox = create_sandbox()
    games = [
        product_id for product_id, game in sandbox.database.games.items() if game.trophy_set_ids
    ][:7]
    assert set(load_sets(*games, sandbox=sandbox)) == set(games)
    assert count_calls(sandbox) == {OWN: 2}


def test_a_batch_is_retried_without_its_unknown_products() -> None:
    sandbox = create_sandbox()
    found = load_sets("CUSA99999_00", *SETS_BY_PRODUCT, "PPSA99999_00", sandbox=sandbox, times=2)
    assert found == {**SETS_BY_PRODUCT, "CUSA99999_00": [], "PPSA99999_00": []}
    assert count_calls(sandbox) == {OWN: 3}


def test_an_error_about_another_product_falls_back_to_single_calls() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 2240525, "message": "Resource not found (npTitleId='OTHER')"}}
    sandbox.faults.append(InjectedFault(r"npTitleIds=.*(%2C|,)", 404, body, JSON))
    assert load_sets(*SETS_BY_PRODUCT, sandbox=sandbox) == SETS_BY_PRODUCT
    assert count_calls(sandbox) == {OWN: 5}


def test_unsupported_product_ids_are_not_requested() -> None:
    sandbox = create_sandbox()
    assert load_sets("BLES00001_00", "x/y", sandbox=sandbox) == {"BLES00001_00": [], "x/y": []}
    assert not sandbox.calls


def test_a_private_account_stays_private() -> None:
    (outcome,) = load_sets("PPSA00001_00", handle=STRANGER_ACCOUNT_ID).values()
    assert isinstance(outcome, Private)


def test_a_failing_call_is_not_repeated_one_by_one() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("titles/trophyTitles", 403, "<html>"))
    assert {type(outcome) for outcome in load_sets(*SETS_BY_PRODUCT, sandbox=sandbox).values()} == {
        Unavailable
    }
    assert count_calls(sandbox) == {OWN: 1}
