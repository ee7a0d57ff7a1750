"""Whatever OpenXBL sends is an answer or an error of the source, and never a crash."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.kit.sandbox import InjectedFault
from tests.harness import NO_CACHE_HEADERS, RunningServer
from tests.providers.xbox.harness import FERRY, SKYLARK, query_user, run_xbox

ACHIEVEMENTS = """achievements(revealHidden: true) {
  nativeId name description earned earnedAt hidden icon { url } rarity { percent band }
  points { value } progress { current target percent } reward { name image { url } } }"""
EVERYTHING = f"""
  displayName totals {{ titles earned points }}
  accounts {{ status {{ state }} ... on XboxAccount {{
    handle gamertag gamerscore tier bio tenureLevel profileUrl avatar {{ url }}
    presence {{ onlineStatus titleId titleName text }}
    friends {{ edges {{ node {{ displayName gamerscore }} }} sources {{ state }} }}
  }} }}
  trophyTitles(first: 3) {{ edges {{ node {{ name progress achievementCount earnedCount }} }} }}
  modern: trophyTitle(source: XBOX, nativeId: "{SKYLARK}") {{ name {ACHIEVEMENTS} }}
  older: trophyTitle(source: XBOX, nativeId: "{FERRY}") {{ name {ACHIEVEMENTS} }}
  achievements(first: 5, state: ALL) {{ edges {{ node {{ name earnedAt }} }} sources {{ state }} }}
"""
MEMBERS = """
  content code titles titleId name mediaItemType devices displayImage achievement titleHistory
  currentAchievements totalAchievements currentGamerscore totalGamerscore sourceVersion
  lastTimePlayed visible achievements id progressState progression requirements current target
  timeUnlocked mediaAssets type url isSecret description lockedDescription rewards value mediaAsset
  isRevoked rarity currentCategory currentPercentage titleAssociations pagingInfo totalRecords
  unlocked unlockedOnline gamerscore imageId people profileUsers settings xuid gamertag
  modernGamertag gamerScore displayPicRaw detail tenure state placement activity richPresence
"""
NAMES = st.sampled_from(MEMBERS.split())
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            "2535400000000001",
            SKYLARK,
            int(SKYLARK),
            "1e999",
            "\ud800",
            "https://[",
            "//x/",
            "Achieved",
            "Application",
            "Xbox360Game",
            "0001-01-01T00:00:00.0000000Z",
            "Icon",
        ]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=25,
)
ROUTES = (
    "account",
    "player/[0-9]+\\?|titles|titleHistory",
    "player/[0-9]+/[0-9]+",
    "player/[0-9]+/title/",
    "x360",
    "friends",
    "presence",
)


def send(server: RunningServer, route: str, body: Any, status: int) -> None:
    server.clear_faults()
    content = json.dumps(body).encode()  # with lone surrogates, which no other way sends
    headers = {"content-type": "application/json"}
    server.upstreams.add_fault(InjectedFault(route, status, content, headers))
    response = query_user(server, EVERYTHING, **NO_CACHE_HEADERS)
    assert "INTERNAL_SERVER_ERROR" not in response.error_codes, response.body


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_no_body_is_a_crash(route: str) -> None:
    with run_xbox() as server:

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(JSON, st.sampled_from([200, 200, 200, 400, 403, 404]))
        def check(body: Any, status: int) -> None:
            send(server, route, body, status)

        check()


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_no_wrong_row_is_a_crash(route: str) -> None:
    """Put arbitrary values into a response of the right shape."""
    with run_xbox() as server:
        row = st.dictionaries(NAMES, st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), max_size=8)

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(row, max_size=4))
        def check(rows: list[Any]) -> None:
            names = ("titles", "achievements", "people", "profileUsers")
            content = rows if route == "presence" else dict.fromkeys(names, rows)
            send(server, route, {"content": content, "code": 200}, 200)

        check()
