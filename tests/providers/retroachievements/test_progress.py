"""Progress of an account in many games."""

from typing import Any

import pytest

from providers.capabilities import ContentsKey
from providers.errors import NotFound
from providers.kit.sandbox import InjectedFault
from providers.records import AchievementPoints, Contents, Part, Title
from providers.retroachievements.cached_records import ProgressKey
from providers.retroachievements.client import RetroAchievementsClient
from providers.retroachievements.progress import split_into_chunks
from tests.providers.retroachievements.harness import ClientHarness, unwrap

EXPECTED_CALLS = [
    ("VegaNorth", "640 919 9"),
    ("veganorth", "919"),
    ("VEGANORTH", "9 640"),
    ("vegaNorth", "919 101 731"),
]


def make_progress(
    native_id: str, counts: tuple[int, int], points: tuple[int, int], percent: int
) -> Title:
    """Make a title with what is earned and what there is to earn."""
    earned_points, all_points = (
        AchievementPoints(value=each, unit="RETRO_POINTS") for each in points
    )
    return Title(
        native_id=native_id,
        earned_count=counts[0],
        achievement_count=counts[1],
        progress=percent,
        earned_points=earned_points,
        points=all_points,
    )


def make_keys(*native_ids: str, handle: str = "VegaNorth") -> list[ContentsKey]:
    titles = [Title(native_id=native_id) for native_id in native_ids]
    return [ContentsKey(handle, title, Part.TITLE_PROGRESS) for title in titles]


def test_many_games_are_one_call() -> None:
    harness = ClientHarness()
    wanted = [ProgressKey("VegaNorth", native_id) for native_id in ("640", "919", "101", "640")]
    found = harness.run(lambda client: client.get_progress(wanted))
    assert [unwrap(outcome) for outcome in found] == [
        make_progress("640", (5, 8), (40, 125), 62),
        make_progress("919", (0, 7), (0, 85), 0),
        make_progress("101", (8, 8), (120, 120), 100),
        make_progress("640", (5, 8), (40, 125), 62),
    ]
    assert harness.calls == {"GetUserProgress": 1}


def test_progress_loaded_together_is_cached_by_game() -> None:
    harness = ClientHarness()

    async def scenario(client: RetroAchievementsClient) -> list[list[Title | None]]:
        found: list[list[Title | None]] = []
        for name, ids in EXPECTED_CALLS:
            keys = [ProgressKey(name, native_id) for native_id in ids.split()]
            outcomes = await client.get_progress(keys)
            found.append([unwrap(outcome) for outcome in outcomes])
        return found

    all_three, one, two, more = harness.run(scenario)

    assert one == all_three[1:2]
    assert two == [all_three[2], all_three[0]]
    assert [title is None for title in more] == [False] * 3
    params = [request.url.params for request in harness.sandbox.log]
    assert [(each["u"], each["i"]) for each in params] == [
        ("VegaNorth", "640,9,919"),
        ("vegaNorth", "101,731"),
    ]


def test_an_unknown_game_has_no_progress() -> None:
    wanted = [ProgressKey("VegaNorth", "9")]
    (outcome,) = ClientHarness().run(lambda client: client.get_progress(wanted))
    assert unwrap(outcome) is None


def test_an_unknown_account_fails_its_own_keys_alone() -> None:
    wanted = [ProgressKey("Nobody", "101"), ProgressKey("SecondSam", "101")]
    unknown, known = ClientHarness().run(lambda client: client.get_progress(wanted))
    assert isinstance(unknown, NotFound)
    assert unwrap(known) == make_progress("101", (4, 8), (25, 120), 50)


def test_progress_alone_of_several_titles_is_one_call() -> None:
    harness = ClientHarness()
    found = harness.run(lambda client: client.get_contents(make_keys("640", "101", "731")))
    assert [unwrap(outcome).title for outcome in found] == [
        make_progress("640", (5, 8), (40, 125), 62),
        make_progress("101", (8, 8), (120, 120), 100),
        make_progress("731", (10, 12), (88, 123), 83),
    ]
    assert harness.calls == {"GetUserProgress": 1}


def test_progress_of_a_single_title_is_loaded_with_its_contents() -> None:
    harness = ClientHarness()
    (outcome,) = harness.run(lambda client: client.get_contents(make_keys("640")))
    title = unwrap(outcome).title
    assert title is not None
    assert (title.progress, title.name, title.last_updated_at is None) == (
        62,
        "Puddle Racers",
        False,
    )
    assert harness.calls == {"GetGameInfoAndUserProgress": 1}


def test_an_unknown_game_among_several_is_not_found() -> None:
    found, missing = ClientHarness().run(lambda client: client.get_contents(make_keys("640", "9")))
    assert isinstance(unwrap(found), Contents)
    assert isinstance(missing, NotFound)


def test_a_failure_of_the_one_call_is_the_failure_of_each_title() -> None:
    harness = ClientHarness().with_response("GetUserProgress", "<html>")
    outcomes = harness.run(lambda client: client.get_contents(make_keys("640", "101")))
    assert [getattr(outcome, "code", None) for outcome in outcomes] == 2 * ["UPSTREAM_BAD_RESPONSE"]


def test_ids_are_split_so_that_the_url_stays_short() -> None:
    short = list(
        split_into_chunks([ProgressKey("VegaNorth", str(number)) for number in range(1, 451)])
    )
    assert [len(title_ids) for _, title_ids in short] == [200, 200, 50]
    long = list(
        split_into_chunks([ProgressKey("VegaNorth", str(10**9 + number)) for number in range(300)])
    )
    assert max(len("%2C".join(title_ids)) for _, title_ids in long) <= 1800
    assert sum(len(title_ids) for _, title_ids in long) == 300


@pytest.mark.parametrize(
    ("status", "body", "allowed", "sizes"),
    [
        (414, "<html>", 1, [3, 2, 1, 1, 1, 1, 1]),
        (422, {"errors": {"i": ["The i field has more than 2 items."]}}, 2, [3, 2, 1, 2]),
    ],
)
def test_a_refused_batch_of_games_is_loaded_in_smaller_ones(
    status: int, body: Any, allowed: int, sizes: list[int]
) -> None:
    harness = ClientHarness()
    fault = InjectedFault(rf"GetUserProgress.*i=\d+((,|%2C)\d+){{{allowed},}}", status, body)
    harness.sandbox.faults.append(fault)

    async def load_twice(client: RetroAchievementsClient) -> int:
        outcomes: list[Any] = []
        for names in (("640", "101", "731"), ("9", "919")):
            outcomes += await client.get_progress([ProgressKey("VegaNorth", n) for n in names])
        return sum(unwrap(outcome) is not None for outcome in outcomes)

    assert harness.run(load_twice) == 4
    requested = [request.url.params["i"].count(",") + 1 for request in harness.sandbox.log]
    assert requested == sizes


def test_games_that_an_answer_leaves_out_are_asked_for_again() -> None:
    harness = ClientHarness()
    counts = {"NumPossibleAchievements": 8, "NumAchieved": 5}
    for name in ("101", "640"):
        fault = InjectedFault(rf"GetUserProgress.*i={name}", 200, {name: counts})
        harness.sandbox.faults.append(fault)
    wanted = [ProgressKey("VegaNorth", name) for name in ("101", "640", "731")]
    found = harness.run(lambda client: client.get_progress(wanted))
    assert [unwrap(outcome) is None for outcome in found] == [False] * 3
    assert harness.calls == {"GetUserProgress": 3}
