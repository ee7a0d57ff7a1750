"""Every way an upstream can fail, as the caller of the graph meets it.

What each failure is taken for is proven in `tests/providers/kit/test_fetch.py`, and that every
list keeps what the other sources know in `tests/resolvers/test_status.py`.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.kit.sandbox import Fault
from providers.registry import Source
from tests.asking import FRESH, NO_HEADERS, VEGA, Answer, Server, configured, serving

PEOPLE = """
query ($accounts: [AccountInput!]!) {
  user(accounts: $accounts) {
    accounts { source displayName status { state retryAfter fetchedAt } }
  }
}
"""
# Where each source is asked for a person, once.
PROFILES = {
    "PSN": r"playstation.*/profiles",
    "RETRO_ACHIEVEMENTS": r"^retroachievements\.org",
    "TROPHY_SO": r"^api\.trophy\.so",
}
RETRO = PROFILES["RETRO_ACHIEVEMENTS"]
DEADLINE = "0.4"
SECRET = "internal upstream words"
WHOLE = json.dumps({"name": SECRET}).encode()
ZIPPED = gzip.compress(WHOLE * 50)
GZIP = {"Content-Encoding": "gzip"}

FAILING: dict[str, tuple[dict[str, Any], int]] = {
    "500": ({"status": 500, "body": SECRET}, 3),
    "502": ({"status": 502, "body": SECRET}, 3),
    "503": ({"status": 503, "body": SECRET}, 3),
    "504": ({"status": 504, "body": SECRET}, 3),
    "reset": ({"reset": True}, 2),
}
UNREADABLE: dict[str, tuple[dict[str, Any], int]] = {
    "half of it": ({"truncate": True}, 1),
    "no json": ({"status": 200, "body": "{]"}, 1),
    "html": ({"status": 200, "body": f"<p>{SECRET}</p>"}, 1),
    "nothing": ({"status": 200, "body": b""}, 1),
    "not a number": ({"status": 200, "body": b'{"User": NaN}'}, 1),
    "not utf-8": ({"status": 200, "body": b'{"User": "\xff\xfe"}'}, 1),
    "not gzip": ({"status": 200, "body": WHOLE, "headers": GZIP}, 1),
    "half of a gzip": ({"status": 200, "body": ZIPPED[:-20], "headers": GZIP}, 2),
    "a number": ({"status": 200, "body": 7}, 1),
    "a text": ({"status": 200, "body": b'"text"'}, 1),
    "null": ({"status": 200, "body": b"null"}, 1),
}
BUSY: dict[str, tuple[dict[str, str], set[int]]] = {
    "retry-after": ({"Retry-After": "77"}, {76, 77}),
    "too long": ({"Retry-After": "9999999"}, {86_399, 86_400}),
    "no time": ({}, {14, 15}),
}
STANDING_IN: dict[str, dict[str, Any]] = {
    "503": {"status": 503},
    "reset": {"reset": True},
    "hang": {"hang": True},
    "429": {"status": 429, "headers": {"Retry-After": "77"}},
    "html": {"status": 200, "body": "<html>"},
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """Repeat without the pause, which is by chance and only takes time."""

    def no_pause(_least: float, _most: float) -> float:
        return 0

    monkeypatch.setattr("random.uniform", no_pause)


@pytest.fixture
def hasty() -> Iterator[Server]:
    """A server that gives an operation little time."""
    with serving(TROPHYCASE_DEADLINE=DEADLINE) as running:
        yield running


def mend(server: Server) -> None:
    """Let all be well, once nobody waits for a call from before any more."""
    server.run(server.kit.observer.landed(10))
    server.mend()


def ask(server: Server, headers: dict[str, str] | None = None) -> Answer:
    return server.ask(PEOPLE, {"accounts": VEGA}, headers)


def served(server: Server) -> None:
    """Everything is well, for everybody."""
    accounts = ask(server).data["user"]["accounts"]
    assert all(account["displayName"] for account in accounts)
    assert {account["status"]["state"] for account in accounts} == {"OK"}


def failed_alone(answer: Answer, broken: str, code: str, state: str) -> dict[str, Any]:
    """The broken source's name is null with its code, the others are told; its error."""
    place = list(PROFILES).index(broken)
    assert answer.status == 200
    assert answer.codes == {f"user.accounts.{place}.displayName": code}
    assert answer.error["source"] == broken
    assert SECRET not in str(answer.body)
    for account in answer.partial["user"]["accounts"]:
        well = account["source"] != broken
        assert (account["displayName"] is not None) is well
        assert account["status"]["state"] == ("OK" if well else state)
    return answer.error


