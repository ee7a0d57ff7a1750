"""Comparisons of people, checked against the sandboxes and against each person alone."""

from typing import Any

import pytest

from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
)
from providers.retroachievements.sandbox import member_data
from providers.steam.sandbox import constants as steam
from providers.xbox.sandbox import constants as xbox
from tests.harness import (
    NO_CACHE_HEADERS,
    NO_CALLS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    TROPHY_VEGA,
    VEGA,
    XBOX_VEGA,
    RunningServer,
    run_server,
)
from tests.server.caller_headers import OWNER_ON_PSN, SECOND_ON_PSN

Account = dict[str, str]

RETRO = "RETRO_ACHIEVEMENTS"

FRIEND = [{"source": "PSN", "handle": FRIEND_ACCOUNT_ID}]
STRANGER = [{"source": "PSN", "handle": STRANGER_ACCOUNT_ID}]
NOBODY = [{"source": "PSN", "handle": "nobody_at_all"}]
SAM = {
    "PSN": {"source": "PSN", "handle": SECOND_ACCOUNT_ID},
    RETRO: {
        "source": RETRO,
        "handle": member_data.SECOND_USERNAME,
    },
    "STEAM": {"source": "STEAM", "handle": steam.SECOND_ID},
    "XBOX": {"source": "XBOX", "handle": xbox.SECOND_XUID},
}
QUEST = "NPWR00001_00"  # which the owner and the friend have
ORCHARD = "NPWR00004_00"  # this too

PROGRESS = "people { hasTitle earnedCount progress lastUpdatedAt firstCount }"
ACHIEVEMENTS = """
achievements { first earnedByCount unlocks { earned earnedAt unlockMode }
  achievement { nativeId name hidden definitionId } }
"""


def build_query(node: str) -> str:
    return f"""
    query ($accounts: [[AccountInput!]!]!, $source: Source, $nativeId: ID, $first: Int! = 100,
           $after: String) {{
      compare(accounts: $accounts, source: $source, nativeId: $nativeId, first: $first,
              after: $after) {{
        totalCount
        edges {{ cursor node {{ title {{ source nativeId name }} {node} }} }}
        pageInfo {{ hasNextPage endCursor }}
        sources {{ source state }}
        people {{ position sources {{ source state }} }}
      }}
    }}"""


TITLES = build_query("people { earnedCount }")
WHOLE = build_query(f"{PROGRESS} {ACHIEVEMENTS}")
ALONE = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    trophyTitles(first: 100) { edges { node {
      source nativeId name earnedCount progress lastUpdatedAt
      achievements { nativeId earned earnedAt unlockMode }
    } } }
  }
}
"""


def fetch(server: RunningServer, query: str, *people: list[Any], **arguments: Any) -> Any:
    return server.fetch_data(query, {"accounts": list(people), **arguments})["compare"]


def list_nodes(found: Any) -> list[Any]:
    return [each["node"] for each in found["edges"]]


def list_titles(found: Any) -> list[tuple[str, str]]:
    return [(each["title"]["source"], each["title"]["nativeId"]) for each in list_nodes(found)]


def fetch_alone(server: RunningServer, accounts: list[Any]) -> dict[tuple[str, str], Any]:
    found = server.fetch_data(ALONE, {"accounts": accounts})["user"]["trophyTitles"]
    return {(each["source"], each["nativeId"]): each for each in list_nodes(found)}


def read_states(found: Any) -> dict[str, list[str]]:
    """Return each person's states by source."""
    return {
        each["source"]: [
            next((s["state"] for s in one["sources"] if s["source"] == each["source"]), "-")
            for one in found["people"]
        ]
        for each in found["sources"]
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (PSN_VEGA, FRIEND),
        (STEAM_VEGA, [SAM["STEAM"]]),
        (XBOX_VEGA, [SAM["XBOX"]]),
        (RETRO_VEGA, RETRO_VEGA),
        ([*PSN_VEGA, *STEAM_VEGA, *XBOX_VEGA], [*FRIEND, SAM["STEAM"], SAM["XBOX"]]),
    ],
)
def test_the_titles_in_common_are_those_of_both_and_so_are_their_states(
    server: RunningServer, first: list[Account], second: list[Account]
) -> None:
    fetch(server, WHOLE, first, second)
    # Xbox tells how many achievements a title has only when it is opened.
    alone = [fetch_alone(server, first), fetch_alone(server, second)]

    found = fetch(server, WHOLE, first, second)

    assert sorted(list_titles(found)) == sorted(alone[0].keys() & alone[1].keys())
    assert found["totalCount"] == len(found["edges"]) > 0
    for node in list_nodes(found):
        rows = [each[node["title"]["source"], node["title"]["nativeId"]] for each in alone]
        assert node["title"]["name"] == rows[0]["name"]
        for row, person in zip(rows, node["people"], strict=True):
            assert person["hasTitle"] is True
            for name in ("earnedCount", "progress", "lastUpdatedAt"):
                assert person[name] == row[name]
        for position, row in enumerate(rows):
            own = {each["nativeId"]: each for each in row["achievements"]}
            compared = {
                each["achievement"]["nativeId"]: each["unlocks"][position]
                for each in node["achievements"]
            }
            assert {name: {"nativeId": name, **unlock} for name, unlock in compared.items()} == own


