"""Counts of what a user has earned, compared with the timeline and with the sandboxes' own data."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from tests.benchmarks.sandbox_data import NOW, add_retro_player
from tests.harness import (
    EVERYWHERE,
    NO_CALLS,
    PSN_VEGA,
    RETRO_VEGA,
    STEAM_VEGA,
    VEGA,
    XBOX_VEGA,
    RunningServer,
    run_server,
)
from tests.resolvers import expected_data
from tests.resolvers.paging import fetch_all_edges, get_nodes
from tests.server.caller_headers import OWNER_ON_PSN, SECOND_ON_PSN

STATISTICS = """
query ($accounts: [AccountInput!]!, $by: StatisticsDimension!, $sources: [Source!],
       $since: DateTime, $until: DateTime, $maxTitles: Int! = 1000) {
  user(accounts: $accounts) {
    statistics(by: $by, sources: $sources, since: $since, until: $until, maxTitles: $maxTitles) {
      by total unknown unreadTitles
      buckets { key count }
      sources { source state }
    }
  }
}
"""
TIMELINE = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String) {
  user(accounts: $accounts) {
    achievements(first: $first, after: $after) {
      edges { cursor node {
        source nativeId earnedAt grade rarity { band } title { nativeId platforms }
      } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
DIMENSIONS = ("DAY", "MONTH", "PLATFORM", "SOURCE", "RARITY", "GRADE")
# No title has to be opened for these.
LISTED = ("SOURCE", "PLATFORM", "GRADE")


def fetch_statistics(
    server: RunningServer, by: str, accounts: list[Any] = EVERYWHERE, **arguments: Any
) -> Any:
    data = server.fetch_data(STATISTICS, {"accounts": accounts, "by": by, **arguments})
    return data["user"]["statistics"]


def fetch_buckets(server: RunningServer, by: str, **arguments: Any) -> Counter[str]:
    found = fetch_statistics(server, by, **arguments)
    return Counter({each["key"]: each["count"] for each in found["buckets"]})


def read_key(node: Any, by: str) -> str | None:
    """Return the bucket that a node of the timeline belongs to."""
    when, title = node["earnedAt"], node["title"]
    keys = {
        "DAY": when and when[:10],
        "MONTH": when and when[:7],
        "SOURCE": node["source"],
        "RARITY": node["rarity"] and node["rarity"]["band"],
        "GRADE": node["grade"],
        "PLATFORM": (title and ", ".join(title["platforms"] or ())) or None,
    }
    return keys[by]


@pytest.mark.slow
@pytest.mark.parametrize("by", DIMENSIONS)
def test_the_buckets_are_those_of_the_whole_timeline(server: RunningServer, by: str) -> None:
    edges = fetch_all_edges(server, TIMELINE, {"accounts": EVERYWHERE, "first": 100})
    expected = Counter(read_key(node, by) for node in get_nodes(edges))
    unknown = expected.pop(None, 0)

    found = fetch_statistics(server, by)

    assert {each["key"]: each["count"] for each in found["buckets"]} == expected
    assert (found["unknown"], found["total"]) == (unknown, len(edges))
    assert (found["by"], found["unreadTitles"]) == (by, 0)
    assert {each["state"] for each in found["sources"]} == {"OK"}


def test_the_counts_of_the_sources_are_those_of_the_sandboxes(server: RunningServer) -> None:
    expected = Counter(entry.source for entry in expected_data.expect_earned(server))

    assert fetch_buckets(server, "SOURCE", accounts=VEGA) == expected


def test_days_are_in_order_and_none_is_empty(server: RunningServer) -> None:
    found = fetch_statistics(server, "DAY", PSN_VEGA)

    days = [each["key"] for each in found["buckets"]]
    assert days == sorted(days)
    assert min(each["count"] for each in found["buckets"]) == 1


@pytest.mark.parametrize(
    ("by", "calls"), [("SOURCE", 1), ("GRADE", 1), ("PLATFORM", 1), ("MONTH", 14), ("RARITY", 14)]
)
def test_only_what_the_lists_do_not_tell_is_loaded(
    server: RunningServer, by: str, calls: int
) -> None:
    response = server.execute(STATISTICS, {"accounts": PSN_VEGA, "by": by})

    assert response.upstream_calls == {"PSN": calls}
    again = server.execute(STATISTICS, {"accounts": PSN_VEGA, "by": by})
    assert again.upstream_calls == NO_CALLS


def test_the_times_on_retroachievements_need_no_game(server: RunningServer) -> None:
    response = server.execute(STATISTICS, {"accounts": RETRO_VEGA, "by": "MONTH"})

    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}


def test_a_period_opens_only_the_titles_that_were_updated_in_it(server: RunningServer) -> None:
    updates = sorted(
        progress.updated_at
        for (account, _), progress in server.psn.database.trophy_progress.items()
        if account == OWNER_ACCOUNT_ID and progress.earned
    )
    since = updates[-3]

    response = server.execute(STATISTICS, {"accounts": PSN_VEGA, "by": "GRADE", "since": since})

    assert response.upstream_calls == {"PSN": 1 + 3}
    earned = [
        entry.moment
        for entry in expected_data.expect_earned(server)
        if entry.source == "PSN" and entry.moment is not None
    ]
    total = response.data["user"]["statistics"]["total"]
    assert total == sum(each.isoformat() >= since.replace("Z", "+00:00") for each in earned)


@pytest.mark.parametrize("by", ["DAY", "SOURCE"])
def test_an_empty_period_has_nothing_and_opens_nothing(server: RunningServer, by: str) -> None:
    moment = "2026-02-01T00:00:00Z"
    variables = {"accounts": EVERYWHERE, "by": by, "since": moment, "until": moment}

    response = server.execute(STATISTICS, variables)

    found = response.data["user"]["statistics"]
    assert (found["total"], found["unknown"], found["unreadTitles"]) == (0, 0, 0)
    assert {each["state"] for each in found["sources"]} == {"OK"}
    # The lists of Steam and Xbox are made of several responses.
    assert response.upstream_calls == {"PSN": 1, "TROPHY_SO": 1, "STEAM": 6, "XBOX": 1}


@pytest.mark.slow
def test_only_the_period_is_requested_of_retroachievements(server: RunningServer) -> None:
    add_retro_player(server.retro, "Weaver", 400)
    accounts = [{"source": "RETRO_ACHIEVEMENTS", "handle": "Weaver"}]
    since, middle = (NOW - timedelta(days=days) for days in (20, 10))
    period = {"since": since.isoformat(), "until": middle.isoformat()}

    response = server.execute(STATISTICS, {"accounts": accounts, "by": "DAY", **period})

    assert response.upstream_calls == {"RETRO_ACHIEVEMENTS": 1}
    late = fetch_statistics(server, "DAY", accounts, since=middle.isoformat())["total"]
    both = fetch_statistics(server, "DAY", accounts, since=since.isoformat())["total"]
    assert 0 < response.data["user"]["statistics"]["total"] == both - late


def test_two_periods_together_are_the_whole(server: RunningServer) -> None:
    moment = "2025-03-01T00:00:00+01:00"
    for by in ("MONTH", "RARITY"):
        before = fetch_buckets(server, by, accounts=VEGA, until=moment)
        after = fetch_buckets(server, by, accounts=VEGA, since=moment)
        assert before
        assert after
        assert before + after == fetch_buckets(server, by, accounts=VEGA)


def test_in_a_period_what_has_no_time_is_unknown(server: RunningServer) -> None:
    undated = fetch_statistics(server, "DAY", STEAM_VEGA)["unknown"]
    assert undated

    found = fetch_statistics(server, "SOURCE", STEAM_VEGA, until="1990-01-01T00:00:00Z")

    assert (found["buckets"], found["unknown"]) == ([], undated)


def test_titles_beyond_the_limit_are_counted_as_unknown(server: RunningServer) -> None:
    whole = fetch_statistics(server, "MONTH", PSN_VEGA)

    cut = fetch_statistics(server, "MONTH", PSN_VEGA, maxTitles=2)

    assert cut["total"] == whole["total"]
    assert cut["unknown"] > whole["unknown"]
    assert cut["unreadTitles"] == 13 - 2


def test_only_the_named_sources_are_counted(server: RunningServer) -> None:
    found = fetch_statistics(server, "SOURCE", PSN_VEGA, sources=["PSN", "XBOX"])

    assert [each["key"] for each in found["buckets"]] == ["PSN"]
    assert {each["source"]: each["state"] for each in found["sources"]} == {
        "PSN": "OK",
        "XBOX": "NOT_LINKED",
    }


@pytest.mark.parametrize("by", DIMENSIONS)
def test_a_failing_source_empties_no_other_one(server: RunningServer, by: str) -> None:
    others = fetch_statistics(server, by, [*RETRO_VEGA, *XBOX_VEGA])
    server.inject_fault("playstation", status=503)

    found = fetch_statistics(server, by, [*PSN_VEGA, *RETRO_VEGA, *XBOX_VEGA])

    states = {each["source"]: each["state"] for each in found["sources"]}
    assert states == {"PSN": "UNAVAILABLE", "RETRO_ACHIEVEMENTS": "OK", "XBOX": "OK"}
    assert (found["buckets"], found["total"]) == (others["buckets"], others["total"])


def test_titles_that_fail_are_unknown_and_not_left_out(server: RunningServer) -> None:
    server.inject_fault("npCommunicationIds/NPWR00001_00", status=503)

    found = fetch_statistics(server, "MONTH", PSN_VEGA)

    assert found["unreadTitles"] == 1
    assert found["unknown"] > 0
    assert found["total"] == fetch_statistics(server, "SOURCE", PSN_VEGA)["total"]
    assert found["sources"] == [{"source": "PSN", "state": "UNAVAILABLE"}]


def test_each_caller_gets_the_counts_of_their_own_accounts(server: RunningServer) -> None:
    query = "{ viewer { statistics(by: MONTH) { total buckets { key count } } } }"
    requests: list[Any] = [({}, headers) for headers in (OWNER_ON_PSN, SECOND_ON_PSN) * 2]

    owner, second, *again = [
        each.data["viewer"]["statistics"] for each in server.execute_concurrently(query, requests)
    ]

    assert owner["total"] == fetch_statistics(server, "MONTH", PSN_VEGA)["total"]
    assert second != owner
    assert again == [owner, second]


def test_an_account_that_does_not_exist_has_no_unlocks(server: RunningServer) -> None:
    nobody = [{"source": "PSN", "handle": "nobody_at_all"}]
    for by in DIMENSIONS:
        found = fetch_statistics(server, by, nobody)
        assert (found["buckets"], found["total"]) == ([], 0)
        assert found["sources"] == [{"source": "PSN", "state": "NOT_FOUND"}]


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"maxTitles": 0}, "maxTitles"),
        ({"maxTitles": 1001}, "maxTitles"),
        ({"sources": []}, "sources"),
    ],
)
def test_invalid_arguments_are_named(
    server: RunningServer, arguments: dict[str, Any], argument: str
) -> None:
    response = server.execute(STATISTICS, {"accounts": PSN_VEGA, "by": "DAY", **arguments})

    assert (response.error["code"], response.error["argument"]) == ("BAD_USER_INPUT", argument)
    assert response.upstream_calls == NO_CALLS


@pytest.mark.parametrize("since", ["2026-01-01T00:00:00", "yesterday", 7])
def test_a_period_without_an_offset_is_rejected(server: RunningServer, since: object) -> None:
    in_variable = server.execute(STATISTICS, {"accounts": PSN_VEGA, "by": "DAY", "since": since})
    literal = STATISTICS.replace("since: $since", f"since: {json.dumps(since)}")
    literal = literal.replace("$since: DateTime, ", "")
    in_document = server.execute(literal, {"accounts": PSN_VEGA, "by": "DAY"})

    assert in_variable.error_codes <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert in_document.error_codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert in_variable.errors
    assert "offset" in in_variable.errors[0]["message"]


def test_more_titles_than_the_limit_of_calls_are_refused_before_the_first_call() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="50") as server:
        variables = {"accounts": PSN_VEGA, "by": "MONTH", "maxTitles": 50}
        refused = server.execute(STATISTICS, variables)
        assert refused.error_codes == {"OPERATION_TOO_COSTLY"}
        assert server.count_upstream_calls() == NO_CALLS
        # A variable of the same kind, of which the lists tell everything.
        listed = server.execute(STATISTICS, {**variables, "by": "GRADE"})
        assert listed.data["user"]["statistics"]["total"]
        assert server.execute(STATISTICS, variables).error_codes == {"OPERATION_TOO_COSTLY"}
