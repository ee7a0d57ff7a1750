"""Only selected fields are loaded, and equal keys once."""

from typing import Any

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.harness import (
    NO_CALLS,
    NO_HEADERS,
    PSN_VEGA,
    RETRO_VEGA,
    TROPHY_VEGA,
    VEGA,
    GraphQLResponse,
    RunningServer,
)

TITLE_COUNT = 14  # of Vega on PSN
OF_VEGA = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"


def execute_for_vega(
    server: RunningServer, fields: str, accounts: list[dict[str, str]] = VEGA
) -> GraphQLResponse:
    answer = server.execute(OF_VEGA % fields, {"accounts": accounts})
    assert not answer.errors
    assert answer.upstream_calls == server.count_upstream_calls()
    return answer


def count_calls_for_titles(server: RunningServer, fields: str) -> dict[str, int]:
    selected = f"trophyTitles(first: 100) {{ edges {{ node {{ nativeId {fields} }} }} }}"
    answer = execute_for_vega(server, selected, PSN_VEGA)
    assert len(answer.data["user"]["trophyTitles"]["edges"]) == TITLE_COUNT
    return answer.upstream_calls


@pytest.mark.parametrize(
    "fields",
    [
        "id",
        "accounts { source handle }",
        "accounts { user { id accounts { handle } } }",
        "totals { source }",
        "__typename",
    ],
)
def test_ids_and_handles_cost_no_call(server: RunningServer, fields: str) -> None:
    accounts = [*PSN_VEGA, *TROPHY_VEGA]

    assert execute_for_vega(server, fields, accounts).upstream_calls == NO_CALLS


def test_the_id_of_a_retro_achievements_user_costs_the_ulid(server: RunningServer) -> None:
    assert execute_for_vega(server, "accounts { handle }", RETRO_VEGA).upstream_calls == NO_CALLS
    assert execute_for_vega(server, "id", RETRO_VEGA).upstream_calls == {"RETRO_ACHIEVEMENTS": 1}


def test_me_is_looked_up_once_for_the_id(server: RunningServer) -> None:
    answer = server.execute('{ user(accounts: [{source: PSN, handle: "me"}]) { id } }')

    assert answer.upstream_calls == server.count_upstream_calls() == {"PSN": 1}
    by_number = server.execute(OF_VEGA % "id", {"accounts": PSN_VEGA})
    assert answer.data["user"] == by_number.data["user"]


def test_titles_alone_are_one_call(server: RunningServer) -> None:
    fields = """
        id source name detail icon { url } platforms serviceName setVersion hasGroups hiddenByOwner
        definedCounts { total } earnedCounts { total } achievementCount earnedCount progress
        lastUpdatedAt
    """

    assert count_calls_for_titles(server, fields) == {"PSN": 1}


def test_names_of_groups_are_one_call_for_each_title(server: RunningServer) -> None:
    assert count_calls_for_titles(server, "groups { nativeId name icon { url } }") == {
        "PSN": 1 + TITLE_COUNT
    }


def test_progress_of_groups_is_one_call_for_each_title(server: RunningServer) -> None:
    assert count_calls_for_titles(server, "groups { nativeId progress }") == {
        "PSN": 1 + TITLE_COUNT
    }


def test_definitions_are_one_call_for_each_title(server: RunningServer) -> None:
    calls = count_calls_for_titles(
        server, "achievements(revealHidden: true) { nativeId name grade points { value } }"
    )

    assert calls == {"PSN": 1 + TITLE_COUNT}


def test_earned_trophies_are_one_call_for_each_title(server: RunningServer) -> None:
    assert count_calls_for_titles(server, "achievements { earned earnedAt }") == {
        "PSN": 1 + TITLE_COUNT
    }


def test_names_of_groups_and_definitions_are_two_calls_for_each_title(
    server: RunningServer,
) -> None:
    calls = count_calls_for_titles(
        server, "groups { name achievements(revealHidden: true) { name } }"
    )

    assert calls == {"PSN": 1 + 2 * TITLE_COUNT}


@pytest.mark.slow
def test_all_parts_of_a_title_are_three_calls_for_each_title(server: RunningServer) -> None:
    fields = "groups { name progress achievements { name earned rarity { percent } } }"

    assert count_calls_for_titles(server, fields) == {"PSN": 1 + 3 * TITLE_COUNT}


def test_a_field_below_a_skipped_one_is_not_fetched(server: RunningServer) -> None:
    query = """
        query ($accounts: [AccountInput!]!, $yes: Boolean!, $no: Boolean! = false) {
          user(accounts: $accounts) {
            trophyTitles(first: 100) {
              edges { node {
                name
                groups @include(if: $no) { name }
                achievements @skip(if: $yes) { earned }
                ... @include(if: false) { rarestAchievements { id } }
                ...Inside @skip(if: true)
              } }
            }
          }
        }
        fragment Inside on TrophyTitle { groups { progress } }
    """

    assert server.execute(query, {"accounts": PSN_VEGA, "yes": True}).upstream_calls == {"PSN": 1}


