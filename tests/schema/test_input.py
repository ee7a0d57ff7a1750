"""What can never be right is refused by its argument's name, before any upstream is asked."""

import base64
from typing import Any

import pytest

from providers.registry import Source
from schema.global_id import packed
from tests.asking import NOTHING, PSN_VEGA, VEGA, Answer, Server, serving

USER = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
LISTS = {
    "trophyTitles": "{ edges { node { name } } }",
    "achievements": "{ edges { node { name } } }",
    "awards": "{ edges { node { name } } }",
}
FORGED: list[tuple[str, str, list[Any]]] = [
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
OF_VEGA = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"


def refused(server: Server, answer: Answer, argument: str) -> None:
    """Nothing but this argument's name, and nobody was asked."""
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert answer.body["extensions"]["upstream"]["calls"] == NOTHING == server.asked()


def listed(server: Server, name: str, arguments: str) -> Answer:
    query = OF_VEGA % f"{name}({arguments}) {LISTS[name]}"
    return server.ask(query, {"accounts": VEGA})


def cursor(server: Server, name: str, arguments: str = "first: 2") -> str:
    query = OF_VEGA % f"{name}({arguments}) {{ pageInfo {{ endCursor }} }}"
    found = server.data(query, {"accounts": VEGA})["user"][name]["pageInfo"]["endCursor"]
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
def test_a_handle_that_no_account_can_have_is_refused(
    server: Server, source: str, handle: str
) -> None:
    answer = server.ask(USER, {"accounts": [{"source": source, "handle": handle}]})

    assert answer.partial == {"user": None}
    refused(server, answer, "handle")
    assert answer.error["source"] == source


@pytest.mark.parametrize("source", list(Source))
def test_a_handle_without_end_is_refused_where_nobody_can_be_asked_either(source: Source) -> None:
    with serving(sandbox=False) as server:
        query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { id } }"
        account = {"source": source.name, "handle": "x" * 255}

        assert server.data(query, {"accounts": [account]})["user"]["id"]
        account["handle"] += "x"
        refused(server, server.ask(query, {"accounts": [account]}), "handle")


@pytest.mark.parametrize("handle", ["team/blue", "second user", "..x", "ünï", "%2e%2e", "a?b#c&d"])
def test_a_user_id_of_trophy_so_may_be_any_text(server: Server, handle: str) -> None:
    query = """query ($handle: String!) {
        user(accounts: [{source: TROPHY_SO, handle: $handle}]) {
          accounts { handle status { state } }
        }
    }"""

    (account,) = server.data(query, {"handle": handle})["user"]["accounts"]

    known = handle in server.trophy_so.world.users
    assert account == {"handle": handle, "status": {"state": "OK" if known else "NOT_FOUND"}}


def test_a_person_without_accounts_is_refused(server: Server) -> None:
    refused(server, server.ask(USER, {"accounts": []}), "accounts")


def test_two_accounts_of_one_source_are_refused(server: Server) -> None:
    accounts = [*VEGA, {"source": "PSN", "handle": "sample_friend"}]

    refused(server, server.ask(USER, {"accounts": accounts}), "accounts")


@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_out_of_bounds_is_refused(server: Server, name: str, first: int) -> None:
    refused(server, listed(server, name, f"first: {first}"), "first")


@pytest.mark.parametrize("first", [1, 100])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_size_at_its_bounds_is_fine(server: Server, name: str, first: int) -> None:
    edges = listed(server, name, f"first: {first}").data["user"][name]["edges"]

    assert 1 <= len(edges) <= first


