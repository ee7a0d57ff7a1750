"""Played games: their play times and their trophy sets."""

from providers.psn.sandbox import constants
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes, query_account, read_account, read_all_nodes

GAME_FIELDS = "npTitleId playDurationSeconds playCount lastPlayedAt trophyTitles { nativeId }"
GAMES_SELECTION = f"playedGames(first: 100) {{ totalCount edges {{ node {{ {GAME_FIELDS} }} }} }}"


def test_games_come_with_their_play_time_and_their_trophy_sets(server: RunningServer) -> None:
    found = read_account(server, GAMES_SELECTION)["playedGames"]
    games = {each["npTitleId"]: each for each in get_nodes(found)}
    assert found["totalCount"] == len(games) == 12
    assert games["PPSA00008_00"] == {
        "npTitleId": "PPSA00008_00",
        "playDurationSeconds": 41 * 3600 + 7 * 60 + 2,
        "playCount": 19,
        "lastPlayedAt": "2026-10-20T21:02:33.480000Z",
        "trophyTitles": [{"nativeId": "NPWR00008_00"}],
    }


def test_trophy_sets_are_requested_five_games_at_a_time(server: RunningServer) -> None:
    read_account(server, "accountId")
    server.psn.log.clear()
    read_account(server, GAMES_SELECTION)
    requested = [request.url.params.get("npTitleIds") for request in server.psn.log]
    batches = [ids.split(",") for ids in requested if ids]
    assert sorted(map(len, batches)) == [2, 5, 5]
    assert len(requested) == 4


def test_every_game_is_reached_page_by_page(server: RunningServer) -> None:
    every = [
        each["npTitleId"]
        for each in get_nodes(read_account(server, GAMES_SELECTION)["playedGames"])
    ]
    assert [
        each["npTitleId"] for each in read_all_nodes(server, "playedGames", "npTitleId", 5)
    ] == every


def test_a_build_without_trophies_has_none(server: RunningServer) -> None:
    found = read_account(server, GAMES_SELECTION, constants.SECOND_ONLINE_ID)["playedGames"]
    games = {each["npTitleId"]: each["trophyTitles"] for each in get_nodes(found)}
    assert games["CUSA00091_00"] == []


def test_the_page_limit_of_the_service_is_detected(server: RunningServer) -> None:
    every = get_nodes(read_account(server, GAMES_SELECTION)["playedGames"])
    server.psn.settings["game_list_limit"] = 5
    answer = server.execute(
        f'{{ user(accounts: [{{ source: PSN, handle: "me" }}]) {{ accounts {{ ... on PsnAccount {{ '
        f"{GAMES_SELECTION} }} }} }} }}",
        headers={"Cache-Control": "no-cache"},
    )
    assert get_nodes(answer.data["user"]["accounts"][0]["playedGames"]) == every


def test_a_hidden_game_list_is_reported_as_private(server: RunningServer) -> None:
    fields = "playedGames { totalCount edges { cursor } sources { state } }"
    found = read_account(server, fields, constants.STRANGER_ONLINE_ID)["playedGames"]
    assert found == {"totalCount": None, "edges": [], "sources": [{"state": "PRIVATE"}]}


def test_names_are_in_the_requested_language(server: RunningServer) -> None:
    fields = "playedGames(first: 100) { edges { node { npTitleId name } } }"
    names: dict[str, str] = {}
    for language in ("en-US", "de-DE"):
        answer = query_account(server, fields, headers={"Accept-Language": language})
        games = get_nodes(answer.data["user"]["accounts"][0]["playedGames"])
        names[language] = next(e["name"] for e in games if e["npTitleId"] == "PPSA00017_00")
    assert names == {"en-US": "Unopened Box", "de-DE": "Ungeöffnete Kiste"}
