"""The search for an account by its exact name."""

import pytest

from providers.capabilities import SearchKey
from providers.errors import BadInput
from providers.records import ProfilePage
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap


def search(term: str, harness: ClientHarness | None = None) -> ProfilePage:
    (outcome,) = (harness or ClientHarness()).run(lambda client: client.search([SearchKey(term)]))
    return unwrap(outcome)


def test_an_exact_name_is_found_in_any_case() -> None:
    page = search("veganorth")
    assert [profile.handle for profile in page.profiles] == ["VegaNorth"]
    assert (page.total, page.next_cursor) == (1, None)


@pytest.mark.parametrize("term", ["Nobody", "Vega", "no such name", "x"])
def test_any_other_term_finds_no_account(term: str) -> None:
    assert search(term) == ProfilePage(profiles=(), total=0)


def test_a_term_that_is_no_name_is_answered_without_a_call() -> None:
    harness = ClientHarness()
    search("no such name", harness)
    assert not harness.calls


@pytest.mark.parametrize("term", ["", "x" * 101, "a\nb"])
def test_an_invalid_term_is_rejected(term: str) -> None:
    harness = ClientHarness()
    error = get_error(harness.run(lambda client: client.search([SearchKey(term)])))
    assert isinstance(error, BadInput)
    assert error.argument == "term"
