"""Titles, groups and achievements: a field is the same whatever else is selected."""

from itertools import combinations
from typing import Any

import pytest

from tests.harness import NO_CALLS, PSN_VEGA, RETRO_VEGA, VEGA, RunningServer

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
# Selections that together need every part of a title.
FIELDS = [
    "id",
    "source",
    "nativeId",
    "name",
    "detail",
    "icon { url }",
    "platforms",
    "serviceName",
    "setVersion",
    "hasGroups",
    "hiddenByOwner",
    "definedCounts { bronze silver gold platinum total }",
    "earnedCounts { total }",
    "achievementCount",
    "earnedCount",
    "progress",
    "lastUpdatedAt",
    "groupIds: groups { id nativeId }",
    "groupNames: groups { nativeId name icon { url } definedCounts { total } }",
    "groupProgress: groups { nativeId progress earnedCounts { total } lastUpdatedAt }",
    "groupTitles: groups { title { id name earnedCount } }",
    "inGroups: groups { achievements { id name } }",
    "openInGroups: groups { achievements(state: LOCKED) { id } }",
    'base: group(nativeId: "default") { name progress }',
    'core: group(nativeId: "core") { name progress }',
    'nothing: group(nativeId: "077") { name }',
    "ids: achievements { id definitionId nativeId }",
    "names: achievements { name description icon { url } hidden }",
    "revealed: achievements(revealHidden: true) { name reward { name } }",
    "worth: achievements { grade points { value unit weighted } }",
    "state: achievements { earned earnedAt unlockMode }",
    "earned: achievements(state: EARNED) { id earnedAt }",
    "open: achievements(state: LOCKED) { id }",
    "rarity: achievements { rarity { percent band earners } }",
    "counters: achievements(revealHidden: true) { progress { current target percent } }",
    "places: achievements { group { id nativeId } }",
    "placeNames: achievements { group { name progress } }",
    "titles: achievements { title { id name } }",
    "rarest: rarestAchievements { id name rarity { percent } }",
]
# Selections that need more than the title's own row.
CONTENTS_FIELDS = [field for field in FIELDS if "groups" in field or "chievements" in field]
PLAYER_FIELDS = {
    "hiddenByOwner",
    "earnedCounts",
    "earnedCount",
    "progress",
    "lastUpdatedAt",
    "groupProgress",
    "rarest",
}


def get_alias(field: str) -> str:
    return field.partition(" ")[0].partition("(")[0].partition(":")[0]


def fetch_titles(server: RunningServer, fields: list[str]) -> dict[str, Any]:
    """Return a title of each source, with Vega's progress and without a player."""
    query = f"""
        query ($accounts: [AccountInput!]!) {{
          user(accounts: $accounts) {{
            psn: trophyTitle(nativeId: "NPWR00003_00") {{ ...Asked }}
            retro: trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "731") {{ ...Asked }}
          }}
          psn: trophyTitle(nativeId: "NPWR00003_00") {{ ...Asked }}
          retro: trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "731") {{ ...Asked }}
        }}

        fragment Asked on TrophyTitle {{ {" ".join(fields)} }}
    """
    found = server.fetch_data(query, {"accounts": VEGA})
    return {**{f"{name} of vega": each for name, each in found.pop("user").items()}, **found}


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 1], ids=["alone", "with any other"])
def test_a_field_is_the_same_whatever_is_selected_beside_it(
    server: RunningServer, others: int
) -> None:
    whole = fetch_titles(server, FIELDS)

    for some in combinations(FIELDS if not others else CONTENTS_FIELDS, 1 + others):
        for name, found in fetch_titles(server, list(some)).items():
            for field in map(get_alias, some):
                assert found[field] == whole[name][field], (name, some)


@pytest.mark.slow
def test_a_title_of_a_player_is_complete(server: RunningServer) -> None:
    whole = fetch_titles(server, FIELDS)

    never = {
        # A PS5 title has no `detail`, and no group of that name.
        "psn of vega": {"detail", "core", "nothing"},
        "retro of vega": {
            "detail",
            "serviceName",
            "setVersion",
            "hasGroups",
            "hiddenByOwner",
            "definedCounts",
            "earnedCounts",
            "base",
            "nothing",
        },
    }
    for name, expected in never.items():
        assert {field for field, value in whole[name].items() if value is None} == expected


@pytest.mark.slow
def test_a_title_without_a_player_has_no_player_fields(server: RunningServer) -> None:
    whole = fetch_titles(server, FIELDS)

    for name in ("psn", "retro"):
        title = whole[name]
        for field in PLAYER_FIELDS - {"groupProgress"}:
            assert title[field] is None, (name, field)
        for group in title["groupProgress"]:
            assert group["progress"] is group["earnedCounts"] is group["lastUpdatedAt"] is None
        for achievement in title["state"]:
            assert set(achievement.values()) == {None}
        assert title["earned"] == title["open"] == []
        assert len(title["ids"]) == len(whole[f"{name} of vega"]["ids"])