@pytest.mark.slow
def test_the_first_is_whose_unlock_is_the_oldest(server: RunningServer) -> None:
    people = [*([each] for each in (*PSN_VEGA, *FRIEND, SAM["PSN"]))]
    found = fetch(server, WHOLE, *people, source="PSN", nativeId=QUEST)
    (node,) = list_nodes(found)

    for each in node["achievements"]:
        times = [unlock["earnedAt"] for unlock in each["unlocks"]]
        earliest = min((time for time in times if time), default=None)
        assert each["earnedByCount"] == sum(time is not None for time in times)
        assert each["first"] == [i for i, time in enumerate(times) if time and time == earliest]
    for position, person in enumerate(node["people"]):
        firsts = sum(position in each["first"] for each in node["achievements"])
        assert person["firstCount"] == (firsts if person["hasTitle"] else None)


def test_without_the_time_of_one_it_is_not_known_who_was_first(server: RunningServer) -> None:
    found = fetch(server, WHOLE, XBOX_VEGA, [SAM["XBOX"]])

    unknown = [
        each
        for node in list_nodes(found)
        for each in node["achievements"]
        if any(unlock["earned"] and not unlock["earnedAt"] for unlock in each["unlocks"])
    ]
    assert unknown
    assert [each["first"] for each in unknown] == [None] * len(unknown)


def test_on_a_tie_all_are_first(server: RunningServer) -> None:
    (node,) = list_nodes(fetch(server, WHOLE, PSN_VEGA, PSN_VEGA, source="PSN", nativeId=QUEST))

    firsts = {tuple(each["first"]) for each in node["achievements"]}
    assert firsts == {(), (0, 1)}


def test_one_title_needs_no_list(server: RunningServer) -> None:
    query = build_query(ACHIEVEMENTS)
    variables = {"accounts": [PSN_VEGA, FRIEND], "source": "PSN", "nativeId": QUEST}

    response = server.execute(query.replace("name }", "}", 1), variables)

    calls = {name.split(" ")[1] for name in server.psn.calls}
    assert not any(name.endswith("/trophyTitles") for name in calls), calls
    assert len(response.data["compare"]["edges"]) == 1
    # The definitions, and what each of both has earned.
    assert response.upstream_calls == {"PSN": 1 + 2}
    assert server.execute(query, variables).upstream_calls.get("PSN", 0) <= 1


def test_the_people_alone_need_no_call(server: RunningServer) -> None:
    query = """query ($accounts: [[AccountInput!]!]!) {
      compare(accounts: $accounts) { people { position user { id } } } }"""

    response = server.execute(query, {"accounts": [STEAM_VEGA, FRIEND, NOBODY]})

    people = response.data["compare"]["people"]
    assert [each["position"] for each in people] == [0, 1, 2]
    assert len({each["user"]["id"] for each in people}) == 3
    assert response.upstream_calls == NO_CALLS


@pytest.mark.parametrize(
    ("selection", "calls"),
    [
        ("people { hasTitle earnedCount progress }", 2),
        ("achievements { unlocks { earnedAt } first }", 2 + 2 * 2),
        ("people { firstCount } achievements { first achievement { name } }", 2 + 2 * (1 + 2)),
    ],
)
def test_only_titles_in_common_are_opened_and_only_for_what_is_selected(
    server: RunningServer, selection: str, calls: int
) -> None:
    variables = {"accounts": [PSN_VEGA, FRIEND]}

    response = server.execute(build_query(selection), variables)

    assert len(response.data["compare"]["edges"]) == 2
    assert response.upstream_calls == {"PSN": calls}
    assert server.execute(build_query(selection), variables).upstream_calls == NO_CALLS


