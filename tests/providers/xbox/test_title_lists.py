"""Title lists: counts, generations, and what an empty list means."""

import pytest

from providers.xbox.sandbox.models import PlayedTitle
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import (
    CLOSED,
    LIST,
    MODERN,
    NEW,
    ORCHARD,
    PRIVATE,
    PROFILES,
    SAM,
    SECOND_LIST,
    SKYLARK,
    TITLES,
    UNKNOWN,
    VEGA,
    count_calls,
    fetch_title,
    fetch_user,
    get_nodes,
    get_state,
    pass_time,
    query_user,
    run_xbox,
)

LEDGER_ID = 1_700_000_002


def test_a_list_takes_one_call(server: RunningServer) -> None:
    with count_calls(server) as calls:
        found = fetch_user(server, TITLES)["trophyTitles"]

    assert calls == {LIST: 1}
    assert found["totalCount"] == len(found["edges"]) == 9
    assert get_state(found) == "OK"


def test_titles_are_in_the_order_of_play_and_unplayed_ones_first(server: RunningServer) -> None:
    ids = [node["nativeId"] for node in get_nodes(fetch_user(server, TITLES)["trophyTitles"])]

    assert ids[:3] == ["1700000005", SKYLARK, "1700000002"]
    assert ids[-2:] == ["1290000002", "1290000003"]


def test_an_application_without_achievements_is_no_title(server: RunningServer) -> None:
    ids = {node["nativeId"] for node in get_nodes(fetch_user(server, TITLES)["trophyTitles"])}

    assert "1700000090" not in ids
    assert fetch_title(server, "name", "1700000090") is None


def test_what_a_list_tells_of_a_title(server: RunningServer) -> None:
    selection = """name icon { url } platforms hasGroups hiddenByOwner detail serviceName setVersion
      definedCounts { gold } earnedCounts { gold } lastUpdatedAt earnedCount"""

    assert fetch_title(server, selection, "1700000006") == {
        "name": "Hidden Harbor",
        "icon": {"url": "https://store-images.s-microsoft.com/image/apps.1700000006"},
        "platforms": ["PC"],
        "hasGroups": False,
        "hiddenByOwner": True,
        "detail": None,
        "serviceName": None,
        "setVersion": None,
        "definedCounts": None,
        "earnedCounts": None,
        "lastUpdatedAt": None,
        "earnedCount": 1,
    }


def test_a_total_of_zero_is_unknown_until_the_title_was_opened(server: RunningServer) -> None:
    counts = "earnedCount achievementCount progress"
    unknown = {"earnedCount": 35, "achievementCount": None, "progress": None}
    assert fetch_title(server, counts, str(LEDGER_ID)) == unknown

    fetch_title(server, "achievements { nativeId }", str(LEDGER_ID))

    with count_calls(server) as calls:
        found = fetch_title(server, counts, str(LEDGER_ID))
    assert found == {"earnedCount": 35, "achievementCount": 40, "progress": 87}
    assert calls == {}


def test_a_learned_total_counts_for_other_players_and_lasts(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_title(server, "achievements { nativeId }", SKYLARK)
    pass_time(monkeypatch, 40 * 86_400)

    found = fetch_title(server, "earnedCount achievementCount progress", SKYLARK, SAM)

    assert found == {"earnedCount": 3, "achievementCount": 8, "progress": 37}


def test_a_learned_total_ends_when_the_titles_gamerscore_changes(server: RunningServer) -> None:
    fetch_title(server, "achievements { nativeId }", SKYLARK)
    titles = server.xbox.database.titles
    titles[int(SKYLARK)] = type(titles[int(SKYLARK)])(
        title_id=int(SKYLARK),
        name="Skylark Station",
        devices=("PC",),
        achievements=titles[int(SKYLARK)].achievements[:4],
    )

    response = query_user(server, TITLES, VEGA, **NO_CACHE_HEADERS)

    (found,) = (
        node
        for node in get_nodes(response.data["user"]["trophyTitles"])
        if node["nativeId"] == SKYLARK
    )
    assert (found["achievementCount"], found["progress"]) == (None, None)


def test_progress_is_of_achievements_and_not_of_gamerscore(server: RunningServer) -> None:
    found = {
        node["nativeId"]: node["progress"]
        for node in get_nodes(fetch_user(server, TITLES)["trophyTitles"])
    }

    assert found["1290000001"] == 50  # three of six, with 70 of 200 points
    assert found[ORCHARD] == 0


@pytest.mark.parametrize(
    ("handle", "state"),
    [(PRIVATE, "PRIVATE"), (CLOSED, "PRIVATE"), (NEW, "OK"), (UNKNOWN, "NOT_FOUND")],
)
def test_an_empty_list_is_told_apart(server: RunningServer, handle: str, state: str) -> None:
    found = fetch_user(server, TITLES, handle)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], state)


