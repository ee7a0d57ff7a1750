"""Unlocks in the sandbox: on demand and by the schedule, with all that follows from them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from providers.registry import Source
from server.sandbox.unlocks import WantedUnlock
from server.sandbox.upstreams import SandboxTransport, create_sandbox_app
from tests.harness import NO_CACHE_HEADERS, RunningServer, run_server
from tests.virtual_time import run_on_virtual_time

TOTALS = "{ viewer { totals { source earned } } }"
TIMELINE = """query ($sources: [Source!]) {
  viewer { achievements(first: 3, sources: $sources) { edges { node { nativeId name earnedAt } } } }
}"""
TITLES = """query ($sources: [Source!]) {
  viewer { trophyTitles(first: 1, sources: $sources) {
    edges { node { name progress earnedCount } }
  } }
}"""
PSN_ACCOUNT = """{ viewer { accounts { ... on PsnAccount {
  presence { onlineStatus titleName } trophySummary { points }
  playedGames(first: 1) { edges { node { name } } }
} } } }"""
RETRO_ACCOUNT = "{ viewer { accounts { ... on RetroAchievementsAccount { points } } } }"
STEAM_ACCOUNT = """{ viewer { accounts { ... on SteamAccount {
  presence { titleName } playedGames(first: 4) { edges { node { name } } }
} } } }"""
XBOX_ACCOUNT = (
    "{ viewer { accounts { ... on XboxAccount { gamerscore presence { titleName } } } } }"
)


def fetch_viewer(server: RunningServer, query: str, *sources: str) -> Any:
    variables = {"sources": list(sources)} if sources else {}
    return server.fetch_data(query, variables, NO_CACHE_HEADERS)["viewer"]


def fetch_account(server: RunningServer, query: str) -> Any:
    return next(each for each in fetch_viewer(server, query)["accounts"] if each)


def send_unlock(server: RunningServer, body: Any = None) -> httpx.Response:
    return server.request("POST", "/sandbox/unlocks", json=body)


def test_the_next_unlocks_come_from_one_source_after_the_other(server: RunningServer) -> None:
    unlocks = [server.request("POST", "/sandbox/unlocks").json()["unlocks"] for _ in range(6)]

    names = [source.name for source in Source]
    assert [each[0]["source"] for each in unlocks] == [*names, names[0]]
    assert unlocks[0][0] == {
        "source": "PSN",
        "account": "1000000000000000001",
        "title": "NPWR00001_00",
        "achievement": "2",
        "name": "Nine Lanterns",
        "earnedAt": unlocks[0][0]["earnedAt"],
    }
    earned_at = datetime.fromisoformat(unlocks[0][0]["earnedAt"])
    assert abs((datetime.now(UTC) - earned_at).total_seconds()) < 60


def test_two_sandboxes_unlock_the_same_in_the_same_order() -> None:
    orders = [
        [
            (each["source"], each["title"], each["achievement"])
            for _ in range(40)
            for each in upstreams.unlocks.unlock()
        ]
        for upstreams in (SandboxTransport(), SandboxTransport())
    ]

    assert orders[0] == orders[1]
    assert len(set(orders[0])) == len(orders[0]) >= 40


def test_nothing_is_left_in_the_end() -> None:
    upstreams = SandboxTransport()

    unlocks = [each for _ in range(1000) for each in upstreams.unlocks.unlock()]

    assert len({(each["source"], each["title"], each["achievement"]) for each in unlocks}) == len(
        unlocks
    )
    assert {each["source"] for each in unlocks} == {source.name for source in Source}
    assert upstreams.unlocks.unlock() == []
    for sandbox in upstreams.sandboxes.values():
        assert list(sandbox.list_locked()) == []


@pytest.mark.slow
def test_an_unlock_reaches_the_timeline_and_the_totals(server: RunningServer) -> None:
    for source in Source:
        before = {each["source"]: each["earned"] for each in fetch_viewer(server, TOTALS)["totals"]}
        unlocked = server.unlock(source=source.name)

        after = {each["source"]: each["earned"] for each in fetch_viewer(server, TOTALS)["totals"]}
        if before[source.name] is not None:
            assert after[source.name] == before[source.name] + len(unlocked)
        newest = fetch_viewer(server, TIMELINE, source.name)["achievements"]["edges"][0]["node"]
        assert newest["name"] == unlocked[0]["name"]
        assert newest["earnedAt"] == unlocked[0]["earnedAt"]


@pytest.mark.slow
def test_a_title_moves_to_the_front_with_its_new_count(server: RunningServer) -> None:
    wanted = {"PSN": "NPWR00002_00", "STEAM": "4040", "XBOX": "1700000002"}
    for source, title in wanted.items():
        before = server.unlock(source=source, title=title)
        first = fetch_viewer(server, TITLES, source)["trophyTitles"]["edges"][0]["node"]
        assert before[0]["title"] == title
        server.unlock(source=source, title=title)
        second = fetch_viewer(server, TITLES, source)["trophyTitles"]["edges"][0]["node"]
        assert second["name"] == first["name"]
        if source == "PSN":
            assert second["progress"] > first["progress"]
        else:
            assert second["earnedCount"] == first["earnedCount"] + 1


def test_a_platinum_trophy_comes_with_the_last_one_of_its_group(server: RunningServer) -> None:
    first = server.unlock(source="PSN", title="NPWR00001_00", achievement="2")
    assert (
        send_unlock(
            server, {"source": "PSN", "title": "NPWR00001_00", "achievement": "0"}
        ).status_code
        == 404
    )
    last = server.unlock(source="PSN", title="NPWR00001_00", achievement="5")

    assert [each["achievement"] for each in first] == ["2"]
    assert [(each["achievement"], each["name"]) for each in last] == [
        ("5", "Mapmaker"),
        ("0", "Quest Complete"),
    ]


def test_points_and_presence_of_psn_follow(server: RunningServer) -> None:
    before = fetch_account(server, PSN_ACCOUNT)
    server.unlock(source="PSN", title="NPWR00003_00", account="sample_friend")
    server.unlock(source="PSN", title="NPWR00001_00", achievement="5")
    after = fetch_account(server, PSN_ACCOUNT)

    assert after["trophySummary"]["points"] == before["trophySummary"]["points"] + 30
    assert before["presence"]["titleName"] is None
    assert after["presence"] == {"onlineStatus": "online", "titleName": "Sample Quest"}
    assert after["playedGames"]["edges"][0]["node"]["name"] == "Sample Quest"


def test_points_of_retroachievements_follow(server: RunningServer) -> None:
    before = fetch_account(server, RETRO_ACCOUNT)["points"]
    server.unlock(source="RETRO_ACHIEVEMENTS")

    assert fetch_account(server, RETRO_ACCOUNT)["points"] > before


def test_games_and_presence_of_steam_follow(server: RunningServer) -> None:
    server.unlock(source="STEAM", title="4040")

    account = fetch_account(server, STEAM_ACCOUNT)
    games = [edge["node"]["name"] for edge in account["playedGames"]["edges"]]
    assert account["presence"]["titleName"] == "Ledger of Stars"
    assert games[2] == "Ledger of Stars"  # behind the two borrowed games, whose times are unknown


def test_gamerscore_and_presence_of_xbox_follow(server: RunningServer) -> None:
    before = fetch_account(server, XBOX_ACCOUNT)["gamerscore"]
    server.unlock(source="XBOX", title="1700000002", account="vega north")

    account = fetch_account(server, XBOX_ACCOUNT)
    assert account["gamerscore"] == before + 25
    assert account["presence"]["titleName"] == "Ember Ledger"


def test_metrics_streaks_and_composites_of_trophy_so_follow(server: RunningServer) -> None:
    user = server.trophy_so.database.users["vega"]
    keys = {each.key: each.id for each in server.trophy_so.database.definitions.values()}
    server.unlock(source="TROPHY_SO", achievement=keys["ten-thousand-notes"])
    server.unlock(source="TROPHY_SO", achievement=keys["shared-a-song"])
    completed = server.unlock(source="TROPHY_SO", achievement=keys["30-day-streak"])

    assert user.metrics["notes"] == 10_000
    assert user.streak == 30
    assert [each["name"] for each in completed] == ["A month", "All-rounder"]


def test_any_account_of_a_source_can_earn(server: RunningServer) -> None:
    accounts = {
        "PSN": "second_player",
        "RETRO_ACHIEVEMENTS": "EmptyEda",
        "STEAM": "second_sam",
        "XBOX": "2535400000000005",
        "TROPHY_SO": "fresh",
    }
    for source, account in accounts.items():
        body = {"source": source, "account": account}
        response = send_unlock(server, body)
        assert response.status_code == 200, source
        assert response.json()["unlocks"][0]["source"] == source


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "NINTENDO"}, 404),
        ({"account": "no such account"}, 404),
        ({"source": "PSN", "title": "NPWR99999_00"}, 404),
        ({"source": "TROPHY_SO", "account": "user-id"}, 404),
        ({"source": 1}, 400),
        ({"sauce": "PSN"}, 400),
        ([], 400),
    ],
)
def test_what_is_not_there_is_not_unlocked(server: RunningServer, body: Any, status: int) -> None:
    assert send_unlock(server, body).status_code == status


def test_the_schedule_unlocks_at_its_pace_while_the_server_runs() -> None:
    with run_server(TROPHYCASE_SANDBOX_UNLOCKS="60") as server:
        left = [len(list(each.list_locked())) for each in server.upstreams.sandboxes.values()]
        server.run(asyncio.sleep(59))
        assert [
            len(list(each.list_locked())) for each in server.upstreams.sandboxes.values()
        ] == left
        server.run(asyncio.sleep(60 * 4 + 2))

        now = [len(list(each.list_locked())) for each in server.upstreams.sandboxes.values()]
        assert all(after < before for before, after in zip(left, now, strict=True))


def test_nothing_moves_unless_a_schedule_is_set(server: RunningServer) -> None:
    left = [list(each.list_locked()) for each in server.upstreams.sandboxes.values()]

    server.run(asyncio.sleep(86_400))

    assert [list(each.list_locked()) for each in server.upstreams.sandboxes.values()] == left


def test_the_schedule_ends_when_nothing_is_left() -> None:
    upstreams = SandboxTransport()

    run_on_virtual_time(upstreams.unlocks.run_schedule(30))

    assert upstreams.unlocks.unlock(WantedUnlock()) == []


def test_the_sandbox_alone_has_the_route_as_well() -> None:
    app = create_sandbox_app()

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post("/_sandbox/unlocks", json={"source": "STEAM"})

    response = run_on_virtual_time(send())
    assert response.json()["unlocks"][0]["source"] == "STEAM"