def test_only_the_titles_of_the_page_are_opened(server: RunningServer) -> None:
    variables = {"accounts": [PSN_VEGA, FRIEND], "first": 1}

    first = server.execute(build_query("achievements { first }"), variables)

    page = first.data["compare"]
    assert (first.upstream_calls, page["totalCount"]) == ({"PSN": 2 + 2}, 2)
    assert page["pageInfo"]["hasNextPage"]
    after = page["pageInfo"]["endCursor"]
    second = server.execute(build_query("achievements { first }"), {**variables, "after": after})
    assert second.upstream_calls == {"PSN": 2}
    whole = fetch(server, TITLES, PSN_VEGA, FRIEND)
    both = [*list_titles(page), *list_titles(second.data["compare"])]
    assert both == list_titles(whole)
    assert not second.data["compare"]["pageInfo"]["hasNextPage"]


def test_a_title_that_moves_between_two_pages_comes_once(server: RunningServer) -> None:
    people = [PSN_VEGA, PSN_VEGA]
    whole = list_titles(fetch(server, TITLES, *people))
    page = fetch(server, TITLES, *people, first=4)
    moved = whole[-1][1]
    server.psn.unlock(OWNER_ACCOUNT_ID, moved, 1, "2026-11-01T00:00:00Z")
    after = page["pageInfo"]["endCursor"]

    rest = server.fetch_data(TITLES, {"accounts": people, "after": after}, NO_CACHE_HEADERS)

    assert sorted([*list_titles(page), *list_titles(rest["compare"])]) == sorted(whole)


def test_titles_on_a_source_that_one_person_is_not_on_are_in_common_to_none(
    server: RunningServer,
) -> None:
    both = fetch(server, TITLES, [*PSN_VEGA, *RETRO_VEGA], FRIEND)
    named = fetch(server, TITLES, [*PSN_VEGA, *RETRO_VEGA], FRIEND, source=RETRO)

    assert {source for source, _ in list_titles(both)} == {"PSN"}
    assert named["edges"] == []
    assert read_states(named) == {RETRO: ["OK", "NOT_LINKED"]}


def test_people_who_are_private_or_do_not_exist_keep_their_place(server: RunningServer) -> None:
    both = fetch(server, WHOLE, PSN_VEGA, FRIEND)

    found = fetch(server, WHOLE, STRANGER, PSN_VEGA, NOBODY, FRIEND)

    assert read_states(found) == {"PSN": ["PRIVATE", "OK", "NOT_FOUND", "OK"]}
    assert list_titles(found) == list_titles(both)
    for node, expected in zip(list_nodes(found), list_nodes(both), strict=True):
        unknown, vega, nobody, friend = node["people"]
        assert [vega, friend] == expected["people"]
        assert set(unknown.values()) | set(nobody.values()) == {None}
        for each, one in zip(node["achievements"], expected["achievements"], strict=True):
            assert each["unlocks"][1::2] == one["unlocks"]
            assert {each["unlocks"][i]["earned"] for i in (0, 2)} == {None}
            assert each["first"] == [2 * i + 1 for i in one["first"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "native_id", "vega"),
    [
        ("PSN", QUEST, PSN_VEGA),
        (RETRO, "418", RETRO_VEGA),
        ("STEAM", "4010", STEAM_VEGA),
        ("XBOX", "1700000001", XBOX_VEGA),
    ],
)
def test_one_title_of_people_of_whom_one_does_not_exist(
    server: RunningServer, source: str, native_id: str, vega: list[Account]
) -> None:
    handles = {"STEAM": "76561190000099999", "XBOX": "2535400000099999"}
    nobody = [{"source": source, "handle": handles.get(source, "nobodyatall")}]

    found = fetch(server, WHOLE, nobody, vega, source=source, nativeId=native_id)

    assert read_states(found) == {source: ["NOT_FOUND", "OK"]}
    (node,) = list_nodes(found)
    assert node["title"]["nativeId"] == native_id
    assert set(node["people"][0].values()) == {None}
    assert node["people"][1]["hasTitle"] is True
    assert node["people"][1]["earnedCount"] == sum(
        each["unlocks"][1]["earned"] for each in node["achievements"]
    )