@pytest.mark.parametrize(
    "after",
    [
        "",
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
def test_what_is_no_cursor_is_refused(server: Server, name: str, after: str) -> None:
    refused(server, listed(server, name, f'after: "{after}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_that_was_cut_is_refused(server: Server, name: str) -> None:
    whole = cursor(server, name)

    for length in range(1, len(whole)):
        refused(server, listed(server, name, f'after: "{whole[:length]}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_something_behind_it_is_refused(server: Server, name: str) -> None:
    whole = cursor(server, name)

    for more in ("=", "==", "A", "AA", " ", "\\n", "#"):
        refused(server, listed(server, name, f'after: "{whole}{more}"'), "after")


@pytest.mark.parametrize("name", LISTS)
def test_a_cursor_with_one_character_changed_is_refused(server: Server, name: str) -> None:
    whole = cursor(server, name)

    for place, character in enumerate(whole):
        other = "A" if character != "A" else "B"
        changed = f"{whole[:place]}{other}{whole[place + 1 :]}"
        refused(server, listed(server, name, f'after: "{changed}"'), "after")


@pytest.mark.parametrize(("name", "arguments", "parts"), FORGED)
def test_a_cursor_of_another_shape_is_refused(
    server: Server, name: str, arguments: str, parts: list[Any]
) -> None:
    forged = f'{arguments} after: "{packed(*parts)}"'

    refused(server, listed(server, name, forged), "after")


@pytest.mark.parametrize("time", [-(10.0**300), -(10.0**12), -(10.0**10), 10.0, 10.0**300])
def test_a_cursor_at_a_time_that_nothing_has_is_before_or_behind_all(
    server: Server, time: float
) -> None:
    forged = packed("EARNED", 0, time, 1, "1", "1", [], None)

    edges = listed(server, "achievements", f'after: "{forged}"').data["user"]["achievements"]

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
def test_a_cursor_of_another_list_is_refused(server: Server, given_by: str, given_to: str) -> None:
    name, _, arguments = given_by.rstrip(")").partition("(")
    foreign = cursor(server, name, arguments)
    other = given_to.partition("(")[0]
    separator = "" if given_to.endswith("(") else ", "

    query = OF_VEGA % f'{given_to}{separator}after: "{foreign}") {LISTS[other]}'

    refused(server, server.ask(query, {"accounts": VEGA}), "after")


def test_an_empty_list_of_sources_is_refused(server: Server) -> None:
    for name in LISTS:
        refused(server, listed(server, name, "sources: []"), "sources")


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
@pytest.mark.parametrize("whose", ["nobody's", "a player's"])
def test_an_id_that_no_title_can_have_is_refused(
    server: Server, source: str, native_id: str, whose: str
) -> None:
    field = "trophyTitle(source: $source, nativeId: $id) { name }"
    asked = f"user(accounts: $accounts) {{ {field} }}" if whose == "a player's" else field
    accounts = "$accounts: [AccountInput!]!" if whose == "a player's" else ""
    query = f"query ($source: Source!, $id: ID!, {accounts}) {{ {asked} }}"
    variables = {"source": source, "id": native_id}
    if accounts:
        variables |= {"accounts": VEGA}

    refused(server, server.ask(query, variables), "nativeId")


def test_a_source_without_titles_is_refused_for_one(server: Server) -> None:
    answer = server.ask('{ trophyTitle(source: TROPHY_SO, nativeId: "1") { name } }')

    refused(server, answer, "source")


@pytest.mark.parametrize(
    "language",
    ["!", "de_DE", "en,,fr", "english please", "de-DE;q=2", "de;q=", "*;", "d\u00e9", "x" * 300],
)
def test_a_header_that_is_no_list_of_languages_is_refused(server: Server, language: str) -> None:
    headers: Any = {"Accept-Language": language.encode()}

    answer = server.ask(USER, {"accounts": VEGA}, headers)

    assert answer.error == {"code": "BAD_USER_INPUT", "argument": "Accept-Language"}
    assert "data" not in answer.body
    assert server.asked() == NOTHING


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ user(accounts: []) { nope } }", None),
        (USER, {}),
        (USER, {"accounts": [{"source": "NOBODYS", "handle": "x"}]}),
        (USER, {"accounts": [{"source": "PSN"}]}),
        (USER, {"accounts": [{"source": "PSN", "handle": None}]}),
        (USER, {"accounts": [{"source": "PSN", "handle": 5}]}),
        (USER, {"accounts": "PSN"}),
        (OF_VEGA % "achievements(first: 1.5) { totalCount }", {"accounts": VEGA}),
        (OF_VEGA % "achievements(first: null) { totalCount }", {"accounts": VEGA}),
        (OF_VEGA % "achievements(state: LOST) { totalCount }", {"accounts": VEGA}),
        (OF_VEGA % "achievements(sources: [NOBODYS]) { totalCount }", {"accounts": VEGA}),
    ],
)
def test_what_the_schema_does_not_allow_is_never_run(
    server: Server, query: str, variables: dict[str, Any] | None
) -> None:
    answer = server.ask(query, variables)

    assert "data" not in answer.body
    assert {error["extensions"]["code"] for error in answer.errors} == {"GRAPHQL_VALIDATION_FAILED"}
    assert server.asked() == NOTHING


def test_an_argument_that_is_null_is_as_if_it_were_left_out(server: Server) -> None:
    query = (
        OF_VEGA % "trophyTitles(first: 3, after: $after, sources: $sources) { edges { cursor } }"
    )
    query = query.replace("query (", "query ($after: String, $sources: [Source!], ")

    with_null = server.data(query, {"accounts": PSN_VEGA, "after": None, "sources": None})

    assert with_null == server.data(query, {"accounts": PSN_VEGA})


def test_one_bad_argument_leaves_the_rest_of_the_answer_alone(server: Server) -> None:
    query = OF_VEGA % "bad: achievements(first: 0) { totalCount } accounts { handle }"

    answer = server.ask(query, {"accounts": VEGA})

    # A connection is never null, so that its person is.
    assert answer.partial == {"user": None}
    assert answer.codes == {"user.bad": "BAD_USER_INPUT"}


@pytest.mark.parametrize("place", [-1, 10_000, 10**9, 10**18])
@pytest.mark.parametrize(
    ("name", "cursor_of"),
    [("friends", "friends"), ("playedGames", "games"), ("messageGroups", "groups")],
)
def test_a_forged_cursor_leads_nowhere(
    server: Server, name: str, cursor_of: str, place: int
) -> None:
    fields = f"{name}(first: 1, after: $after) {{ edges {{ cursor }} }}"
    query = f"""query ($after: String) {{
        viewer {{ accounts {{ ... on PsnAccount {{ {fields} }} }} }}
    }}"""
    server.data("{ viewer { accounts { ... on PsnAccount { accountId } } } }")
    server.psn.calls.clear()

    refused(server, server.ask(query, {"after": packed(cursor_of, place, "x")}), "after")


@pytest.mark.parametrize("place", [-1, 10_000, 10**9])
def test_a_forged_cursor_of_a_search_leads_nowhere(server: Server, place: int) -> None:
    query = """query ($after: String) {
        searchAccounts(term: "extra", first: 1, after: $after) { edges { cursor } }
    }"""

    refused(server, server.ask(query, {"after": packed("search", place, "x")}), "after")
