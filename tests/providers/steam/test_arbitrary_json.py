"""Whatever Steam sends is an answer or an error of the source, and never a crash."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.kit.sandbox import InjectedFault
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.steam.harness import query_user, run_steam

EVERYTHING = """
  displayName totals { titles }
  accounts { status { state } ... on SteamAccount {
    handle isPublic country createdAt level profileUrl avatar { url }
    presence { onlineStatus appId titleName lastOnlineAt }
    friends { edges { node { displayName } } sources { state } }
    playedGames { edges { node {
      name image { url } playDurationSeconds lastPlayedAt trophyTitle { earnedCount } } } }
  } }
  trophyTitles { edges { node {
    name progress groups { name progress }
    achievements(revealHidden: true) { name description earned earnedAt hidden icon { url }
      rarity { percent } }
  } } sources { state } }
  achievements(state: ALL) { edges { node { name earnedAt } } sources { state } }
"""
NAMES = st.sampled_from(
    [
        "response",
        "games",
        "game_count",
        "appid",
        "name",
        "img_icon_url",
        "rtime_last_played",
        "playtime_forever",
        "has_community_visible_stats",
        "players",
        "steamid",
        "personaname",
        "profileurl",
        "avatarfull",
        "personastate",
        "gameid",
        "timecreated",
        "lastlogoff",
        "friendslist",
        "friends",
        "player_level",
        "playerstats",
        "achievements",
        "apiname",
        "achieved",
        "unlocktime",
        "gameName",
        "success",
        "error",
        "game",
        "availableGameStats",
        "displayName",
        "hidden",
        "icon",
        "icongray",
        "achievementpercentages",
        "percent",
        "internal_name",
        "localized_name",
        "groups",
        "groupid",
        "order",
        "player_percent_unlocked",
        "schema_version",
        "total_achievements",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["76561190000000001", "4010", 4010, "1e999", "\ud800", "https://[", "//x/"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=25,
)
METHODS = (
    "GetPlayerSummaries",
    "GetSteamLevel",
    "GetFriendList",
    "GetOwnedGames",
    "GetRecentlyPlayedGames",
    "GetTopAchievementsForGames",
    "GetPlayerAchievements",
    "GetGameAchievements",
    "GetSchemaForGame",
    "GetGlobalAchievementPercentagesForApp",
)


def send(server: RunningServer, method: str, body: Any, status: int) -> None:
    server.clear_faults()
    server.steam.settings["undocumented"] = not method.startswith(("GetSchema", "GetGlobal"))
    content = json.dumps(body).encode()  # with lone surrogates, which no other way sends
    headers = {"content-type": "application/json"}
    server.upstreams.add_fault(InjectedFault(method, status, content, headers))
    response = query_user(server, EVERYTHING, **NO_CACHE_HEADERS)
    assert "INTERNAL_SERVER_ERROR" not in response.error_codes, response.body


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_no_body_is_a_crash(method: str) -> None:
    with run_steam() as server:

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(JSON, st.sampled_from([200, 200, 200, 400, 403]))
        def check(body: Any, status: int) -> None:
            send(server, method, body, status)

        check()


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_no_wrong_row_is_a_crash(method: str) -> None:
    """Put arbitrary values into a response of the right shape."""
    with run_steam() as server:
        row = st.dictionaries(NAMES, SCALARS, max_size=8)

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(row, max_size=4))
        def check(rows: list[Any]) -> None:
            nested = {"players": rows, "games": rows, "achievements": rows, "groups": rows}
            body = {
                "response": nested,
                "friendslist": {"friends": rows},
                "playerstats": {"achievements": rows},
                "game": {"availableGameStats": {"achievements": rows}},
                "achievementpercentages": {"achievements": rows},
            }
            send(server, method, body, 200)

        check()