@pytest.mark.parametrize("fault", FAILING)
@pytest.mark.parametrize("broken", PROFILES)
def test_a_failing_source_is_tried_again_then_told_then_served_when_it_is_well(
    server: Server, broken: str, fault: str
) -> None:
    how, tries = FAILING[fault]
    server.upstreams.fault(Fault(PROFILES[broken], **how))

    error = failed_alone(ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")

    assert "retryAfter" not in error
    assert server.asked() == {**dict.fromkeys(PROFILES, 1), broken: tries}
    server.mend()
    served(server)


def test_a_host_that_nobody_answers_for_is_tried_three_times(tmp_path: Path) -> None:
    nowhere = {"RETROACHIEVEMENTS_URL": "https://nowhere.example"}
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), **nowhere}
    with serving(sandbox=False, **settings) as server:
        answer = ask(server)

    failed_alone(answer, "RETRO_ACHIEVEMENTS", "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")
    assert answer.calls["RETRO_ACHIEVEMENTS"] == 3


@pytest.mark.parametrize("fault", FAILING)
def test_a_failure_that_passes_is_not_seen(server: Server, fault: str) -> None:
    server.upstreams.fault(Fault(RETRO, **FAILING[fault][0], times=1))

    served(server)

    assert server.asked()["RETRO_ACHIEVEMENTS"] == 2


@pytest.mark.parametrize("fault", UNREADABLE)
@pytest.mark.parametrize("broken", PROFILES)
def test_an_answer_that_cannot_be_read_is_told_and_not_kept(
    server: Server, broken: str, fault: str
) -> None:
    how, tries = UNREADABLE[fault]
    server.upstreams.fault(Fault(PROFILES[broken], **how))

    failed_alone(ask(server), broken, "UPSTREAM_BAD_RESPONSE", "UNAVAILABLE")

    assert server.asked()[broken] == tries
    server.mend()
    served(server)


@pytest.mark.parametrize("broken", PROFILES)
def test_a_source_that_hangs_is_given_up_and_the_next_request_is_served(
    hasty: Server, broken: str
) -> None:
    hasty.upstreams.fault(Fault(PROFILES[broken], hang=True))

    failed_alone(ask(hasty), broken, "UPSTREAM_TIMEOUT", "UNAVAILABLE")

    assert hasty.asked()[broken] == 1
    mend(hasty)
    served(hasty)


@pytest.mark.parametrize("wait", BUSY)
@pytest.mark.parametrize("broken", PROFILES)
def test_a_source_that_asks_to_wait_is_asked_once_and_left_alone(
    server: Server, broken: str, wait: str
) -> None:
    headers, seconds = BUSY[wait]
    server.upstreams.fault(Fault(PROFILES[broken], status=429, body=SECRET, headers=headers))

    for _ in range(2):
        error = failed_alone(ask(server), broken, "UPSTREAM_RATE_LIMITED", "RATE_LIMITED")
        assert error["retryAfter"] in seconds
    assert server.asked()[broken] == 1


def test_the_time_of_the_next_call_may_come_in_another_header(server: Server) -> None:
    headers = {"X-RateLimit-Next-Available": "2999-01-01T00:00:00Z"}
    server.upstreams.fault(Fault(RETRO, status=429, headers=headers))

    error = failed_alone(ask(server), "RETRO_ACHIEVEMENTS", "UPSTREAM_RATE_LIMITED", "RATE_LIMITED")

    assert error["retryAfter"] == 86_400


def test_a_wait_that_is_over_before_the_deadline_is_waited(server: Server) -> None:
    server.upstreams.fault(Fault(RETRO, status=429, headers={"Retry-After": "0"}, times=1))

    served(server)

    assert server.asked()["RETRO_ACHIEVEMENTS"] == 2


