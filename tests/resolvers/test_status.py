"""The status of each source: a failure has its code and state, and hides no other data."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.registry import Source
from tests.harness import (
    NO_CACHE_HEADERS,
    NO_CALLS,
    PSN_VEGA,
    VEGA,
    GraphQLResponse,
    RunningServer,
    operator_settings,
    run_server,
)

EVERYTHING = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    displayName
    accounts { source handle displayName status { source state message retryAfter fetchedAt } }
    totals { source titles earned points awards }
    trophyTitles(first: 100) {
      totalCount
      edges { node { source nativeId } }
      sources { source state message retryAfter fetchedAt }
    }
    achievements(first: 100) {
      totalCount
      edges { node { source } }
      sources { source state message retryAfter fetchedAt }
    }
    locked: achievements(first: 100, state: LOCKED) {
      edges { node { source } }
      sources { source state message retryAfter fetchedAt }
    }
    awards(first: 100) {
      totalCount
      summary { total }
      edges { node { source } }
      sources { source state message retryAfter fetchedAt }
    }
  }
}
"""
SECRET = "internal upstream text"
HOSTS = {
    "PSN": "playstation",
    "RETRO_ACHIEVEMENTS": r"^retroachievements\.org",
    "TROPHY_SO": r"^api\.trophy\.so",
}
CONNECTIONS = ("trophyTitles", "achievements", "locked", "awards")
SOURCES_BY_CONNECTION = {
    "trophyTitles": {"PSN", "RETRO_ACHIEVEMENTS"},
    "achievements": set(HOSTS),
    "locked": set(HOSTS),
    "awards": {"RETRO_ACHIEVEMENTS"},
}
# The totals in the query that each source counts.
TOTALS_BY_SOURCE = {
    "PSN": {"titles", "earned", "points"},
    "RETRO_ACHIEVEMENTS": {"titles", "points", "awards"},
    "TROPHY_SO": {"earned"},
}
FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "failing": ({"status": 503, "body": SECRET}, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE"),
    "connection reset": ({"reset": True}, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE"),
    "a web page": ({"status": 200, "body": f"<p>{SECRET}"}, "UPSTREAM_BAD_RESPONSE", "UNAVAILABLE"),
    "an empty body": ({"status": 200, "body": b""}, "UPSTREAM_BAD_RESPONSE", "UNAVAILABLE"),
    "a number": ({"status": 200, "body": 7}, "UPSTREAM_BAD_RESPONSE", "UNAVAILABLE"),
    "a redirect": (
        {"status": 302, "body": "", "headers": {"Location": "https://other.example/"}},
        "UPSTREAM_BAD_RESPONSE",
        "UNAVAILABLE",
    ),
    "rate limited": (
        {"status": 429, "body": SECRET, "headers": {"Retry-After": "77"}},
        "UPSTREAM_RATE_LIMITED",
        "RATE_LIMITED",
    ),
    "signed out": ({"status": 401, "body": {}}, "UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED"),
}


def get_states(user: Any, connection: str) -> dict[str, str]:
    return {status["source"]: status["state"] for status in user[connection]["sources"]}


def get_shown_sources(user: Any, connection: str) -> set[str]:
    return {edge["node"]["source"] for edge in user[connection]["edges"]}


def assert_one_source_failed(answer: GraphQLResponse, broken: str, code: str, state: str) -> None:
    """Assert that the broken source has its error everywhere, and that all else is complete."""
    user = answer.partial_data["user"]
    place = list(HOSTS).index(broken)
    at_fault = {f"user.totals.{place}.{field}" for field in TOTALS_BY_SOURCE[broken]}
    assert answer.codes == dict.fromkeys({*at_fault, f"user.accounts.{place}.displayName"}, code)
    assert {error["extensions"]["source"] for error in answer.errors} == {broken}
    assert SECRET not in str(answer.body)
    assert user["displayName"]
    for name, account, totals in zip(HOSTS, user["accounts"], user["totals"], strict=True):
        is_healthy = name != broken
        assert (account["displayName"] is not None) is is_healthy
        assert account["status"]["state"] == ("OK" if is_healthy else state)
        assert {totals[field] is not None for field in TOTALS_BY_SOURCE[name]} == {is_healthy}
    for connection in CONNECTIONS:
        assert get_shown_sources(user, connection) == SOURCES_BY_CONNECTION[connection] - {broken}
        assert get_states(user, connection) == {
            name: state if name == broken else "OK"
            for name in HOSTS
            if name in SOURCES_BY_CONNECTION[connection]
        }


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("broken", HOSTS)
def test_other_sources_are_complete_when_one_fails(
    server: RunningServer, broken: str, fault: str
) -> None:
    how, code, state = FAULTS[fault]
    server.inject_fault(HOSTS[broken], **how)

    answer = server.execute(EVERYTHING, {"accounts": VEGA})

    if broken == "PSN" and fault in (
        "a redirect",
        "signed out",
        "a number",
        "a web page",
        "an empty body",
    ):
        # The sign-in fails first, with a code of its own.
        code = answer.error_codes.pop()
        state = "UNAUTHENTICATED" if code == "UPSTREAM_UNAUTHENTICATED" else "UNAVAILABLE"
    assert_one_source_failed(answer, broken, code, state)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_other_sources_are_complete_when_psn_fails_after_the_sign_in(
    server: RunningServer, fault: str
) -> None:
    how, code, state = FAULTS[fault]
    server.inject_fault(r"^(m\.np|us-prof|dms)", **how)

    assert_one_source_failed(server.execute(EVERYTHING, {"accounts": VEGA}), "PSN", code, state)


@pytest.mark.slow
@pytest.mark.parametrize("broken", HOSTS)
def test_other_sources_are_complete_when_one_never_responds(broken: str) -> None:
    with run_server(TROPHYCASE_DEADLINE="3") as server:
        server.inject_fault(HOSTS[broken], hang=True)

        answer = server.execute(EVERYTHING, {"accounts": VEGA})

    assert_one_source_failed(answer, broken, "UPSTREAM_TIMEOUT", "UNAVAILABLE")


SINGLE_CONNECTION_QUERIES = {
    "earned": "achievements(first: 100) { edges { node { source id } } sources { source state } }",
    "locked": "achievements(first: 100, state: LOCKED) "
    "{ edges { node { source id } } sources { source state } }",
    "titles": "trophyTitles(first: 100) "
    "{ edges { node { source id groups { name } } } sources { source state } }",
}


@pytest.mark.slow
@pytest.mark.parametrize("field", SINGLE_CONNECTION_QUERIES)
@pytest.mark.parametrize("broken", HOSTS)
def test_time_is_left_for_other_sources_when_one_never_responds(
    server: RunningServer, broken: str, field: str
) -> None:
    query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { %s } }"
    (whole,) = server.fetch_data(query % SINGLE_CONNECTION_QUERIES[field], {"accounts": VEGA})[
        "user"
    ].values()
    with run_server(TROPHYCASE_DEADLINE="3") as slow:
        slow.inject_fault(HOSTS[broken], hang=True)

        (found,) = slow.fetch_data(query % SINGLE_CONNECTION_QUERIES[field], {"accounts": VEGA})[
            "user"
        ].values()

    others = [edge for edge in whole["edges"] if edge["node"]["source"] != broken]
    assert others == found["edges"][: len(others)]
    assert broken not in {edge["node"]["source"] for edge in found["edges"]}
    assert found["sources"] == [
        {**status, "state": "UNAVAILABLE" if status["source"] == broken else "OK"}
        for status in whole["sources"]
    ]