@pytest.mark.slow
@pytest.mark.parametrize("field", [get_alias(field) for field in FIELDS])
@pytest.mark.parametrize(
    ("source", "native_id"), [("PSN", "NPWR99999_00"), ("RETRO_ACHIEVEMENTS", "999999")]
)
def test_an_unknown_title_is_null_whatever_is_selected(
    server: RunningServer, source: str, native_id: str, field: str
) -> None:
    selected = next(each for each in FIELDS if get_alias(each) == field)
    query = f"""
        query ($source: Source!, $id: ID!, $accounts: [AccountInput!]!) {{
          trophyTitle(source: $source, nativeId: $id) {{ {selected} }}
          user(accounts: $accounts) {{
            trophyTitle(source: $source, nativeId: $id) {{ {selected} }}
          }}
        }}
    """

    data = server.fetch_data(query, {"source": source, "id": native_id, "accounts": VEGA})

    assert data == {"trophyTitle": None, "user": {"trophyTitle": None}}


def test_groups_have_every_achievement_once_in_the_sets_order(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % 'trophyTitle(nativeId: "NPWR00004_00") { groups { nativeId achievements { nativeId } } }'
    )

    groups = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]["groups"]

    known = server.psn.database.trophy_sets["NPWR00004_00"]
    assert [group["nativeId"] for group in groups] == ["default", "001", "002"]
    assert [each["nativeId"] for group in groups for each in group["achievements"]] == [
        str(trophy.trophy_id) for trophy in known.trophies
    ]


@pytest.mark.slow
def test_counts_add_up_from_groups_to_title(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % """trophyTitles(first: 100) { edges { node {
        definedCounts { total } earnedCounts { total } achievementCount earnedCount progress
        groups { definedCounts { total } earnedCounts { total } }
        achievements { earned }
    } } }"""
    )

    edges = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitles"]["edges"]

    for title in (edge["node"] for edge in edges):
        achievements = title["achievements"]
        earned = [each for each in achievements if each["earned"]]
        for name, whole in (("definedCounts", achievements), ("earnedCounts", earned)):
            in_groups = sum(group[name]["total"] for group in title["groups"])
            assert title[name]["total"] == in_groups == len(whole)
        assert title["achievementCount"] == len(achievements)
        assert title["earnedCount"] == len(earned)
        assert (title["progress"] == 100) is (len(earned) == len(achievements))


def test_the_rarest_are_all_earned_ones_of_the_lowest_rarity(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % """trophyTitle(nativeId: "NPWR00003_00") {
        rarestAchievements { name earned rarity { percent band } }
    }"""
    )

    found = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]

    assert [each["name"] for each in found["rarestAchievements"]] == [
        "Lighthouse Keeper",
        "Every Ship Home",
    ]
    assert {each["rarity"]["percent"] for each in found["rarestAchievements"]} == {3.1}
    assert {each["rarity"]["band"] for each in found["rarestAchievements"]} == {"ULTRA_RARE"}


def test_the_rarest_are_empty_where_nothing_is_earned(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % 'trophyTitle(nativeId: "NPWR00009_00") { earnedCount rarestAchievements { id } }'
    )

    found = server.fetch_data(query, {"accounts": PSN_VEGA})["user"]["trophyTitle"]

    assert found == {"earnedCount": 0, "rarestAchievements": []}


@pytest.mark.slow
def test_rarity_bands_follow_psns_table_for_every_source(server: RunningServer) -> None:
    query = (
        USER_QUERY
        % """trophyTitles(first: 100) { edges { node {
        achievements { rarity { percent band } }
    } } }"""
    )
    edges = server.fetch_data(query, {"accounts": [*PSN_VEGA, *RETRO_VEGA]})["user"]["trophyTitles"]

    table = ((5, "ULTRA_RARE"), (15, "VERY_RARE"), (50, "RARE"), (100, "COMMON"))
    seen = set[str]()
    for edge in edges["edges"]:
        for achievement in edge["node"]["achievements"]:
            rarity = achievement["rarity"]
            expected = next(band for limit, band in table if rarity["percent"] <= limit)
            assert rarity["band"] == expected
            seen.add(expected)
    assert len(seen) == 4


def test_a_title_of_an_unrequested_source_is_null_without_a_call(server: RunningServer) -> None:
    answer = server.execute(
        USER_QUERY % 'trophyTitle(nativeId: "NPWR00001_00") { id }', {"accounts": RETRO_VEGA}
    )

    assert answer.data == {"user": {"trophyTitle": None}}
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()


def test_an_existing_title_that_the_player_does_not_have_is_null(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) { trophyTitle(nativeId: "NPWR00017_00") { id } }
          trophyTitle(nativeId: "NPWR00017_00") { name }
        }
    """

    data = server.fetch_data(query, {"accounts": PSN_VEGA})

    assert data == {"user": {"trophyTitle": None}, "trophyTitle": {"name": "Unopened Box"}}


@pytest.mark.parametrize("native_id", ["NPWR00002_00", "NPWR00008_00"])
def test_a_title_without_a_player_is_found_in_both_psn_services(
    server: RunningServer, native_id: str
) -> None:
    query = (
        "query ($id: ID!) { trophyTitle(nativeId: $id) { name serviceName achievements { id } } }"
    )

    title = server.fetch_data(query, {"id": native_id})["trophyTitle"]

    known = server.psn.database.trophy_sets[native_id]
    assert title["name"] == known.name["en-US"]
    assert title["serviceName"] == known.service
    assert len(title["achievements"]) == len(known.trophies)