@pytest.mark.parametrize("broken", PROFILES)
def test_after_five_failures_a_source_rests_and_its_return_is_noticed(
    server: Server, broken: str
) -> None:
    server.fail(PROFILES[broken], status=503)
    for _ in range(5):
        error = failed_alone(ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")
        assert "retryAfter" not in error
    server.mend()

    resting = failed_alone(ask(server), broken, "UPSTREAM_UNAVAILABLE", "UNAVAILABLE")

    assert resting["retryAfter"] in range(1, 6)
    assert server.asked()[broken] == 5
    for breaker in server.kit.breakers.values():
        breaker.open_until = 0
    served(server)
    assert server.asked()[broken] == 6


def test_a_source_rests_no_longer_for_failing_many_at_once(server: Server) -> None:
    query = "query ($accounts: [AccountInput!]!) { user(accounts: $accounts) { displayName } }"
    many = [{"accounts": [{"source": "TROPHY_SO", "handle": f"user {each}"}]} for each in range(8)]
    server.fail(PROFILES["TROPHY_SO"], status=503, delay=1)  # so that all are under way

    server.together(query, [(variables, NO_HEADERS) for variables in many])

    assert server.asked() == {"TROPHY_SO": 8}
    resting = server.ask(query, many[0]).error
    assert resting["code"] == "UPSTREAM_UNAVAILABLE"
    assert resting["retryAfter"] in range(1, 6)


@pytest.mark.parametrize("fault", STANDING_IN)
@pytest.mark.parametrize("broken", PROFILES)
def test_what_was_answered_before_stands_in_and_says_so(broken: str, fault: str) -> None:
    with serving(TROPHYCASE_DEADLINE="1" if fault == "hang" else "10") as server:
        before = ask(server).data["user"]["accounts"]
        server.fail(PROFILES[broken], **STANDING_IN[fault])

        after = ask(server, FRESH).data["user"]["accounts"]

    for old, new in zip(before, after, strict=True):
        stale = new["source"] == broken
        assert new["displayName"] == old["displayName"]
        assert new["status"]["state"] == ("STALE" if stale else "OK")
        if stale:
            assert datetime.fromisoformat(new["status"]["fetchedAt"]) <= datetime.now(UTC)


def test_an_absence_is_remembered_and_opens_no_breaker(server: Server) -> None:
    query = """{
      gone: user(accounts: [{source: RETRO_ACHIEVEMENTS, handle: "NobodyHere"}]) {
        accounts { displayName status { state } }
      }
      hidden: user(accounts: [{source: PSN, handle: "quiet_stranger"}]) {
        trophyTitles { edges { cursor } sources { state } }
      }
    }"""
    for _ in range(7):
        data = server.data(query)
        assert data["gone"]["accounts"] == [{"displayName": None, "status": {"state": "NOT_FOUND"}}]
        assert data["hidden"]["trophyTitles"] == {"edges": [], "sources": [{"state": "PRIVATE"}]}

    assert server.asked()["RETRO_ACHIEVEMENTS"] == 1
    assert sum(count for name, count in server.psn.calls.items() if "trophyTitles" in name) == 1
    served(server)


def test_a_token_that_expires_on_the_way_is_not_seen(server: Server) -> None:
    served(server)
    server.psn.expire_access_tokens()

    accounts = ask(server, FRESH).data["user"]["accounts"]

    assert {account["status"]["state"] for account in accounts} == {"OK"}
    assert server.asked()["PSN"] == 3  # one was refused, and repeated with a new token


def test_a_dead_sign_in_of_the_operators_is_told_and_the_others_are_served(tmp_path: Path) -> None:
    settings = {**configured(*Source), "TROPHYCASE_STATE_DIR": str(tmp_path), "PSN_NPSSO": "N" * 64}
    with serving(sandbox=False, **settings) as server:
        answer = ask(server)
        ready = server.request("GET", "/readyz").json()

    failed_alone(answer, "PSN", "UPSTREAM_UNAUTHENTICATED", "UNAUTHENTICATED")
    assert ready["sources"]["PSN"] == "degraded"


def test_a_dead_sign_in_of_a_callers_is_his_own_affair(server: Server) -> None:
    headers = {"x-client-id": "c", "x-client-secret": "s", "x-npsso": "N" * 64}

    answer = ask(server, headers)

    failed_alone(answer, "PSN", "UNAUTHENTICATED", "UNAUTHENTICATED")
    served(server)


@pytest.mark.parametrize(
    ("message", "code", "calls"),
    [
        ("User is not enrolled inside the program!", "NOT_ENROLLED", 1),
        (SECRET, "UPSTREAM_BAD_RESPONSE", 2),
    ],
)
def test_an_error_inside_an_answer_is_told_by_its_code(
    server: Server, message: str, code: str, calls: int
) -> None:
    query = """
        query ($accounts: [AccountInput!]!) {
          user(accounts: $accounts) { campaigns { name } accounts { displayName } }
        }
    """
    root = "campaignGroupRetrieve"
    body = {"data": {root: None}, "errors": [{"message": message, "path": [root]}]}
    server.fail("graphql/v1/op", status=200, body=body)

    for _ in range(2):  # an absence is believed for a while, a failure is not
        answer = server.ask(query, {"accounts": VEGA})
        assert answer.codes == {"user.campaigns": code}
        assert answer.error["source"] == "PSN"
        assert answer.partial["user"]["campaigns"] is None
        assert all(account["displayName"] for account in answer.partial["user"]["accounts"])
        assert message not in str(answer.body)
    asked = sum(count for name, count in server.psn.calls.items() if "graphql" in name)
    assert asked == calls


def test_too_many_at_once_are_told_to_come_back_and_the_others_are_answered() -> None:
    with serving(TROPHYCASE_DEADLINE="3") as server:
        server.fail(RETRO, hang=True)

        answers = server.together(PEOPLE, [({"accounts": VEGA}, NO_HEADERS)] * 203)

        refused = [answer for answer in answers if answer.status == 503]
        assert 1 <= len(refused) <= 3
        for answer in refused:
            assert answer.error_codes == {"OVERLOADED"}
            assert answer.headers["retry-after"] == "1"
        assert {answer.status for answer in answers} == {200, 503}
        mend(server)
        served(server)


def test_a_body_that_is_too_large_asks_nobody(server: Server) -> None:
    body = json.dumps({"query": PEOPLE + "#" * 1536 * 1024, "variables": {"accounts": VEGA}})

    refused = server.request(
        "POST", "/graphql", content=body, headers={"Content-Type": "application/json"}
    )

    assert refused.status_code == 413
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert server.asked() == {}
    served(server)