@pytest.mark.parametrize("broken", ["PSN", "RETRO_ACHIEVEMENTS"])
def test_stale_data_is_served_for_a_silent_source_in_every_field(
    broken: str,
) -> None:
    query = """
    query ($accounts: [AccountInput!]!) {
      user(accounts: $accounts) {
        trophyTitles { edges { node { source id } } sources { source state } }
      }
    }
    """
    variables = {"accounts": VEGA[:2]}
    with run_server(TROPHYCASE_DEADLINE="5") as server:
        whole = server.fetch_data(query, variables)["user"]["trophyTitles"]
        server.inject_fault(HOSTS[broken], hang=True)

        answers = server.execute_concurrently(query, [(variables, NO_CACHE_HEADERS)] * 3)

    for answer in answers:
        found = answer.data["user"]["trophyTitles"]
        assert found["edges"] == whole["edges"]
        assert {status["source"]: status["state"] for status in found["sources"]} == {
            **dict.fromkeys(SOURCES_BY_CONNECTION["trophyTitles"], "OK"),
            broken: "STALE",
        }
    joined = [answer.body["extensions"]["upstream"]["coalesced"] for answer in answers]
    # At most a list of each source, and the ULID that is in RetroAchievements' ids.
    assert 1 <= max(joined) <= len(whole["sources"]) + 1