def test_a_person_without_the_title_is_told_apart(server: RunningServer) -> None:
    people, title = (RETRO_VEGA, [SAM[RETRO]]), {"source": RETRO, "nativeId": "418"}

    found = fetch(server, WHOLE, *people, **title)

    (node,) = list_nodes(found)
    assert [each["hasTitle"] for each in node["people"]] == [True, False]
    assert read_states(found) == {RETRO: ["OK", "OK"]}


def test_a_title_that_no_one_has_is_no_entry(server: RunningServer) -> None:
    found = fetch(server, WHOLE, PSN_VEGA, FRIEND, source="PSN", nativeId="NPWR99999_00")

    assert (found["edges"], found["totalCount"]) == ([], 0)
    assert read_states(found) == {"PSN": ["OK", "OK"]}


def test_a_failing_source_empties_no_other_one(server: RunningServer) -> None:
    people = [*PSN_VEGA, *STEAM_VEGA], [*FRIEND, SAM["STEAM"]]
    steam_alone = fetch(server, WHOLE, STEAM_VEGA, [SAM["STEAM"]])
    server.inject_fault("playstation", status=503)

    found = fetch(server, WHOLE, *people)

    assert found["edges"] == steam_alone["edges"] != []
    assert (found["totalCount"], steam_alone["totalCount"]) == (None, len(steam_alone["edges"]))
    assert read_states(found) == {"PSN": ["UNAVAILABLE"] * 2, "STEAM": ["OK"] * 2}


@pytest.mark.parametrize("arguments", [{}, {"source": "PSN", "nativeId": QUEST}])
def test_it_is_unknown_what_those_who_cannot_be_read_have_in_common(
    server: RunningServer, arguments: dict[str, str]
) -> None:
    found = fetch(server, TITLES, STRANGER, STRANGER, **arguments)

    assert (found["edges"], found["totalCount"]) == ([], None)
    assert read_states(found) == {"PSN": ["PRIVATE", "PRIVATE"]}


def test_a_title_that_fails_for_one_person_is_shown_for_the_others(server: RunningServer) -> None:
    server.inject_fault(f"users/{FRIEND_ACCOUNT_ID}/npCommunicationIds/{QUEST}", status=503)

    found = fetch(server, WHOLE, PSN_VEGA, FRIEND)

    nodes = {node["title"]["nativeId"]: node for node in list_nodes(found)}
    assert {each["unlocks"][1]["earned"] for each in nodes[QUEST]["achievements"]} == {None}
    assert {each["unlocks"][0]["earned"] for each in nodes[QUEST]["achievements"]} == {True, False}
    assert None not in {each["unlocks"][1]["earned"] for each in nodes[ORCHARD]["achievements"]}
    assert read_states(found) == {"PSN": ["OK", "UNAVAILABLE"]}


def test_hidden_achievements_are_masked_until_all_have_earned_them(server: RunningServer) -> None:
    (node,) = list_nodes(fetch(server, WHOLE, PSN_VEGA, FRIEND, source="PSN", nativeId=QUEST))
    revealed_query = WHOLE.replace("achievements {", "achievements(revealHidden: true) {")
    (revealed,) = list_nodes(
        fetch(server, revealed_query, PSN_VEGA, FRIEND, source="PSN", nativeId=QUEST)
    )

    hidden = [each for each in node["achievements"] if each["achievement"]["hidden"]]
    assert {each["earnedByCount"] for each in hidden} >= {1}
    for each in hidden:
        assert (each["achievement"]["name"] is not None) is (each["earnedByCount"] == 2)
    assert all(each["achievement"]["name"] for each in revealed["achievements"])


