"""Lists of an account's games."""

from datetime import UTC, datetime
from typing import Any

import pytest

from providers.capabilities import TitlePageKey
from providers.errors import BadResponse, NotFound
from providers.kit.request_context import RequestContext, set_current
from providers.kit.sandbox import InjectedFault
from providers.records import Image, Title, TitlePage
from providers.retroachievements.client import RetroAchievementsClient
from tests.providers.retroachievements.harness import ClientHarness, get_error, unwrap

GAME: dict[str, Any] = {
    "GameID": 77,
    "Title": "Example Quest",
    "ImageIcon": "/Images/000077.png",
    "ConsoleID": 7,
    "ConsoleName": "NES/Famicom",
    "MaxPossible": 3,
    "NumAwarded": 2,
    "NumAwardedHardcore": 1,
    "MostRecentAwardedDate": "2024-03-09T18:20:01+00:00",
    "HighestAwardKind": None,
    "HighestAwardDate": None,
}


def load_page(harness: ClientHarness, handle: str = "VegaNorth", offset: int = 0) -> TitlePage:
    (outcome,) = harness.run(lambda client: client.get_titles([TitlePageKey(handle, offset)]))
    return unwrap(outcome)


def make_list_harness(*games: dict[str, Any], **changes: Any) -> ClientHarness:
    """Make an upstream that lists these games."""
    body = {"Count": len(games), "Total": len(games), "Results": list(games), **changes}
    return ClientHarness().with_response("GetUserCompletionProgress", body)


def test_titles_are_listed_last_played_first() -> None:
    found = load_page(ClientHarness())
    assert [title.native_id for title in found.titles] == [
        "850", "731", "640", "523", "418", "306", "305", "212", "101"
    ]  # fmt: skip
    assert (found.total, found.next_offset) == (9, None)


def test_a_title_has_the_progress_of_the_player() -> None:
    (title,) = load_page(make_list_harness(GAME)).titles
    assert title == Title(
        native_id="77",
        name="Example Quest",
        icon=Image(url="https://media.retroachievements.org/Images/000077.png"),
        platforms=("NES/Famicom",),
        achievement_count=3,
        earned_count=2,
        progress=66,
        last_updated_at=datetime(2024, 3, 9, 18, 20, 1, tzinfo=UTC),
        definition_version="3",
        earned_version="2/1/2024-03-09T18:20:01+00:00",
        unlock_version="2/1/None",
    )


@pytest.mark.parametrize(
    ("possible", "earned", "percent"),
    [(200, 199, 99), (3, 3, 100), (3, 4, 100), (3, 0, 0), (0, 0, None), (None, 2, None)],
)
def test_progress_is_rounded_down_and_null_without_a_total(
    possible: int | None, earned: int, percent: int | None
) -> None:
    (title,) = load_page(
        make_list_harness({**GAME, "MaxPossible": possible, "NumAwarded": earned})
    ).titles
    assert title.progress == percent


def test_earning_the_same_again_in_hardcore_changes_the_version() -> None:
    before, after = ClientHarness(), ClientHarness()
    after.sandbox.unlock("VegaNorth", 41806, datetime(2026, 11, 1, tzinfo=UTC))
    versions = [
        {title.native_id: title.earned_version for title in load_page(harness).titles}
        for harness in (before, after)
    ]
    assert {game for game in versions[0] if versions[0][game] != versions[1][game]} == {"418"}


def test_pages_follow_each_other() -> None:
    rows = [{**GAME, "GameID": number} for number in range(1, 501)]
    found = load_page(make_list_harness(*rows, Total=501), offset=0)
    assert (len(found.titles), found.next_offset) == (500, 500)
    last = load_page(make_list_harness(GAME, Total=501), offset=500)
    assert (len(last.titles), last.next_offset) == (1, None)


