"""Limits that hold while an operation runs, whatever was estimated before."""

from collections import Counter

import pytest

from schema.global_id import encode
from tests.harness import RunningServer, run_server

PLAYER = '{source: PSN, handle: "vega_north"}'
FIELDS = "edges { node { name earnedAt rarity { percent } title { name } } }"


def get_codes(body: dict[str, object]) -> set[str]:
    errors = body.get("errors", [])
    assert isinstance(errors, list)
    return {error["extensions"]["code"] for error in errors}  # pyright: ignore[reportUnknownVariableType] - JSON


def test_no_operation_makes_more_calls_than_it_may() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="5") as server:
        titles = "trophyTitles(first: 3) { edges { node { name achievements { name } } } }"
        answer = server.execute(f"{{ user(accounts: [{PLAYER}]) {{ {titles} }} }}")
        assert sum(server.count_upstream_calls().values()) <= 5
        if "errors" in answer.body:
            assert get_codes(answer.body) == {"OPERATION_TOO_COSTLY"}


def test_a_cursor_that_was_made_up_causes_no_more_calls_than_the_limit() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="12") as server:
        first = server.fetch_data(
            f"{{ user(accounts: [{PLAYER}]) {{ achievements(first: 1) {{ {FIELDS} "
            "pageInfo { endCursor } } } }"
        )
        cursor = first["user"]["achievements"]["pageInfo"]["endCursor"]
        before = sum(server.count_upstream_calls().values())
        for after in (cursor, encode("achievements", "2001-01-01")):
            page = f"achievements(first: 1, after: $after) {{ {FIELDS} }}"
            query = f"query ($after: String) {{ user(accounts: [{PLAYER}]) {{ {page} }} }}"
            server.execute(query, {"after": after})
            spent = sum(server.count_upstream_calls().values()) - before
            assert spent <= 12
            before += spent


@pytest.mark.slow
def test_followers_of_a_request_without_calls_left_load_for_themselves() -> None:
    with run_server(TROPHYCASE_MAX_CALLS="40") as server:
        query = f"{{ user(accounts: [{PLAYER}]) {{ achievements(first: 5) {{ {FIELDS} }} }} }}"
        answers = server.execute_concurrently(query, [({}, {}) for _ in range(8)])
        bodies = Counter(str(answer.body.get("data")) for answer in answers)
        assert len(bodies) == 1


@pytest.mark.slow
@pytest.mark.parametrize("aliases", [2, 40])
def test_equal_fields_under_several_aliases_are_completed_once_and_answered_each(
    server: RunningServer, aliases: int
) -> None:
    timeline = f"achievements(first: 20) {{ {FIELDS} }}"
    alone = server.fetch_data(f"{{ user(accounts: [{PLAYER}]) {{ {timeline} }} }}")
    repeated = " ".join(f"a{number}: {timeline}" for number in range(aliases))
    answer = server.execute(f"{{ user(accounts: [{PLAYER}]) {{ {repeated} }} }}")

    assert list(answer.data["user"]) == [f"a{number}" for number in range(aliases)]
    assert all(each == alone["user"]["achievements"] for each in answer.data["user"].values())


def test_each_of_several_equal_fields_that_fail_has_its_own_error(server: RunningServer) -> None:
    with_error = "level: accounts { ... on PsnAccount { trophySummary { level } } }"
    server.inject_fault("trophySummary", status=500)
    repeated = " ".join(
        f"a{number}: accounts {{ ... on PsnAccount {{ trophySummary {{ level }} }} }}"
        for number in range(3)
    )
    answer = server.execute(f"{{ user(accounts: [{PLAYER}]) {{ {repeated} {with_error} }} }}")
    paths = sorted(error["path"][1] for error in answer.body["errors"])
    assert paths == ["a0", "a1", "a2", "level"]


def test_an_invalid_document_is_validated_once(server: RunningServer) -> None:
    query = "{ viewer { nothing } }"
    first, second = server.execute(query).body, server.execute(query).body
    assert first["errors"] == second["errors"]
    assert first["errors"][0]["locations"] == [{"line": 1, "column": 12}]
