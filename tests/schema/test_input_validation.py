"""What can never be right is refused by its argument's name, before any upstream is asked."""

import base64
from typing import Any

import pytest

from providers.registry import Source
from schema.global_id import encode
from tests.harness import NO_CALLS, PSN_VEGA, VEGA, GraphQLResponse, RunningServer, run_server

USER_QUERY = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
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


def assert_rejected(server: RunningServer, answer: GraphQLResponse, argument: str) -> None:
    """Nothing but this argument's name, and nobody was asked."""
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert (
        answer.body["extensions"]["upstream"]["calls"] == NO_CALLS == server.count_upstream_calls()
    )


def fetch_list(server: RunningServer, name: str, arguments: str) -> GraphQLResponse:
    query = VEGA_QUERY % f"{name}({arguments}) {LISTS[name]}"
    return server.execute(query, {"accounts": VEGA})


def fetch_cursor(server: RunningServer, name: str, arguments: str = "first: 2") -> str:
    query = VEGA_QUERY % f"{name}({arguments}) {{ pageInfo {{ endCursor }} }}"
    found = server.fetch_data(query, {"accounts": VEGA})["user"][name]["pageInfo"]["endCursor"]
    for sandbox in server.upstreams.sandboxes.values():
        sandbox.calls.clear()
    return found


@pytest.mark.parametrize(
    ("source", "handle"),
    [
        ("PSN", ""),
        ("PSN", "ab"),
        ("PSN", "1starts_with_a_digit"),
        ("PSN", "much_too_long_name"),
        ("PSN", "space inside"),
        ("PSN", "../../me"),
        ("PSN", "me/../other"),
        ("PSN", "me\n"),
        ("PSN", "Me\u0000"),
        ("PSN", "½½½"),
        ("PSN", "١٢٣"),
        ("PSN", "9" * 21),
        ("PSN", "1?limit=800#"),
        ("RETRO_ACHIEVEMENTS", ""),
        ("RETRO_ACHIEVEMENTS", "x"),
        ("RETRO_ACHIEVEMENTS", "me too"),
        ("RETRO_ACHIEVEMENTS", "x" * 21),
        ("RETRO_ACHIEVEMENTS", "Vega&y=key"),
        ("RETRO_ACHIEVEMENTS", "VegaNorth\n"),
        ("RETRO_ACHIEVEMENTS", "VegaNörth"),
        ("TROPHY_SO", ""),
        ("TROPHY_SO", "."),
        ("TROPHY_SO", ".."),
        ("TROPHY_SO", "a\tb"),
        ("TROPHY_SO", "a\u0085b"),
        ("TROPHY_SO", "x" * 256),
    ],
)
def test_an_invalid_handle_is_rejected(server: RunningServer, source: str, handle: str) -> None:
    answer = server.execute(USER_QUERY, {"accounts": [{"source": source, "handle": handle}]})

    assert answer.partial_data == {"user": None}
    assert_rejected(server, answer, "handle")
    assert answer.error["source"] == source


@pytest.mark.parametrize("source", list(Source))
def test_an_overlong_handle_is_rejected_without_a_configured_source_as_well(source: Source) -> None:
    with run_server(sandbox=False) as server:
        query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }"
        account = {"source": source.name, "handle": "x" * 255}

        assert server.fetch_data(query, {"accounts": [account]})["user"]["id"]
        account["handle"] += "x"
        assert_rejected(server, server.execute(query, {"accounts": [account]}), "handle")


@pytest.mark.parametrize("handle", ["team/blue", "second user", "..x", "ünï", "%2e%2e", "a?b#c&d"])
def test_a_user_id_of_trophy_so_may_be_any_text(server: RunningServer, handle: str) -> None:
    query = """query ($handle: String!) {
        user(accounts: [{source: TROPHY_SO, handle: $handle}]) {
          accounts { handle status { state } }
        }
    }"""

    (account,) = server.fetch_data(query, {"handle": handle})["user"]["accounts"]

    known = handle in server.trophy_so.database.users
    assert account == {"handle": handle, "status": {"state": "OK" if known else "NOT_FOUND"}}


def test_a_user_without_accounts_is_rejected(server: RunningServer) -> None:
    assert_rejected(server, server.execute(USER_QUERY, {"accounts": []}), "accounts")


