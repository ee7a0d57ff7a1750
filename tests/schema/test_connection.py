"""The arguments of every connection: page sizes, and cursors that this server has not issued."""

import base64
from typing import Any

import pytest

from schema.global_id import encode
from tests.harness import PSN_VEGA, VEGA, GraphQLResponse, RunningServer
from tests.schema.rejected_input import assert_rejected

USER_LISTS = ["trophyTitles", "achievements", "awards"]
PSN_LISTS = ["friends", "messageGroups", "playedGames"]
PAGE_FIELDS = "{ edges { cursor } pageInfo { hasPreviousPage endCursor } }"
LISTS = {
    "trophyTitles": "{ edges { node { name } } }",
    "achievements": "{ edges { node { name } } }",
    "awards": "{ edges { node { name } } }",
}
FORGED_CURSORS: list[tuple[str, str, list[Any]]] = [
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, 1.0, 0, "NPWR1"]]),
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, float("nan"), 0, "NPWR1"], []]),
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, 1.0, 0.5, "NPWR1"], []]),
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, 1.0, 0, "NPWR1"], [[0, [1.0, -1]]]]),
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, 1.0, 0, "NPWR1"], [[0, [1.0, "1"]]]]),
    ("trophyTitles", "", ["titles LAST_UPDATED", [0, 1.0, 0, "N" * 4000], []]),
    ("achievements", "state: LOCKED", ["LOCKED", 1, 1.0, 0, "NPWR1", None, [], None]),
    ("achievements", "state: LOCKED", ["LOCKED", 1, 1.0, 0, "NPWR1", "1", [], [1.0, 0]]),
    ("achievements", "state: LOCKED", ["LOCKED", True, 1.0, 0, "NPWR1", "1", [], None]),
    ("achievements", "state: LOCKED", ["LOCKED", 1, 1.0, 0, "NPWR1", "1", [], None, None]),
    ("awards", "", ["awards", 1.0, 1, "1", "2"]),
    ("awards", "", ["awards"]),
    ("awards", "", []),
]
VEGA_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"


def build_query(field: str) -> str:
    if field in USER_LISTS:
        selection = f"{field}(first: 2, after: $after) {PAGE_FIELDS}"
    elif field in PSN_LISTS:
        selection = (
            f"accounts {{ ... on PsnAccount {{ {field}(first: 2, after: $after) {PAGE_FIELDS} }} }}"
        )
    else:
        return (
            "query ($after: String) "
            f'{{ searchAccounts(term: "sample", first: 2, after: $after) {PAGE_FIELDS} }}'
        )
    return f"query ($after: String) {{ viewer {{ {selection} }} }}"


def fetch_list(server: RunningServer, name: str, arguments: str) -> GraphQLResponse:
    query = VEGA_QUERY % f"{name}({arguments}) {LISTS[name]}"
    return server.execute(query, {"accounts": VEGA})


def fetch_cursor(server: RunningServer, name: str, arguments: str = "first: 2") -> str:
    query = VEGA_QUERY % f"{name}({arguments}) {{ pageInfo {{ endCursor }} }}"
    found = server.fetch_data(query, {"accounts": VEGA})["user"][name]["pageInfo"]["endCursor"]
    for sandbox in server.upstreams.sandboxes.values():
        sandbox.calls.clear()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("field", [*USER_LISTS, *PSN_LISTS, "searchAccounts"])
def test_an_empty_cursor_is_none(server: RunningServer, field: str) -> None:
    query = build_query(field)
    first_page = server.fetch_data(query)

    assert "'hasPreviousPage': False" in str(first_page)
    for after in ("", None):
        assert server.fetch_data(query, {"after": after}) == first_page


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_out_of_bounds_is_rejected(
    server: RunningServer, name: str, first: int
) -> None:
    assert_rejected(server, fetch_list(server, name, f"first: {first}"), "first")


@pytest.mark.parametrize("first", [1, 100])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_at_its_bounds_is_accepted(
    server: RunningServer, name: str, first: int
) -> None:
    edges = fetch_list(server, name, f"first: {first}").data["user"][name]["edges"]

    assert 1 <= len(edges) <= first