def test_a_display_name_falls_back_to_another_source_when_the_first_never_responds() -> None:
    query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
    with run_server(TROPHYCASE_DEADLINE="3") as server:
        server.inject_fault(HOSTS["PSN"], hang=True)

        user = server.fetch_data(query, {"accounts": VEGA})["user"]

    assert user == {"displayName": "VegaNorth"}


@pytest.mark.slow
@pytest.mark.parametrize("broken", HOSTS)
def test_a_total_count_is_null_when_a_source_did_not_return_it(
    server: RunningServer, broken: str
) -> None:
    server.inject_fault(HOSTS[broken], status=503)

    user = server.execute(EVERYTHING, {"accounts": VEGA}).partial_data["user"]

    for connection in ("trophyTitles", "achievements"):
        if broken in SOURCES_BY_CONNECTION[connection]:
            assert user[connection]["totalCount"] is None
    if broken == "RETRO_ACHIEVEMENTS":
        assert user["awards"] == {
            "totalCount": None,
            "summary": None,
            "edges": [],
            "sources": user["awards"]["sources"],
        }


@pytest.mark.slow
def test_a_rate_limited_source_has_a_retry_after(server: RunningServer) -> None:
    server.inject_fault(HOSTS["TROPHY_SO"], status=429, headers={"Retry-After": "77"})

    answer = server.execute(EVERYTHING, {"accounts": VEGA})

    user = answer.partial_data["user"]
    retry_times = [error["extensions"]["retryAfter"] for error in answer.errors]
    retry_times += [user["accounts"][2]["status"]["retryAfter"]]
    retry_times += [user["achievements"]["sources"][2]["retryAfter"]]
    assert all(seconds in range(60, 78) for seconds in retry_times)
    assert user["achievements"]["sources"][0]["retryAfter"] is None


@pytest.mark.slow
def test_a_source_that_fails_in_the_middle_keeps_its_entries_so_far(server: RunningServer) -> None:
    whole = server.fetch_data(EVERYTHING, {"accounts": VEGA})["user"]["achievements"]["edges"]
    with run_server() as other:
        other.inject_fault("NPWR00003_00/trophyGroups/all", status=503)

        answer = other.execute(EVERYTHING, {"accounts": VEGA})

    user = answer.data["user"]
    assert get_states(user, "achievements") == {
        "PSN": "UNAVAILABLE",
        "RETRO_ACHIEVEMENTS": "OK",
        "TROPHY_SO": "OK",
    }
    assert get_states(user, "trophyTitles") == {"PSN": "OK", "RETRO_ACHIEVEMENTS": "OK"}
    kept = [edge["node"]["source"] for edge in user["achievements"]["edges"]]
    assert 0 < kept.count("PSN") < [edge["node"]["source"] for edge in whole].count("PSN")


@pytest.mark.slow
@pytest.mark.parametrize("state", ["EARNED", "LOCKED", "ALL"])
@pytest.mark.parametrize("first", [3, 100])
def test_paging_continues_after_a_source_failed_in_the_middle(first: int, state: str) -> None:
    query = """query ($accounts: [AccountInput!]!, $first: Int!, $after: String,
                      $state: AchievementState!) {
      user(accounts: $accounts) { achievements(first: $first, after: $after, state: $state) {
        edges { node { id } } pageInfo { endCursor } sources { state } } } }"""
    variables: dict[str, Any] = {"accounts": PSN_VEGA, "first": first, "state": state}
    found: dict[str, list[str]] = {}
    for broken in ("", "NPWR00003_00/trophyGroups/all"):
        with run_server() as other:
            if broken:
                other.inject_fault(broken, status=503)
            edges: list[Any] = []
            after: str | None = None
            while True:
                page = other.fetch_data(query, {**variables, "after": after})["user"][
                    "achievements"
                ]
                edges += page["edges"]
                after = page["pageInfo"]["endCursor"] or after
                if not page["edges"] and page["sources"][0]["state"] == "OK":
                    break
                if page["sources"][0]["state"] != "OK":
                    other.clear_faults()
            found[broken] = [edge["node"]["id"] for edge in edges]

    whole, halted = found.values()
    assert halted == whole