def test_a_field_in_a_fragment_is_fetched_with_the_others_in_one_round(
    server: RunningServer,
) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) {
            trophyTitle(nativeId: "NPWR00001_00") {
              ...Names
              ... on TrophyTitle { achievements { earned } }
            }
          }
        }
        fragment Names on TrophyTitle { groups { ...Group } }
        fragment Group on TrophyGroup { name }
    """

    answer = server.execute(query, {"accounts": PSN_VEGA})

    assert [group["name"] for group in answer.data["user"]["trophyTitle"]["groups"]] == [
        "Sample Quest",
        "The Lost Island",
    ]
    assert answer.upstream_calls == {"PSN": 2}


def test_the_same_title_under_thirty_aliases_is_loaded_once(server: RunningServer) -> None:
    aliases = "\n".join(
        f't{number}: trophyTitle(nativeId: "NPWR00001_00") {{ groups {{ name }} }}'
        for number in range(30)
    )

    answer = server.execute(f"{{ {aliases} }}")

    assert len(answer.data) == 30
    assert answer.upstream_calls["PSN"] == 1


@pytest.mark.slow
def test_a_second_query_is_served_from_the_cache(server: RunningServer) -> None:
    fields = "trophyTitles { edges { node { name groups { name achievements { earned } } } } }"
    execute_for_vega(server, fields)

    again = server.execute(OF_VEGA % fields, {"accounts": VEGA})

    assert again.upstream_calls == NO_CALLS
    assert again.body["extensions"]["upstream"]["cached"] > 0


@pytest.mark.slow
def test_ten_callers_at_once_cost_what_one_does(server: RunningServer) -> None:
    fields = "trophyTitles(first: 100) { edges { node { id groups { name } } } }"

    answers = server.execute_concurrently(
        OF_VEGA % fields, [({"accounts": PSN_VEGA}, NO_HEADERS)] * 10
    )

    assert server.count_upstream_calls() == {"PSN": 1 + TITLE_COUNT}
    assert len({str(answer.data) for answer in answers}) == 1


def test_no_cache_loads_again(server: RunningServer) -> None:
    fields = "trophyTitles { edges { node { name } } }"
    execute_for_vega(server, fields)

    again = server.execute(OF_VEGA % fields, {"accounts": VEGA}, {"Cache-Control": "no-cache"})

    assert again.upstream_calls == {"PSN": 1, "RETRO_ACHIEVEMENTS": 1}


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        ("totals { titles }", {"PSN": 1, "RETRO_ACHIEVEMENTS": 1}),
        ("totals { earned }", {"PSN": 1, "TROPHY_SO": 1}),
        ("totals { points }", {"PSN": 1, "RETRO_ACHIEVEMENTS": 1}),
        ("totals { awards }", {"RETRO_ACHIEVEMENTS": 1}),
        (
            "totals { earned earnedCounts { total } points }",
            {"PSN": 1, "RETRO_ACHIEVEMENTS": 1, "TROPHY_SO": 1},
        ),
        ("totals(sources: [TROPHY_SO]) { titles earned points awards }", {"TROPHY_SO": 1}),
    ],
)
def test_totals_cost_one_call_for_each_source_that_counts_them(
    server: RunningServer, fields: str, calls: dict[str, int]
) -> None:
    assert execute_for_vega(server, fields).upstream_calls == calls


def test_a_profile_is_one_call_for_each_account(server: RunningServer) -> None:
    fields = (
        "displayName avatar { url } accounts { id handle nativeId displayName status { state } }"
    )

    assert execute_for_vega(server, fields).upstream_calls == {
        "PSN": 1,
        "RETRO_ACHIEVEMENTS": 1,
        "TROPHY_SO": 1,
    }


def test_a_display_name_is_loaded_from_the_first_account_only(server: RunningServer) -> None:
    answer = execute_for_vega(server, "displayName")

    assert answer.data["user"]["displayName"] == "vega_north"
    assert answer.upstream_calls == {"PSN": 1}


def test_streak_and_metrics_are_fetched_when_selected(server: RunningServer) -> None:
    def count_calls(fields: str) -> list[str]:
        server.trophy_so.calls.clear()
        of = f"accounts {{ ... on TrophySoAccount {{ {fields} }} }}"
        assert not server.execute(OF_VEGA % of, {"accounts": TROPHY_VEGA}).errors
        return [name.rpartition("/")[2] for name in server.trophy_so.calls]

    assert count_calls("timeZone") == ["vega"]
    assert count_calls("streak { length }") == ["streak"]
    assert count_calls("metrics { key }") == ["metrics"]


def test_the_total_count_of_a_connection_is_loaded_when_selected(server: RunningServer) -> None:
    without = execute_for_vega(server, "achievements(first: 1) { edges { cursor } }", PSN_VEGA)
    counted = server.execute(
        OF_VEGA % "achievements(first: 1) { totalCount edges { cursor } }", {"accounts": PSN_VEGA}
    )

    earned = sum(
        len(standing.earned) for _, standing in server.psn.database.list_progress(OWNER_ACCOUNT_ID)
    )
    assert counted.data["user"]["achievements"]["totalCount"] == earned
    assert counted.upstream_calls == {"PSN": 1}
    assert without.upstream_calls == {"PSN": 2}


def test_the_definitions_on_a_page_are_loaded_for_its_titles_only(server: RunningServer) -> None:
    fields = "achievements(first: 3, revealHidden: true) { edges { node { name } } }"

    answer = execute_for_vega(server, fields, PSN_VEGA)

    assert len(answer.data["user"]["achievements"]["edges"]) == 3
    # The list, and the earned trophies and definitions of the newest title.
    assert answer.upstream_calls == {"PSN": 3}


def test_a_title_of_a_player_costs_its_list_once(server: RunningServer) -> None:
    fields = (
        'trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "101") { name achievements { earned } }'
    )

    answer = execute_for_vega(server, fields, RETRO_VEGA)

    title: Any = answer.data["user"]["trophyTitle"]
    assert [each["earned"] for each in title["achievements"]] == [True] * 8
    assert answer.upstream_calls == {"RETRO_ACHIEVEMENTS": 2}
