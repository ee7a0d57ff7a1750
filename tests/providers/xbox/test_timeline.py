"""The timeline opens titles by the time at which they were last played, and stops by that bound."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.xbox.sandbox.database import is_earned
from providers.xbox.sandbox.models import PlayedTitle, State
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    LIST,
    MODERN,
    PRIVATE,
    SAM,
    SKYLARK,
    VEGA,
    count_calls,
    fetch_user,
    get_nodes,
    get_state,
    query_user,
    run_xbox,
)

PAGE = """achievements(first: %d, after: $after, state: %s) {
  edges { node { nativeId earned earnedAt title { nativeId } } }
  pageInfo { hasNextPage endCursor } sources { state message } }"""
QUERY = """query ($after: String) {{
  user(accounts: [{{ source: XBOX, handle: "{handle}" }}]) {{ {page} }} }}"""

Key = tuple[str, str]


def read_timeline(
    server: RunningServer, state: str = "EARNED", size: int = 7, handle: str = VEGA
) -> list[Any]:
    """Return all nodes, page by page."""
    query = QUERY.format(handle=handle, page=PAGE % (size, state))
    nodes: list[Any] = []
    after: str | None = None
    while True:
        found = server.fetch_data(query, {"after": after})["user"]["achievements"]
        nodes += get_nodes(found)
        if not found["pageInfo"]["hasNextPage"]:
            return nodes
        after = found["pageInfo"]["endCursor"]


def list_states(
    server: RunningServer, handle: str = VEGA, *, earned: bool
) -> dict[Key, datetime | None]:
    """Return the achievements of the sandbox that are earned or not, with their times."""
    database = server.xbox.database
    found: dict[Key, datetime | None] = {}
    for title_id, played in database.players[handle].titles.items():
        for each in database.titles[title_id].achievements:
            state = played.states.get(each.id)
            if is_earned(state) is earned:
                found[str(title_id), each.id] = state and state.earned_at
    return found


def expect_earned(server: RunningServer, handle: str = VEGA) -> list[Key]:
    """Return the unlocks in the sandbox, newest first; those without a time come last."""
    last = datetime.min.replace(tzinfo=UTC)
    unlocks = list_states(server, handle, earned=True)
    return sorted(unlocks, key=lambda key: (-(unlocks[key] or last).timestamp(), key))


def get_key(node: Any) -> Key:
    return node["title"]["nativeId"], node["nativeId"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 20, 100])
def test_everything_earned_comes_once_and_newest_first(server: RunningServer, size: int) -> None:
    nodes = read_timeline(server, size=size)

    assert list(map(get_key, nodes)) == expect_earned(server)
    assert len(nodes) == 50


def test_unlocks_without_a_time_come_last(server: RunningServer) -> None:
    last = read_timeline(server, size=50)[-2:]

    assert [get_key(node) for node in last] == [("1290000001", "2"), (SKYLARK, "8")]
    assert {node["earnedAt"] for node in last} == {None}


def test_only_titles_that_can_have_a_newer_unlock_are_opened(server: RunningServer) -> None:
    with count_calls(server) as calls:
        nodes = get_nodes(
            fetch_user(server, "achievements(first: 2) { edges { node { nativeId } } }")[
                "achievements"
            ]
        )

    assert [node["nativeId"] for node in nodes] == ["1", "2"]
    # The one without a history may have any, and the third's bound is older than both unlocks.
    assert calls == {LIST: 1, MODERN: 2}


def test_a_deeper_page_opens_only_what_it_needs(server: RunningServer) -> None:
    with count_calls(server) as calls:
        fetch_user(server, "achievements(first: 30) { edges { node { nativeId } } }")

    assert calls == {LIST: 1, MODERN: 3}


def test_a_new_unlock_loads_its_title_alone(server: RunningServer) -> None:
    selection = "achievements(first: 3) { edges { node { nativeId title { nativeId } } } }"
    fetch_user(server, selection)
    server.xbox.unlock(VEGA, 1_700_000_002, "36", datetime.now(UTC))

    with count_calls(server) as calls:
        response = query_user(server, selection, VEGA, **NO_CACHE_HEADERS)

    assert calls == {LIST: 1, MODERN: 1}
    assert get_key(get_nodes(response.data["user"]["achievements"])[0]) == ("1700000002", "36")


@pytest.mark.slow
def test_an_unlock_after_the_last_play_within_a_day_is_in_order(server: RunningServer) -> None:
    played = server.xbox.database.players[VEGA].titles
    late = played[1_700_000_001].last_played_at
    assert late is not None
    played[1_700_000_003].states["5"].earned_at = late + timedelta(minutes=5)
    played[1_700_000_003].last_played_at = late - timedelta(hours=20)

    assert list(map(get_key, read_timeline(server))) == expect_earned(server)


@pytest.mark.slow
def test_locked_achievements_come_by_title_and_each_once(server: RunningServer) -> None:
    nodes = read_timeline(server, "LOCKED")

    keys = list(map(get_key, nodes))
    assert sorted(keys) == sorted(list_states(server, earned=False))
    assert {node["earned"] for node in nodes} == {False}
    titles = list(dict.fromkeys(title for title, _ in keys))
    assert titles[:3] == ["1700000005", SKYLARK, "1700000002"]


@pytest.mark.slow
def test_all_has_everything_once(server: RunningServer) -> None:
    keys = list(map(get_key, read_timeline(server, "ALL", size=30)))

    assert keys[:50] == expect_earned(server)
    assert sorted(keys[50:]) == sorted(list_states(server, earned=False))


def test_an_unlock_between_two_pages_is_on_none_of_the_later_ones(server: RunningServer) -> None:
    query = QUERY.format(handle=VEGA, page=PAGE % (5, "EARNED"))
    first = server.fetch_data(query, {"after": None})["user"]["achievements"]
    server.xbox.unlock(VEGA, int(SKYLARK), "3", datetime.now(UTC))
    after = {"after": first["pageInfo"]["endCursor"]}
    second = server.execute(query, after, NO_CACHE_HEADERS).data["user"]["achievements"]

    keys = [get_key(node) for node in (*get_nodes(first), *get_nodes(second))]
    assert keys == [key for key in expect_earned(server) if key != (SKYLARK, "3")][:10]


def test_titles_that_were_never_earned_in_are_not_opened(server: RunningServer) -> None:
    read_timeline(server, size=100)

    paths = "".join(request.url.path for request in server.xbox.log)
    assert "1700000004" not in paths
    assert "1290000002" not in paths


def test_the_state_of_an_account_that_hides_its_titles(server: RunningServer) -> None:
    found = fetch_user(server, PAGE.replace("after: $after, ", "") % (5, "EARNED"), PRIVATE)

    assert (found["achievements"]["edges"], get_state(found["achievements"])) == ([], "PRIVATE")


def test_the_timeline_of_all_sources_includes_xbox(server: RunningServer) -> None:
    query = """{ viewer { achievements(first: 20) {
      edges { node { source earnedAt } } sources { source state } } } }"""

    found = server.fetch_data(query)["viewer"]["achievements"]

    assert {"source": "XBOX", "state": "OK"} in found["sources"]
    times = [node["earnedAt"] for node in get_nodes(found)]
    assert times == sorted(times, reverse=True)
    assert "XBOX" in {node["source"] for node in get_nodes(found)}


def test_the_timeline_ends_with_a_failure_and_not_as_if_it_were_complete() -> None:
    with run_xbox() as server:
        server.inject_fault(f"{VEGA}/(title/)?1700000002|title/1700000002", status=500, body="")
        found = fetch_user(server, PAGE.replace("after: $after, ", "") % (50, "EARNED"))

    assert get_state(found["achievements"]) == "UNAVAILABLE"


def test_many_titles_played_on_one_day_are_all_considered(server: RunningServer) -> None:
    player = server.xbox.database.players[SAM]
    day = datetime(2026, 9, 1, tzinfo=UTC)
    for hour, title_id in enumerate((1_700_000_003, 1_700_000_005, 1_700_000_006)):
        player.titles[title_id] = PlayedTitle(
            last_played_at=day + timedelta(hours=hour),
            states={"1": State(is_earned=True, earned_at=day - timedelta(hours=hour))},
        )

    nodes = read_timeline(server, size=2, handle=SAM)

    assert list(map(get_key, nodes)) == expect_earned(server, SAM)