@pytest.mark.slow
def test_stale_data_is_served_for_a_source_that_fails(server: RunningServer) -> None:
    before = server.fetch_data(EVERYTHING, {"accounts": VEGA})["user"]
    server.inject_fault("", status=503)

    after = server.fetch_data(EVERYTHING, {"accounts": VEGA}, NO_CACHE_HEADERS)["user"]

    for connection in CONNECTIONS:
        assert after[connection]["edges"] == before[connection]["edges"]
        assert set(get_states(after, connection).values()) == {"STALE"}
        for status in after[connection]["sources"]:
            assert status["message"]
            assert datetime.fromisoformat(status["fetchedAt"]) <= datetime.now(UTC)
    assert after["totals"] == before["totals"]
    assert {account["status"]["state"] for account in after["accounts"]} == {"STALE"}


def test_a_source_that_recovers_is_used_again(server: RunningServer) -> None:
    server.inject_fault(HOSTS["RETRO_ACHIEVEMENTS"], status=503, times=1)
    first = server.execute('{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "101") { name } }')

    second = server.execute('{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "101") { name } }')

    assert first.codes == {"trophyTitle": "UPSTREAM_UNAVAILABLE"}
    assert second.data["trophyTitle"]["name"] == "Lantern Keep"


def test_a_source_that_fails_once_is_retried(server: RunningServer) -> None:
    server.upstreams.sandboxes[Source.TROPHY_SO].faults.clear()
    server.inject_fault(HOSTS["TROPHY_SO"], status=503, times=1)
    server.shared_services.retry_tokens.clear()

    answer = server.execute(EVERYTHING, {"accounts": [VEGA[2]]})

    assert get_states(answer.data["user"], "achievements") == {"TROPHY_SO": "OK"}


def test_a_player_with_hidden_trophies_is_private(server: RunningServer) -> None:
    accounts = [{"source": "PSN", "handle": "quiet_stranger"}, *VEGA[1:]]

    answer = server.execute(EVERYTHING, {"accounts": accounts})

    user = answer.partial_data["user"]
    counted = {f"user.totals.0.{field}" for field in TOTALS_BY_SOURCE["PSN"]}
    assert answer.codes == dict.fromkeys(counted, "PRIVATE")
    assert user["displayName"] == user["accounts"][0]["displayName"] == "quiet_stranger"
    for connection in ("trophyTitles", "achievements", "locked"):
        assert get_states(user, connection)["PSN"] == "PRIVATE"
        assert get_states(user, connection)["RETRO_ACHIEVEMENTS"] == "OK"
        assert get_shown_sources(user, connection) == SOURCES_BY_CONNECTION[connection] - {"PSN"}
    assert user["trophyTitles"]["totalCount"] is None


@pytest.mark.parametrize(
    "field",
    [
        'trophyTitle(nativeId: "NPWR00002_00") { name }',
        "accounts { ... on PsnAccount { trophySummary { level } } }",
    ],
)
def test_a_private_field_is_null_with_a_code(server: RunningServer, field: str) -> None:
    query = f'{{ user(accounts: [{{source: PSN, handle: "quiet_stranger"}}]) {{ {field} }} }}'

    answer = server.execute(query)

    assert answer.partial_data["user"]
    assert answer.error == {"code": "PRIVATE", "source": "PSN"}


@pytest.mark.parametrize(
    "handles",
    [
        ("nobody_here", "NobodyHere", "nobody"),
        ("9999999999999999999", "01H0000000000000000000000A", "nobody at all"),
    ],
)
def test_an_unknown_account_keeps_its_position(
    server: RunningServer, handles: tuple[str, ...]
) -> None:
    accounts = [
        {"source": source, "handle": handle} for source, handle in zip(HOSTS, handles, strict=True)
    ]

    user = server.fetch_data(EVERYTHING, {"accounts": accounts})["user"]

    assert user["displayName"] is None
    for name, handle, account in zip(HOSTS, handles, user["accounts"], strict=True):
        assert (account["source"], account["handle"]) == (name, handle)
        assert account["displayName"] is None
        assert account["status"]["state"] == "NOT_FOUND"
        assert account["status"]["fetchedAt"] is None
    for totals in user["totals"]:
        assert {value for field, value in totals.items() if field != "source"} == {None}
    for connection in CONNECTIONS:
        assert user[connection]["edges"] == []
        assert user[connection].get("totalCount") is None
        assert set(get_states(user, connection)) == SOURCES_BY_CONNECTION[connection]
        assert set(get_states(user, connection).values()) == {"NOT_FOUND"}
    assert user["awards"]["summary"] is None