def test_the_title_and_its_achievements_are_definitions_without_a_player(
    server: RunningServer,
) -> None:
    query = build_query(
        "achievements { achievement { earned earnedAt definitionId title { id earnedCount } } }"
    ).replace("nativeId name", "nativeId name id earnedCount progress earnedCounts { total }")
    definition_query = """{ trophyTitle(nativeId: "NPWR00001_00") {
        id achievements { definitionId } } }"""
    definition = server.fetch_data(definition_query)["trophyTitle"]

    for arguments in ({}, {"source": "PSN", "nativeId": QUEST}):
        nodes = list_nodes(fetch(server, query, PSN_VEGA, FRIEND, **arguments))
        (node,) = (each for each in nodes if each["title"]["nativeId"] == QUEST)
        title = node["title"]
        assert title["id"] == definition["id"]
        assert [title[name] for name in ("earnedCount", "progress", "earnedCounts")] == [None] * 3
        shown = [each["achievement"] for each in node["achievements"]]
        assert [{"definitionId": each["definitionId"]} for each in shown] == definition[
            "achievements"
        ]
        assert {each["earned"] for each in shown} == {each["earnedAt"] for each in shown} == {None}
        assert {each["title"]["id"] for each in shown} == {definition["id"]}


def test_each_caller_compares_as_their_own_credential_may(server: RunningServer) -> None:
    people: list[Any] = [[{"source": "PSN", "handle": "me"}], FRIEND]
    requests: Any = [({"accounts": people}, each) for each in (OWNER_ON_PSN, SECOND_ON_PSN) * 2]

    owner, second, *again = [
        each.data["compare"] for each in server.execute_concurrently(TITLES, requests)
    ]

    assert list_titles(owner) == list_titles(fetch(server, TITLES, PSN_VEGA, FRIEND))
    assert list_titles(second) == list_titles(fetch(server, TITLES, [SAM["PSN"]], FRIEND))
    assert owner != second
    assert again == [owner, second]


def test_trophy_so_has_no_titles_to_compare(server: RunningServer) -> None:
    found = fetch(server, TITLES, TROPHY_VEGA, TROPHY_VEGA)

    assert (found["edges"], found["sources"], len(found["people"])) == ([], [], 2)
    assert fetch(server, TITLES, TROPHY_VEGA, TROPHY_VEGA, source="TROPHY_SO") == found
    without = fetch(server, TITLES, TROPHY_VEGA, PSN_VEGA, source="TROPHY_SO")
    assert read_states(without) == {"TROPHY_SO": ["-", "NOT_LINKED"]}


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"accounts": []}, "accounts"),
        ({"accounts": [PSN_VEGA]}, "accounts"),
        ({"accounts": [PSN_VEGA] * 9}, "accounts"),
        ({"accounts": [PSN_VEGA, []]}, "accounts"),
        ({"accounts": [PSN_VEGA, [*PSN_VEGA, *FRIEND]]}, "accounts"),
        ({"accounts": [PSN_VEGA, FRIEND], "nativeId": QUEST}, "source"),
        ({"accounts": [PSN_VEGA, FRIEND], "source": "PSN", "nativeId": "x y"}, "nativeId"),
        ({"accounts": [PSN_VEGA, FRIEND], "source": "TROPHY_SO", "nativeId": "x"}, "source"),
        ({"accounts": [PSN_VEGA, FRIEND], "first": 0}, "first"),
        ({"accounts": [PSN_VEGA, FRIEND], "after": "x"}, "after"),
    ],
)
def test_invalid_arguments_are_named(
    server: RunningServer, arguments: dict[str, Any], argument: str
) -> None:
    response = server.execute(TITLES, arguments)

    assert (response.error["code"], response.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert response.upstream_calls == NO_CALLS


def test_one_account_for_each_person_needs_no_list_of_lists(server: RunningServer) -> None:
    query = TITLES.replace("accounts: $accounts", "accounts: [$vega, $friend]").replace(
        "$accounts: [[AccountInput!]!]!", "$vega: [AccountInput!]!, $friend: [AccountInput!]!"
    )

    found = server.fetch_data(query, {"vega": VEGA[0], "friend": FRIEND})["compare"]

    assert found == fetch(server, TITLES, PSN_VEGA, FRIEND)


def test_more_calls_than_the_limit_are_refused_before_the_first() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="20") as server:
        variables = {"accounts": [PSN_VEGA, FRIEND], "first": 10}
        assert server.execute(WHOLE, variables).error_codes == {"OPERATION_TOO_COSTLY"}
        assert server.count_upstream_calls() == NO_CALLS
        assert server.execute(WHOLE, {**variables, "first": 5}).data["compare"]["edges"]