@pytest.mark.slow
@pytest.mark.parametrize(
    "after",
    [
        "x",
        "nonsense",
        "====",
        "MTIz",
        "W10",
        "bnVsbA",
        "WyJ0aXRsZXMiXQ",
        "ÄÖÜ",
        "\\u0000",
        "W" * 4000,
        "W1tbW1tbW1tbW1tb",
        base64.urlsafe_b64encode(b"[" * 900).decode(),
    ],
)
@pytest.mark.parametrize("name", LISTS)
def test_an_invalid_cursor_is_rejected(server: RunningServer, name: str, after: str) -> None:
    assert_rejected(server, fetch_list(server, name, f'after: "{after}"'), "after")


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_a_truncated_cursor_is_rejected(server: RunningServer, name: str) -> None:
    cursor = fetch_cursor(server, name)

    for length in range(1, len(cursor)):
        assert_rejected(server, fetch_list(server, name, f'after: "{cursor[:length]}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_trailing_characters_is_rejected(server: RunningServer, name: str) -> None:
    cursor = fetch_cursor(server, name)

    for more in ("=", "==", "A", "AA", " ", "\\n", "#"):
        assert_rejected(server, fetch_list(server, name, f'after: "{cursor}{more}"'), "after")


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_one_character_changed_is_rejected(server: RunningServer, name: str) -> None:
    cursor = fetch_cursor(server, name)

    for position, character in enumerate(cursor):
        other = "A" if character != "A" else "B"
        changed = f"{cursor[:position]}{other}{cursor[position + 1 :]}"
        assert_rejected(server, fetch_list(server, name, f'after: "{changed}"'), "after")


@pytest.mark.parametrize(("name", "arguments", "parts"), FORGED_CURSORS)
def test_a_cursor_of_another_shape_is_rejected(
    server: RunningServer, name: str, arguments: str, parts: list[Any]
) -> None:
    forged = f'{arguments} after: "{encode(*parts)}"'

    assert_rejected(server, fetch_list(server, name, forged), "after")


@pytest.mark.slow
@pytest.mark.parametrize("time", [-(10.0**300), -(10.0**12), -(10.0**10), 10.0, 10.0**300])
def test_a_cursor_with_an_extreme_time_is_before_or_after_everything(
    server: RunningServer, time: float
) -> None:
    forged = encode("EARNED", 0, time, 1, "1", "1", [], None)

    edges = fetch_list(server, "achievements", f'after: "{forged}"').data["user"]["achievements"]

    assert bool(edges["edges"]) is (time < 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("issued_by", "sent_to"),
    [
        ("trophyTitles(first: 2)", "trophyTitles(orderBy: FEWEST_LEFT"),
        ("trophyTitles(first: 2)", "achievements("),
        ("trophyTitles(first: 2)", "awards("),
        ("awards(first: 2)", "achievements("),
        ("awards(first: 2)", "trophyTitles("),
        ("achievements(first: 2)", "trophyTitles("),
        ("achievements(first: 2)", "awards("),
        ("achievements(first: 2)", "achievements(state: ALL"),
        ("achievements(first: 2)", "achievements(state: LOCKED"),
        ("achievements(first: 2, state: ALL)", "achievements("),
        ("achievements(first: 2, state: ALL)", "achievements(state: LOCKED"),
        ("achievements(first: 2, state: LOCKED)", "achievements(state: ALL"),
        ("achievements(first: 2, state: LOCKED)", "achievements("),
    ],
)
def test_a_cursor_of_another_list_is_rejected(
    server: RunningServer, issued_by: str, sent_to: str
) -> None:
    name, _, arguments = issued_by.rstrip(")").partition("(")
    foreign = fetch_cursor(server, name, arguments)
    other = sent_to.partition("(")[0]
    separator = "" if sent_to.endswith("(") else ", "

    query = VEGA_QUERY % f'{sent_to}{separator}after: "{foreign}") {LISTS[other]}'

    assert_rejected(server, server.execute(query, {"accounts": VEGA}), "after")


@pytest.mark.parametrize("position", [-1, 10_000, 10**9, 10**18])
@pytest.mark.parametrize(
    ("name", "cursor_of"),
    [("friends", "friends"), ("playedGames", "games"), ("messageGroups", "groups")],
)
def test_a_forged_cursor_is_rejected(
    server: RunningServer, name: str, cursor_of: str, position: int
) -> None:
    fields = f"{name}(first: 1, after: $after) {{ edges {{ cursor }} }}"
    query = f"""query ($after: String) {{
        viewer {{ accounts {{ ... on PsnAccount {{ {fields} }} }} }}
    }}"""
    server.fetch_data("{ viewer { accounts { ... on PsnAccount { accountId } } } }")
    server.psn.calls.clear()

    assert_rejected(
        server, server.execute(query, {"after": encode(cursor_of, position, "x")}), "after"
    )


@pytest.mark.parametrize("position", [-1, 10_000, 10**9])
def test_a_forged_cursor_of_a_search_is_rejected(server: RunningServer, position: int) -> None:
    query = """query ($after: String) {
        searchAccounts(term: "extra", first: 1, after: $after) { edges { cursor } }
    }"""

    assert_rejected(
        server, server.execute(query, {"after": encode("search", position, "x")}), "after"
    )


def test_a_null_argument_is_like_an_omitted_one(server: RunningServer) -> None:
    query = (
        VEGA_QUERY % "trophyTitles(first: 3, after: $after, sources: $sources) { edges { cursor } }"
    )
    query = query.replace("query (", "query ($after: String, $sources: [Source!], ")

    with_null = server.fetch_data(query, {"accounts": PSN_VEGA, "after": None, "sources": None})

    assert with_null == server.fetch_data(query, {"accounts": PSN_VEGA})


def test_one_invalid_argument_has_one_error(server: RunningServer) -> None:
    query = VEGA_QUERY % "bad: achievements(first: 0) { totalCount } accounts { handle }"

    answer = server.execute(query, {"accounts": VEGA})

    # It is found before anything runs: a connection cannot be null, so that the user would be.
    assert answer.error["code"] == "BAD_USER_INPUT"
    assert server.count_upstream_calls() == {}