def test_an_unknown_account_is_not_mistaken_for_one_that_has_nothing(server: RunningServer) -> None:
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": "EmptyEda"}]

    user = server.fetch_data(EVERYTHING, {"accounts": accounts})["user"]

    assert user["totals"] == [
        {
            "source": "RETRO_ACHIEVEMENTS",
            "titles": 0,
            "earned": None,
            "points": 0,
            "awards": 0,
        }
    ]
    for connection in ("trophyTitles", "achievements", "awards"):
        assert get_states(user, connection) == {"RETRO_ACHIEVEMENTS": "OK"}


@pytest.mark.slow
@pytest.mark.parametrize("missing", HOSTS)
def test_a_source_without_settings_is_not_configured(tmp_path: Path, missing: str) -> None:
    others = [source for source in Source if source.name != missing]
    settings = {**operator_settings(*others), "TROPHYCASE_STATE_DIR": str(tmp_path)}
    with run_server(sandbox=False, **settings) as server:
        answer = server.execute(EVERYTHING, {"accounts": VEGA})

        user = answer.partial_data["user"]
        assert set(answer.codes.values()) == {"SOURCE_NOT_CONFIGURED"}
        for connection in CONNECTIONS:
            if missing in SOURCES_BY_CONNECTION[connection]:
                assert get_states(user, connection)[missing] == "NOT_CONFIGURED"
            assert get_shown_sources(user, connection) == SOURCES_BY_CONNECTION[connection] - {
                missing
            }
        place = list(HOSTS).index(missing)
        assert user["accounts"][place]["handle"] == VEGA[place]["handle"]
        assert user["accounts"][place]["status"]["state"] == "NOT_CONFIGURED"
        assert missing not in server.count_upstream_calls()
        viewer = server.fetch_data("{ viewer { accounts { source } } }")["viewer"]["accounts"]
        assert [account["source"] for account in viewer] == [source.name for source in others]


def test_without_configured_sources_there_is_no_viewer(tmp_path: Path) -> None:
    with run_server(sandbox=False, TROPHYCASE_STATE_DIR=str(tmp_path)) as server:
        answer = server.execute("{ viewer { id } sources { source status { state } } }")

    assert answer.data["viewer"] is None
    assert {each["status"]["state"] for each in answer.data["sources"]} == {"NOT_CONFIGURED"}


def test_a_failing_host_is_not_called_after_five_failures(server: RunningServer) -> None:
    server.inject_fault(HOSTS["TROPHY_SO"], status=503)
    query = '{ user(accounts: [{source: TROPHY_SO, handle: "%s"}]) { displayName } }'
    answers = [server.execute(query % f"user {number}") for number in range(8)]

    assert {answer.error["code"] for answer in answers} == {"UPSTREAM_UNAVAILABLE"}
    assert server.count_upstream_calls() == {"TROPHY_SO": 5}
    assert answers[-1].error["retryAfter"] >= 1
    assert answers[-1].upstream_calls in (NO_CALLS, {"TROPHY_SO": 1})


EARLY_ENDS: list[Any] = [
    ("trophyTitles(sources: [PSN])", "/trophyTitles", {"trophyTitles": []}),
    ("achievements(sources: [PSN])", "/trophyTitles", {"trophyTitles": []}),
    ("friends", "/friends", {"friends": ["1000000000000000002"]}),
    ("playedGames", "gamelist", {"titles": [{"titleId": "PPSA00001_00"}], "nextOffset": None}),
    ("trophyTitles(sources: [RETRO_ACHIEVEMENTS])", "CompletionProgress", {"Results": []}),
    ("messageGroups", "me/groups", {"groups": []}),
]


@pytest.mark.parametrize(("field", "path", "body"), EARLY_ENDS)
def test_a_list_that_ends_before_its_total_says_so(
    server: RunningServer, field: str, path: str, body: dict[str, Any]
) -> None:
    totals = {"totalItemCount": 7, "Total": 7, "totalGroupCount": 7}
    server.inject_fault(path, status=200, body={**body, **totals})
    selection = f"list: {field} {{ sources {{ state message }} }}"
    if "(" not in field:
        selection = f"accounts {{ ... on PsnAccount {{ {selection} }} }}"
    found = server.fetch_data(f"{{ viewer {{ {selection} }} }}")["viewer"]
    listed = found["list"] if "list" in found else found["accounts"][0]["list"]
    (status,) = listed["sources"]
    assert status["state"] == "UNAVAILABLE"
    assert "only a part" in status["message"]
