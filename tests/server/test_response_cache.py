"""A response is served again only while all that it was built from is unchanged."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from providers.kit.caching.cache import Cache
from providers.kit.caching.cache_key import CacheKey
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID
from schema.federated_schema import FederatedSchema
from server import response_cache
from tests.harness import NO_CACHE_HEADERS, RunningServer, run_server
from tests.server.cache_age import age_cache
from tests.server.test_response_cache_differential import TIMELINE, TITLES

TITLE_LIST = "{ viewer { trophyTitles(first: 9, sources: [PSN]) { edges { node { name } } } } }"
WITH_CONTENT = """{ viewer { trophyTitles(first: 1, sources: [PSN]) { edges { node {
  nativeId achievements { nativeId earned }
} } } } }"""
FRIENDS = """{ viewer { accounts { ... on PsnAccount {
  friends(first: 9) { edges { node { handle } } }
} } } }"""
REMOVE_FRIEND = """mutation ($input: RemovePsnFriendInput!) {
  removePsnFriend(input: $input) { removed { id } }
}"""
READER_KEY, GUEST_KEY = "r" * 32, "g" * 32
OWN_CREDENTIAL = {
    "x-retroachievements-username": "OtherPlayer",
    "x-retroachievements-key": "k" * 32,
}
LIST_SECONDS = 100  # beyond the list's life, within everything else's


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The operations that were executed, by name."""
    executed: list[str | None] = []
    run = FederatedSchema.run

    async def record(self: FederatedSchema, prepared: Any, name: str | None, *rest: Any) -> Any:
        executed.append(name)
        return await run(self, prepared, name, *rest)

    monkeypatch.setattr(FederatedSchema, "run", record)
    return executed