def test_two_accounts_of_one_source_are_refused(server: RunningServer) -> None:
    accounts = [*VEGA, {"source": "PSN", "handle": "sample_friend"}]

    assert_rejected(server, server.execute(USER_QUERY, {"accounts": accounts}), "accounts")


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_out_of_bounds_is_refused(server: RunningServer, name: str, first: int) -> None:
    assert_rejected(server, fetch_list(server, name, f"first: {first}"), "first")


@pytest.mark.parametrize("first", [1, 100])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_at_its_bounds_is_fine(server: RunningServer, name: str, first: int) -> None:
    edges = fetch_list(server, name, f"first: {first}").data["user"][name]["edges"]

    assert 1 <= len(edges) <= first


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


@pytest.mark.parametrize("name", LISTS)
def test_a_truncated_cursor_is_rejected(server: RunningServer, name: str) -> None:
    whole = fetch_cursor(server, name)

    for length in range(1, len(whole)):
        assert_rejected(server, fetch_list(server, name, f'after: "{whole[:length]}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_trailing_characters_is_rejected(server: RunningServer, name: str) -> None:
    whole = fetch_cursor(server, name)

    for more in ("=", "==", "A", "AA", " ", "\\n", "#"):
        assert_rejected(server, fetch_list(server, name, f'after: "{whole}{more}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_one_character_changed_is_refused(server: RunningServer, name: str) -> None:
    whole = fetch_cursor(server, name)

    for place, character in enumerate(whole):
        other = "A" if character != "A" else "B"
        changed = f"{whole[:place]}{other}{whole[place + 1 :]}"
        assert_rejected(server, fetch_list(server, name, f'after: "{changed}"'), "after")


@pytest.mark.parametrize(("name", "arguments", "parts"), FORGED_CURSORS)
def test_a_cursor_of_another_shape_is_refused(
    server: RunningServer, name: str, arguments: str, parts: list[Any]
) -> None:
    forged = f'{arguments} after: "{encode(*parts)}"'

    assert_rejected(server, fetch_list(server, name, forged), "after")


@pytest.mark.parametrize("time", [-(10.0**300), -(10.0**12), -(10.0**10), 10.0, 10.0**300])
def test_a_cursor_with_an_extreme_time_is_before_or_after_everything(
    server: RunningServer, time: float
) -> None:
    forged = encode("EARNED", 0, time, 1, "1", "1", [], None)

    edges = fetch_list(server, "achievements", f'after: "{forged}"').data["user"]["achievements"]

    assert bool(edges["edges"]) is (time < 0)


@pytest.mark.parametrize(
    ("given_by", "given_to"),
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
def test_a_cursor_of_another_list_is_refused(
    server: RunningServer, given_by: str, given_to: str
) -> None:
    name, _, arguments = given_by.rstrip(")").partition("(")
    foreign = fetch_cursor(server, name, arguments)
    other = given_to.partition("(")[0]
    separator = "" if given_to.endswith("(") else ", "

    query = VEGA_QUERY % f'{given_to}{separator}after: "{foreign}") {LISTS[other]}'

    assert_rejected(server, server.execute(query, {"accounts": VEGA}), "after")


def test_an_empty_list_of_sources_is_refused(server: RunningServer) -> None:
    for name in LISTS:
        assert_rejected(server, fetch_list(server, name, "sources: []"), "sources")


@pytest.mark.parametrize(
    ("source", "native_id"),
    [
        ("PSN", ""),
        ("PSN", "101"),
        ("PSN", "NPWR1_00"),
        ("PSN", "NPWR00001_00/.."),
        ("PSN", "npwr00001_00"),
        ("PSN", "NPWR00001_00\n"),
        ("RETRO_ACHIEVEMENTS", ""),
        ("RETRO_ACHIEVEMENTS", "0"),
        ("RETRO_ACHIEVEMENTS", "-1"),
        ("RETRO_ACHIEVEMENTS", "1.5"),
        ("RETRO_ACHIEVEMENTS", "²"),
        ("RETRO_ACHIEVEMENTS", "NPWR00001_00"),
        ("RETRO_ACHIEVEMENTS", "1" * 11),
    ],
)
@pytest.mark.parametrize("variant", ["nobody's", "a player's"])
def test_an_invalid_title_id_is_rejected(
    server: RunningServer, source: str, native_id: str, variant: str
) -> None:
    field = "trophyTitle(source: $source, nativeId: $id) { name }"
    asked = f"user(accounts: $accounts) {{ {field} }}" if variant == "a player's" else field
    accounts = "$accounts: [AccountInput!]!" if variant == "a player's" else ""
    query = f"query ($source: Source!, $id: ID!, {accounts}) {{ {asked} }}"
    variables = {"source": source, "id": native_id}
    if accounts:
        variables |= {"accounts": VEGA}

    assert_rejected(server, server.execute(query, variables), "nativeId")


def test_a_source_without_titles_is_refused_for_one(server: RunningServer) -> None:
    answer = server.execute('{ trophyTitle(source: TROPHY_SO, nativeId: "1") { name } }')

    assert_rejected(server, answer, "source")


@pytest.mark.parametrize(
    "language",
    ["!", "de_DE", "en,,fr", "english please", "de-DE;q=2", "de;q=", "*;", "d\u00e9", "x" * 300],
)
def test_no_language_header_rejects_a_request(server: RunningServer, language: str) -> None:
    headers: Any = {"Accept-Language": language.encode()}

    answer = server.execute(USER_QUERY, {"accounts": VEGA}, headers)

    assert answer.status == 200
    assert answer.data["user"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ user(accounts: []) { nope } }", None),
        (USER_QUERY, {}),
        (USER_QUERY, {"accounts": [{"source": "NOBODYS", "handle": "x"}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN"}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN", "handle": None}]}),
        (USER_QUERY, {"accounts": [{"source": "PSN", "handle": 5}]}),
        (USER_QUERY, {"accounts": "PSN"}),
        (VEGA_QUERY % "achievements(first: 1.5) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(first: null) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(state: LOST) { totalCount }", {"accounts": VEGA}),
        (VEGA_QUERY % "achievements(sources: [NOBODYS]) { totalCount }", {"accounts": VEGA}),
    ],
)
def test_an_invalid_query_is_never_executed(
    server: RunningServer, query: str, variables: dict[str, Any] | None
) -> None:
    answer = server.execute(query, variables)

    assert "data" not in answer.body
    assert {error["extensions"]["code"] for error in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert server.count_upstream_calls() == NO_CALLS


def test_a_null_argument_is_like_an_omitted_one(server: RunningServer) -> None:
    query = (
        VEGA_QUERY % "trophyTitles(first: 3, after: $after, sources: $sources) { edges { cursor } }"
    )
    query = query.replace("query (", "query ($after: String, $sources: [Source!], ")

    with_null = server.fetch_data(query, {"accounts": PSN_VEGA, "after": None, "sources": None})

    assert with_null == server.fetch_data(query, {"accounts": PSN_VEGA})


def test_one_invalid_argument_does_not_fail_the_rest(server: RunningServer) -> None:
    query = VEGA_QUERY % "bad: achievements(first: 0) { totalCount } accounts { handle }"

    answer = server.execute(query, {"accounts": VEGA})

    # A connection is never null, so that its person is.
    assert answer.partial_data == {"user": None}
    assert answer.codes == {"user.bad": "BAD_USER_INPUT"}


@pytest.mark.parametrize("place", [-1, 10_000, 10**9, 10**18])
@pytest.mark.parametrize(
    ("name", "cursor_of"),
    [("friends", "friends"), ("playedGames", "games"), ("messageGroups", "groups")],
)
def test_a_forged_cursor_is_rejected(
    server: RunningServer, name: str, cursor_of: str, place: int
) -> None:
    fields = f"{name}(first: 1, after: $after) {{ edges {{ cursor }} }}"
    query = f"""query ($after: String) {{
        viewer {{ accounts {{ ... on PsnAccount {{ {fields} }} }} }}
    }}"""
    server.fetch_data("{ viewer { accounts { ... on PsnAccount { accountId } } } }")
    server.psn.calls.clear()

    assert_rejected(
        server, server.execute(query, {"after": encode(cursor_of, place, "x")}), "after"
    )


@pytest.mark.parametrize("place", [-1, 10_000, 10**9])
def test_a_forged_cursor_of_a_search_is_rejected(server: RunningServer, place: int) -> None:
    query = """query ($after: String) {
        searchAccounts(term: "extra", first: 1, after: $after) { edges { cursor } }
    }"""

    assert_rejected(server, server.execute(query, {"after": encode("search", place, "x")}), "after")