def test_an_empty_list_takes_a_profile_and_no_more(server: RunningServer) -> None:
    with count_calls(server) as calls:
        fetch_user(server, TITLES, PRIVATE)
        fetch_user(server, TITLES, PRIVATE)

    assert calls == {LIST: 1, PROFILES: 1}


def test_an_empty_list_of_unknown_meaning_is_a_failure() -> None:
    with run_xbox() as server:
        user = {"id": NEW, "settings": [{"id": "Gamertag", "value": "New Nia"}]}
        body = {"content": {"profileUsers": [user]}, "code": 200}
        server.inject_fault("account", status=200, body=body)
        found = fetch_user(server, TITLES, NEW)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], "UNAVAILABLE")


def test_a_missing_list_is_a_failure_and_not_an_empty_one() -> None:
    with run_xbox() as server:
        for path in ("achievements/player", "titles/", "titleHistory"):
            server.inject_fault(path, status=200, body={"content": {"xuid": VEGA}, "code": 200})
        found = fetch_user(server, TITLES)["trophyTitles"]

    assert (found["edges"], get_state(found)) == ([], "UNAVAILABLE")


def test_a_list_that_fails_later_is_served_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    with run_xbox() as server:
        before = fetch_user(server, TITLES)["trophyTitles"]
        pass_time(monkeypatch, 3600)
        server.inject_fault("achievements|titles|titleHistory", status=500, body="<html>")
        after = fetch_user(server, TITLES)["trophyTitles"]

    assert get_nodes(after) == get_nodes(before)
    assert get_state(after) == "STALE"


@pytest.mark.parametrize("status", [402, 404, 405, 410])
def test_another_route_serves_and_is_remembered(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_xbox() as server:
        server.inject_fault("achievements/player/[0-9]+\\?", status=status, body={"code": "ERROR"})
        with count_calls(server) as calls:
            found = fetch_user(server, TITLES)["trophyTitles"]
        assert calls == {LIST: 1, SECOND_LIST: 1}
        assert len(found["edges"]) == 9

        pass_time(monkeypatch, 7200)
        with count_calls(server) as calls:
            fetch_user(server, TITLES)
        assert calls == {SECOND_LIST: 1}


def test_a_redirect_is_not_followed_and_another_route_serves() -> None:
    with run_xbox() as server:
        moved = {"Location": "https://elsewhere.example/"}
        server.inject_fault("achievements/player", status=302, body="", headers=moved)
        found = fetch_user(server, TITLES)["trophyTitles"]
        hosts = {request.url.host for request in server.xbox.log}

    assert (len(found["edges"]), hosts) == (9, {"xbl.io"})


def test_names_follow_the_language_and_it_is_always_a_locale(server: RunningServer) -> None:
    german = query_user(
        server,
        f'trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{ name achievements {{ name }} }}',
        VEGA,
        **{"Accept-Language": "de-AT, en;q=0.5"},
    ).data["user"]["trophyTitle"]
    unknown = query_user(server, TITLES, VEGA, **{"Accept-Language": "tlh"})

    assert german["name"] == "Lerchenstation"
    assert german["achievements"][0]["name"] == "Erstes Licht"
    assert unknown.data["user"]["trophyTitles"]["edges"]
    sent = {request.headers["accept-language"] for request in server.xbox.log}
    assert sent == {"de-DE", "en-US"}


def test_the_same_list_serves_titles_totals_and_the_timeline(server: RunningServer) -> None:
    with count_calls(server) as calls:
        fetch_user(
            server, f"{TITLES} totals {{ titles earned }} achievements(first: 1) {{ totalCount }}"
        )

    assert calls[LIST] == 1
    assert calls[MODERN] <= 2


def test_a_title_without_a_history_has_no_bound_and_is_listed(server: RunningServer) -> None:
    server.xbox.database.players[SAM].titles[LEDGER_ID] = PlayedTitle()

    ids = [node["nativeId"] for node in get_nodes(fetch_user(server, TITLES, SAM)["trophyTitles"])]

    assert ids == [str(LEDGER_ID), SKYLARK, "1290000001"]


@pytest.mark.parametrize("native_id", ["0", "-1", "4294967296", "abc", "1 ", "1/2", "¹"])
def test_a_malformed_title_id_never_reaches_an_address(
    server: RunningServer, native_id: str
) -> None:
    query = """query ($id: ID!) { trophyTitle(source: XBOX, nativeId: $id) { name } }"""

    response = server.execute(query, {"id": native_id})

    assert response.error["code"] == "BAD_USER_INPUT"
    assert server.xbox.log == []