def _ask(
    server: RunningServer,
    query: str,
    variables: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    return server.execute(query, variables, headers).body


def _drop_progress(value: Any) -> Any:
    """Return the data without any field `progress`."""
    if isinstance(value, list):
        return [_drop_progress(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, Any]", value)
    return {name: _drop_progress(each) for name, each in members.items() if name != "progress"}


@pytest.mark.slow
@pytest.mark.parametrize("query", [TITLES, TIMELINE, "{ __typename }"])
def test_a_response_that_needed_no_call_is_not_built_again(
    server: RunningServer, executions: list[str | None], query: str
) -> None:
    first, second, third = (_ask(server, query) for _ in range(3))
    assert len(executions) == (1 if query == "{ __typename }" else 2)
    assert second["data"] == third["data"]
    assert second["extensions"] == third["extensions"]
    # A list of Xbox learns from its titles how many achievements they have.
    assert _drop_progress(first["data"]) == _drop_progress(second["data"])


def test_an_expired_list_costs_one_call_and_no_execution(
    server: RunningServer, executions: list[str | None]
) -> None:
    _ask(server, TITLE_LIST)
    before = _ask(server, TITLE_LIST)
    executions.clear()
    age_cache(server, LIST_SECONDS)
    after = _ask(server, TITLE_LIST)
    assert executions == []
    assert after["data"] == before["data"]
    assert after["extensions"]["upstream"]["calls"] == {"PSN": 1}
    assert _ask(server, TITLE_LIST)["extensions"]["upstream"]["calls"] == {}


def test_only_what_may_have_changed_is_looked_up_again(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, executions: list[str | None]
) -> None:
    monkeypatch.setattr(response_cache, "MAX_UNCHECKED_SECONDS", 60)
    looked_up: list[CacheKey] = []
    find_entry = Cache.find_entry

    def record(self: Cache, policy: Any, scope: str, full_key: CacheKey) -> Any:
        looked_up.append(full_key)
        return find_entry(self, policy, scope, full_key)

    monkeypatch.setattr(Cache, "find_entry", record)
    *_, before = (_ask(server, WITH_CONTENT) for _ in range(3))
    _ask(server, FRIENDS)
    looked_up.clear()
    assert _ask(server, WITH_CONTENT)["data"] == before["data"]
    assert (looked_up, len(executions)) == ([], 3)
    age_cache(server, LIST_SECONDS)
    assert _ask(server, WITH_CONTENT)["data"] == before["data"]
    looked_up.clear()
    assert _ask(server, WITH_CONTENT)["data"] == before["data"]
    assert len(looked_up) <= 1
    assert len(executions) == 3


def test_a_change_in_the_list_is_seen_once_it_is_loaded_again(server: RunningServer) -> None:
    _ask(server, WITH_CONTENT)
    before = _ask(server, WITH_CONTENT)
    (edge,) = before["data"]["viewer"]["trophyTitles"]["edges"]
    locked = next(each for each in edge["node"]["achievements"] if not each["earned"])
    title, trophy = edge["node"]["nativeId"], int(locked["nativeId"])
    server.psn.unlock(OWNER_ACCOUNT_ID, title, trophy, "2026-10-01T00:00:00Z")
    age_cache(server, LIST_SECONDS)
    _ask(server, WITH_CONTENT)  # is served while the list is revalidated
    (edge,) = _ask(server, WITH_CONTENT)["data"]["viewer"]["trophyTitles"]["edges"]
    earned = {each["nativeId"] for each in edge["node"]["achievements"] if each["earned"]}
    assert locked["nativeId"] in earned


def test_a_failing_source_is_called_once(server: RunningServer) -> None:
    _ask(server, TITLE_LIST)
    _ask(server, TITLE_LIST)
    age_cache(server, 90_000)
    server.inject_fault("trophyTitles", status=503)
    before = server.count_upstream_calls()["PSN"]
    _ask(server, TITLE_LIST)
    assert server.count_upstream_calls()["PSN"] == before + 1


def test_no_cache_asks_the_source_again(server: RunningServer) -> None:
    _ask(server, TITLE_LIST)
    _ask(server, TITLE_LIST)
    answer = _ask(server, TITLE_LIST, headers=NO_CACHE_HEADERS)
    assert answer["extensions"]["upstream"]["calls"]["PSN"] >= 1


@pytest.mark.slow
def test_variables_languages_and_operation_names_have_responses_of_their_own(
    server: RunningServer,
) -> None:
    query = "query A($n: Int!) { viewer { trophyTitles(first: $n) { edges { node { name } } } } }"
    query += " query B { __typename }"

    def ask(name: str, first: int, language: str) -> Any:
        members = {"query": query, "operationName": name, "variables": {"n": first}}
        headers = {"accept-language": language}
        return server.request("POST", "/graphql", json=members, headers=headers).json()["data"]

    cases = [("A", 1, "en"), ("A", 2, "en"), ("B", 1, "en"), ("A", 1, "de")]
    answers = [[ask(*case) for case in cases] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] != answers[0][1]
    assert answers[0][2] == {"__typename": "Query"}


def test_a_caller_with_their_own_key_never_gets_the_operators_response() -> None:
    with run_server() as server:
        operator = [_ask(server, "{ viewer { id } }") for _ in range(3)][-1]
        own = _ask(server, "{ viewer { id } }", headers=OWN_CREDENTIAL)
        assert own.get("data") != operator["data"]


def test_api_keys_of_other_scopes_have_responses_of_their_own() -> None:
    with run_server(
        TROPHYCASE_API_KEYS=f"reader:{READER_KEY}:read,guest:{GUEST_KEY}:public"
    ) as server:
        for _ in range(3):
            reader, guest = (
                _ask(server, "{ viewer { id } }", headers={"authorization": f"Bearer {key}"})
                for key in (READER_KEY, GUEST_KEY)
            )
            assert reader["data"]["viewer"]["id"]
            assert guest["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_what_depends_on_the_time_is_always_executed(
    server: RunningServer, executions: list[str | None]
) -> None:
    for _ in range(3):
        _ask(server, "{ viewer { campaigns { remainingSeconds } } sources { budget { limit } } }")
    assert len(executions) == 3


@pytest.mark.slow
def test_a_write_is_seen_by_the_next_request(server: RunningServer) -> None:
    def list_friends() -> list[str]:
        accounts = _ask(server, FRIENDS)["data"]["viewer"]["accounts"]
        (friends,) = [each["friends"] for each in accounts if each]
        return [edge["node"]["handle"] for edge in friends["edges"]]

    first = [list_friends() for _ in range(3)][-1][0]
    variables = {"input": {"handle": first}}
    removed = _ask(server, REMOVE_FRIEND, variables)
    assert "errors" not in removed, removed
    assert first not in list_friends()


def test_a_response_with_the_time_of_fetching_is_built_anew_when_a_value_is_loaded(
    server: RunningServer, executions: list[str | None]
) -> None:
    query = TITLE_LIST.replace("edges", "sources { fetchedAt } edges")
    for _ in range(3):
        _ask(server, query)
    executions.clear()
    age_cache(server, LIST_SECONDS)
    _ask(server, query)
    assert len(executions) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"query": "{ __typename }", "variables": {"unused": "x" * 1_000_000}},
        {"query": "{ __typename } #" + "x" * 50_000},
    ],
)
def test_what_a_caller_sends_counts_for_the_memory_of_stored_responses(
    monkeypatch: pytest.MonkeyPatch, executions: list[str | None], members: dict[str, Any]
) -> None:
    monkeypatch.setattr(response_cache, "MAX_RESPONSE_BYTES", 50_000)
    with run_server() as server:
        for _ in range(2):
            server.request("POST", "/graphql", json=members)
    assert len(executions) == 2


def test_a_response_over_the_limit_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, executions: list[str | None]
) -> None:
    monkeypatch.setattr(response_cache, "MAX_RESPONSE_BYTES", 100)
    with run_server() as server:
        for _ in range(3):
            _ask(server, TITLE_LIST)
    assert len(executions) == 3
