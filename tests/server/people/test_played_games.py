"""Played games, for how long, and what trophies they have."""

from providers.psn.sandbox import world
from tests.asking import Server
from tests.server.people.psn import account, answered, listed, walked

ROW = "npTitleId playDurationSeconds playCount lastPlayedAt trophyTitles { nativeId }"
GAMES = f"playedGames(first: 100) {{ totalCount edges {{ node {{ {ROW} }} }} }}"


def test_games_come_with_their_play_time_and_their_trophy_sets(server: Server) -> None:
    found = account(server, GAMES)["playedGames"]
    games = {each["npTitleId"]: each for each in listed(found)}
    assert found["totalCount"] == len(games) == 12
    assert games["PPSA00008_00"] == {
        "npTitleId": "PPSA00008_00",
        "playDurationSeconds": 41 * 3600 + 7 * 60 + 2,
        "playCount": 19,
        "lastPlayedAt": "2026-10-20T21:02:33.480000Z",
        "trophyTitles": [{"nativeId": "NPWR00008_00"}],
    }


def test_trophy_sets_are_asked_for_in_fives(server: Server) -> None:
    account(server, "accountId")
    server.psn.log.clear()
    account(server, GAMES)
    asked = [request.url.params.get("npTitleIds") for request in server.psn.log]
    batches = [ids.split(",") for ids in asked if ids]
    assert sorted(map(len, batches)) == [2, 5, 5]
    assert len(asked) == 4


def test_every_game_is_reached_page_by_page(server: Server) -> None:
    every = [each["npTitleId"] for each in listed(account(server, GAMES)["playedGames"])]
    assert [each["npTitleId"] for each in walked(server, "playedGames", "npTitleId", 5)] == every


def test_a_build_without_trophies_has_none(server: Server) -> None:
    found = account(server, GAMES, world.SECOND_ONLINE_ID)["playedGames"]
    games = {each["npTitleId"]: each["trophyTitles"] for each in listed(found)}
    assert games["CUSA00091_00"] == []


def test_the_limit_that_the_service_allows_is_learned(server: Server) -> None:
    every = listed(account(server, GAMES)["playedGames"])
    server.psn.settings["game_list_limit"] = 5
    answer = server.ask(
        f'{{ user(accounts: [{{ source: PSN, handle: "me" }}]) {{ accounts {{ ... on PsnAccount {{ '
        f"{GAMES} }} }} }} }}",
        headers={"Cache-Control": "no-cache"},
    )
    assert listed(answer.data["user"]["accounts"][0]["playedGames"]) == every


def test_a_hidden_game_list_is_said_to_be_hidden(server: Server) -> None:
    fields = "playedGames { totalCount edges { cursor } sources { state } }"
    found = account(server, fields, world.STRANGER_ONLINE_ID)["playedGames"]
    assert found == {"totalCount": None, "edges": [], "sources": [{"state": "PRIVATE"}]}


def test_names_are_in_the_language_asked_for(server: Server) -> None:
    fields = "playedGames(first: 100) { edges { node { npTitleId name } } }"
    names: dict[str, str] = {}
    for language in ("en-US", "de-DE"):
        answer = answered(server, fields, headers={"Accept-Language": language})
        games = listed(answer.data["user"]["accounts"][0]["playedGames"])
        names[language] = next(e["name"] for e in games if e["npTitleId"] == "PPSA00017_00")
    assert names == {"en-US": "Unopened Box", "de-DE": "Ungeöffnete Kiste"}
