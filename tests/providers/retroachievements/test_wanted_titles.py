"""The games that accounts want to play, as far as the key may see them."""

from collections.abc import Sequence
from typing import Any

import pytest

from providers.capabilities import PageKey
from providers.errors import NotFound, Private, ProviderError
from providers.kit.caching.cached import Cached
from providers.records import AchievementPoints, Image, Title, TitlePage
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap
from tests.server.caller_headers import SECOND_ON_RETRO

ENDPOINT = "GetUserWantToPlayList"
Outcomes = Sequence[Cached[TitlePage] | ProviderError]


def load(harness: ClientHarness, handle: str = "VegaNorth", offset: int = 0) -> Outcomes:
    key = PageKey(handle, offset)
    return harness.run(lambda client: client.get_wanted_titles([key]))


def test_the_own_list_has_games_without_progress() -> None:
    harness = ClientHarness()
    (outcome,) = load(harness)
    page = unwrap(outcome)
    assert page.titles[0] == Title(
        native_id="919",
        name="Night Bus Nine",
        icon=Image(url="https://media.retroachievements.org/Images/000919.png"),
        platforms=("PlayStation",),
        achievement_count=7,
        points=AchievementPoints(value=85, unit="RETRO_POINTS"),
    )
    assert (len(page.titles), page.total, page.next_offset) == (2, 2, None)
    assert harness.calls == {ENDPOINT: 1}


def test_a_list_is_shown_to_those_who_follow_each_other_with_its_account() -> None:
    (outcome,) = load(ClientHarness(), "SecondSam")
    assert [title.name for title in unwrap(outcome).titles] == ["Moss & Marrow"]
    assert isinstance(get_error(load(ClientHarness(), "MaxMilyin")), Private)
    assert isinstance(get_error(load(ClientHarness(headers=SECOND_ON_RETRO), "MaxMilyin")), Private)


def test_an_unknown_account_is_not_found() -> None:
    assert isinstance(get_error(load(ClientHarness(), "Nobody")), NotFound)


def test_a_page_begins_at_an_offset() -> None:
    (outcome,) = load(ClientHarness(), offset=1)
    assert [title.name for title in unwrap(outcome).titles] == ["Puddle Racers"]


def test_a_row_has_what_can_be_read_of_it() -> None:
    rows = [{"ID": "7", "Title": None, "PointsTotal": "many"}, {"Title": "no id"}, 7]
    body = {"Count": 3, "Total": 3, "Results": rows}
    (outcome,) = load(ClientHarness().with_response(ENDPOINT, body))
    page = unwrap(outcome)
    assert page.titles == (Title(native_id="7"),)
    assert page.unread_count == 2


@pytest.mark.parametrize("body", [{}, [], {"Count": 0, "Total": 0}, {"Results": ["x"]}])
def test_a_list_that_cannot_be_read_is_no_empty_list(body: Any) -> None:
    error = get_error(load(ClientHarness().with_response(ENDPOINT, body)))
    assert error.code == "UPSTREAM_BAD_RESPONSE"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"message": "Unauthenticated."}, "UPSTREAM_UNAUTHENTICATED"),
        (401, [], "PRIVATE"),
        (410, {}, "SOURCE_RETIRED"),
        (503, {}, "UPSTREAM_UNAVAILABLE"),
    ],
)
def test_a_refusal_has_its_code(status: int, body: Any, code: str) -> None:
    error = get_error(load(ClientHarness().with_response(ENDPOINT, body, status)))
    assert error.code == code
