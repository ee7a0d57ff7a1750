"""The refusals of Steam are told apart, and none is taken for an empty answer."""

from typing import Any

import pytest

from providers.kit.sandbox import InjectedFault
from providers.steam.sandbox.request_handling import FORBIDDEN_PAGE
from tests.harness import RunningServer, run_server
from tests.providers.steam.harness import (
    OWNER_KEY,
    SAM_HEADERS,
    TITLES,
    count_calls,
    fetch_account,
    fetch_user,
    get_state,
    query_user,
    run_steam,
)

PAGE = f"<html><h1>Forbidden</h1>{FORBIDDEN_PAGE}</html>"
EMPTY: dict[str, Any] = {"response": {}}


def get_titles_state(server: RunningServer) -> str:
    return get_state(fetch_user(server, TITLES)["trophyTitles"])


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"status": 403, "body": PAGE}, "UNAUTHENTICATED"),
        ({"status": 401, "body": PAGE}, "UNAUTHENTICATED"),
        ({"status": 429, "body": "<html>Too Many Requests</html>"}, "RATE_LIMITED"),
        ({"status": 500, "body": "<html>"}, "UNAVAILABLE"),
        ({"status": 503, "body": "<html>"}, "UNAVAILABLE"),
        ({"status": 400, "body": "<html>Bad Request</html>"}, "UNAVAILABLE"),
        ({"status": 200, "body": "<html>Maintenance</html>"}, "UNAVAILABLE"),
        ({"status": 200, "body": EMPTY}, "PRIVATE"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "1"}}, "PRIVATE"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "15"}}, "PRIVATE"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "84"}}, "RATE_LIMITED"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "2"}}, "UNAVAILABLE"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "20"}}, "UNAVAILABLE"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "42"}}, "NOT_FOUND"),
        ({"status": 200, "body": EMPTY, "headers": {"x-eresult": "8"}}, "UNAVAILABLE"),
        ({"status": 200, "body": {"response": {"game_count": 0}}}, "OK"),
        ({"status": 200, "body": {"response": {"games": []}}}, "OK"),
        ({"status": 403, "body": {}}, "PRIVATE"),
        ({"reset": True}, "UNAVAILABLE"),
        ({"truncate": True}, "UNAVAILABLE"),
    ],
)
def test_each_refusal_has_a_state_of_its_own(fault: dict[str, Any], state: str) -> None:
    with run_steam() as server:
        server.inject_fault("GetOwnedGames", **fault)

        assert get_titles_state(server) == state


def test_a_blocked_address_is_not_taken_for_a_rejected_key() -> None:
    with run_steam() as server:
        server.steam.settings["address_blocked"] = True

        found = fetch_user(server, "trophyTitles { sources { state message retryAfter } }")

        (status,) = found["trophyTitles"]["sources"]
        assert status["state"] == "RATE_LIMITED"
        assert status["message"] == "The source refuses all calls of this server for now."
        assert 3590 <= status["retryAfter"] <= 3601
        with count_calls(server) as calls:
            assert get_titles_state(server) == "RATE_LIMITED"
        assert calls == {}


def test_a_rejected_key_is_checked_against_the_address_once_a_minute() -> None:
    with run_steam() as server:
        server.inject_fault("GetOwnedGames", status=403, body=PAGE)
        server.inject_fault("GetPlayerSummaries", status=403, body=PAGE)
        with count_calls(server) as calls:
            fetch_user(server, "trophyTitles { sources { state } }")
            query_user(server, "displayName")

        assert calls["GetNumberOfCurrentPlayers"] == 1


def test_a_page_about_the_key_of_a_caller_is_the_callers_error() -> None:
    with run_steam() as server:
        headers = {**SAM_HEADERS, "x-steam-api-key": "0" * 32}

        response = query_user(server, "displayName", "me", **headers)

        assert response.error["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-steam-id": "second_sam"},
        {"x-steam-api-key": "0" * 32},
        {"x-steam-id": "second_sam", "x-steam-api-key": "too short"},
        {"x-steam-id": "me", "x-steam-api-key": "0" * 32},
        {"x-steam-id": "a/b", "x-steam-api-key": "0" * 32},
    ],
)
def test_incomplete_credentials_are_an_error(headers: dict[str, str]) -> None:
    with run_steam() as server:
        response = query_user(server, "displayName", "me", **headers)

        assert response.error["code"] == "UNAUTHENTICATED"
        assert server.steam.log == []


def test_the_key_is_in_the_address_only_where_the_method_takes_it_nowhere_else() -> None:
    with run_steam() as server:
        server.steam.settings["undocumented"] = False
        fetch_user(
            server, 'trophyTitle(source: STEAM, nativeId: "4010") { achievements { name earned } }'
        )
        fetch_account(server, "level displayName friends { totalCount } playedGames { totalCount }")

        places: dict[str, set[str]] = {"header": set(), "query": set(), "none": set()}
        for request in server.steam.log:
            name = request.url.path.split("/")[1]
            in_header = request.headers.get("x-webapi-key") == OWNER_KEY
            in_query = request.url.params.get("key") == OWNER_KEY
            assert not (in_header and in_query)
            places["header" if in_header else "query" if in_query else "none"].add(name)
        assert places["header"] == {"ISteamUser", "IPlayerService"}
        assert places["query"] == {"ISteamUserStats"}
        without = {
            request.url.path.split("/")[2]
            for request in server.steam.log
            if OWNER_KEY not in str(request.url) + str(request.headers)
        }
        assert without == {"GetGameAchievements", "GetGlobalAchievementPercentagesForApp"}


def test_a_key_alone_serves_every_public_player() -> None:
    settings = {"STEAM_API_KEY": OWNER_KEY, "STEAM_ID": ""}
    with run_steam(sandbox=False, **settings) as server:
        assert fetch_account(server, "displayName", "vega_north") == {"displayName": "Vega North"}
        assert query_user(server, "displayName", "me").error["code"] == "BAD_USER_INPUT"
        assert server.execute("{ viewer { id } }").body["data"] == {"viewer": None}


def test_a_public_key_is_shown_nothing_of_the_operators_account() -> None:
    keys = "public:public-key-0123456789:public"
    with run_steam(TROPHYCASE_API_KEYS=keys) as server:
        headers = {"authorization": "Bearer public-key-0123456789"}
        for handle in ("vega_north", "76561190000000001"):
            response = query_user(server, "displayName", handle, **headers)
            assert response.error["code"] == "FORBIDDEN"
        for handle in ("me", "https://steamcommunity.com/id/me"):
            assert query_user(server, "displayName", handle, **headers).errors
        other = query_user(server, "displayName", "second_sam", **headers)
        assert other.data == {"user": {"displayName": "Second Sam"}}


def test_a_single_429_is_waited_for_and_several_are_reported() -> None:
    page: dict[str, Any] = {"status": 429, "body": "<html>Too Many Requests</html>"}
    with run_server() as server:
        server.upstreams.add_fault(InjectedFault("GetOwnedGames", **page, times=2))
        with count_calls(server) as calls:
            assert get_titles_state(server) == "OK"
        assert calls["GetOwnedGames"] == 3

    with run_server() as server:
        server.upstreams.add_fault(InjectedFault("GetOwnedGames", **page))
        with count_calls(server) as calls:
            assert get_titles_state(server) == "RATE_LIMITED"
        assert calls["GetOwnedGames"] == 3
