"""Whatever happens between requests, a stored response equals the one that execution gives."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID
from providers.registry import Source
from server.response_cache import ResponseCache
from tests.harness import NO_CACHE_HEADERS, RunningServer, operator_settings, run_server
from tests.server.cache_age import age_cache

pytestmark = pytest.mark.slow

TITLES = """{ viewer { trophyTitles(first: 5) { totalCount edges { cursor node {
  id name progress earnedCounts { total }
  achievements { nativeId name earned earnedAt grade hidden progress { current target } }
} } } } }"""
TIMELINE = """{ viewer { achievements(first: 40) {
  totalCount
  edges { cursor node { id name earnedAt title { name } group { nativeId } } }
  pageInfo { endCursor }
  sources { source state }
} } }"""
LOCKED = """{ viewer { achievements(first: 30, state: LOCKED, sources: [PSN]) {
  edges { node { name hidden title { nativeId } } }
  sources { state }
} } }"""
FRIEND = """{ user(accounts: [{source: PSN, handle: "%s"}]) {
  displayName
  trophyTitles(first: 3) { edges { node {
    id name groups { name earnedCounts { total } } rarestAchievements { name }
  } } }
} }"""
PEOPLE = """{ viewer { accounts { ... on PsnAccount {
  presence { onlineStatus titleName }
  friends(first: 5) { edges { node { handle } } }
  trophySummary { level }
} } } }"""
QUERIES = (
    "{ viewer { id displayName accounts { id handle source } } }",
    TITLES,
    TIMELINE,
    LOCKED,
    "{ viewer { awards(first: 9) { edges { node { name title { name } } } } } }",
    "{ viewer { campaigns { name status tasks { description } remainingSeconds } } }",
    FRIEND % FRIEND_ACCOUNT_ID,
    PEOPLE,
    '{ trophyTitle(source: RETRO_ACHIEVEMENTS, nativeId: "1") { name achievements { name } } }',
    "{ sources { source status { state } budget { limit } } }",
    "{ __schema { queryType { name } } _service { sdl } }",
    "{ viewer { achievements(first: 0) { totalCount } } }",
)
OTHER_LANGUAGE = {"accept-language": "de-DE"}
OWN_KEY = {"x-retroachievements-username": "VegaNorth", "x-retroachievements-key": "0" * 32}


@dataclass(frozen=True)
class Step:
    """One event: a request, or something that happens between requests."""

    name: str
    happen: Callable[[RunningServer], object]

    def __repr__(self) -> str:
        return self.name


def _ask(query: str, headers: Mapping[str, str] | None = None) -> Step:
    def send(server: RunningServer) -> object:
        response = server.request("POST", "/graphql", json={"query": query}, headers=headers)
        # The real clock decides it, which goes on between the two servers.
        return json.loads(REMAINING_SECONDS.sub("null", response.text))

    return Step(f"ask {query[:60]} {headers or ''}", send)


def _unlock_on_psn(server: RunningServer) -> None:
    sets = [
        each for account, each in server.psn.database.trophy_progress if account == OWNER_ACCOUNT_ID
    ]
    server.psn.unlock(OWNER_ACCOUNT_ID, sets[0], 1, "2026-02-01T00:00:00Z")


REMAINING_SECONDS = re.compile(r'(?<="remainingSeconds":)\d+')
EVENTS = (
    *(
        Step(f"age by {age}", lambda server, age=age: age_cache(server, age))
        for age in (31, 400, 90_000)
    ),
    Step("unlock on PSN", _unlock_on_psn),
    Step("fail PSN", lambda server: server.inject_fault("trophyTitles", status=503)),
    Step("recover", lambda server: server.clear_faults()),
)
REQUESTS = (
    *(_ask(query) for query in QUERIES),
    *(_ask(query, OTHER_LANGUAGE) for query in QUERIES[1:3]),
    *(_ask(query, NO_CACHE_HEADERS) for query in QUERIES[:3]),
    *(_ask(query, OWN_KEY) for query in QUERIES[:3]),
)


@st.composite
def _choose_steps(draw: st.DrawFn) -> list[Step]:
    """Choose few kinds of requests, so that each is repeated, with events between them."""
    asked = draw(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=3, unique_by=repr))
    return draw(
        st.lists(
            st.sampled_from(asked) | st.sampled_from(asked) | st.sampled_from(EVENTS),
            min_size=4,
            max_size=14,
        )
    )


def _play(steps: list[Step]) -> list[object]:
    # Steam's titles have a place that depends on the time of fetching, which differs between runs.
    sources = (Source.PSN, Source.RETRO_ACHIEVEMENTS, Source.TROPHY_SO)
    with run_server(sandbox=False, **operator_settings(*sources)) as server:
        return [(step.happen(server), dict(server.count_upstream_calls())) for step in steps]


@given(_choose_steps())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_stored_responses_and_calls_equal_those_of_execution(
    monkeypatch: pytest.MonkeyPatch, steps: list[Step]
) -> None:
    found = _play(steps)
    with monkeypatch.context() as patch:

        async def find_nothing(*_: object) -> None:
            return None

        patch.setattr(ResponseCache, "find", find_nothing)
        assert found == _play(steps)