def test_an_invalid_row_is_left_out_and_does_not_shift_the_next_page() -> None:
    rows = [{**GAME, "GameID": number} for number in range(1, 500)]
    found = load_page(make_list_harness(*rows, {"Title": "no id"}, Count=500, Total=700))
    assert (len(found.titles), found.next_offset) == (499, 500)


def test_a_list_sent_as_an_object_is_a_list() -> None:
    found = load_page(make_list_harness(GAME, Results={"0": GAME, "4": {**GAME, "GameID": 78}}))
    assert [title.native_id for title in found.titles] == ["77", "78"]


def test_an_unknown_user_is_distinguished_from_an_empty_one() -> None:
    harness = ClientHarness()
    keys = [TitlePageKey("EmptyEda"), TitlePageKey("Nobody")]
    empty, unknown = harness.run(lambda client: client.get_titles(keys))
    assert unwrap(empty) == TitlePage(titles=(), total=0)
    assert isinstance(unknown, NotFound)
    assert harness.calls == {"GetUserCompletionProgress": 2, "GetUserProfile": 2}


def test_the_profile_is_not_loaded_when_there_are_titles() -> None:
    harness = ClientHarness()
    load_page(harness)
    page_after_the_last = load_page(harness, offset=500)
    assert (page_after_the_last.titles, page_after_the_last.total) == ((), 9)
    assert harness.calls == {"GetUserCompletionProgress": 2}


def test_an_empty_list_is_an_error_when_the_profile_cannot_be_loaded() -> None:
    harness = ClientHarness().with_response("GetUserProfile", "<html>", 503)
    found = get_error(harness.run(lambda client: client.get_titles([TitlePageKey("EmptyEda")])))
    assert found.code == "UPSTREAM_UNAVAILABLE"


def refuse_pages_over(size: int, text: str) -> ClientHarness:
    """Make an upstream that refuses larger pages with this text."""
    harness = ClientHarness()
    message = f"The c field {text}"
    allowed = "|".join(str(number) for number in range(1, size + 1))
    harness.sandbox.faults.append(
        InjectedFault(
            f"CompletionProgress.*[?&]c=(?!({allowed})(&|$))",
            422,
            {"message": message, "errors": {"c": [message]}},
        )
    )
    return harness


def get_requested_sizes(harness: ClientHarness) -> list[str]:
    return [request.url.params["c"] for request in harness.sandbox.log]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("must not be greater than 4.", ["500", "4"]),
        ("must be between 1 and 4.", ["500", "4"]),
        ("is invalid.", ["500", "250", "125", "62", "31", "15", "7", "3"]),
    ],
)
def test_a_refused_page_size_is_learned_and_used_from_then_on(text: str, sizes: list[str]) -> None:
    harness = refuse_pages_over(4, text)

    async def load_all(client: RetroAchievementsClient) -> list[str]:
        set_current(RequestContext(deadline=float("inf"), bypass_cache=True))
        names: list[str] = []
        key: TitlePageKey | None = TitlePageKey("VegaNorth")
        while key is not None:
            (outcome,) = await client.get_titles([key])
            names += [title.native_id for title in unwrap(outcome).titles]
            key = key.advance(unwrap(outcome))
        return names

    assert len(harness.run(load_all)) == 9
    requested = get_requested_sizes(harness)
    assert requested[: len(sizes)] == sizes
    assert set(requested[len(sizes) :]) == {sizes[-1]}


def test_a_list_whose_pages_are_all_refused_is_unreadable() -> None:
    harness = ClientHarness().with_response("GetUserCompletionProgress", {"errors": {"c": []}}, 422)
    error = get_error(harness.run(lambda client: client.get_titles([TitlePageKey("VegaNorth")])))
    assert isinstance(error, BadResponse)


def test_a_list_goes_on_after_a_page_with_fewer_games_than_requested() -> None:
    found = load_page(make_list_harness(GAME, {**GAME, "GameID": 78}, Total=3))
    assert found.next_offset == 2
    uncounted = load_page(make_list_harness(GAME, Total=None))
    assert uncounted.next_offset == 1
