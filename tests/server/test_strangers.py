"""Callers with credentials that no source has accepted yet, and wrong API keys."""

import json
import logging

import pytest

from providers.psn.sandbox import constants
from server.key_guesses import MAX_WRONG_KEYS, KeyGuesses
from tests.harness import RunningServer, run_server

KEYS = (
    "reader:key-of-the-reader:read,public:key-of-the-public:public,"
    "monitor:key-of-the-monitor:metrics"
)
READER, PUBLIC, MONITOR = (
    {"Authorization": f"Bearer key-of-the-{name}"} for name in ("reader", "public", "monitor")
)
OWN = {"x-trophy-so-user-id": "user-2", "x-trophy-so-api-key": "made-up-key"}
INTROSPECTION = [
    "{ __schema { types { name } } }",
    "{ _service { sdl } }",
    '{ a: __type(name: "User") { name } }',
]


def get_codes(server: RunningServer, query: str, headers: dict[str, str]) -> list[str]:
    errors = server.execute(query, headers=headers).body.get("errors", [])
    return [error["extensions"]["code"] for error in errors]


@pytest.mark.parametrize("query", INTROSPECTION)
def test_a_stranger_is_not_shown_the_schema(query: str) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert get_codes(server, query, OWN) == ["FORBIDDEN"]
        assert get_codes(server, query, READER) == []
        assert server.count_upstream_calls() == {}


@pytest.mark.slow
def test_without_introspection_a_key_still_gets_the_sdl_of_the_subgraph() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS, TROPHYCASE_INTROSPECTION="off") as server:
        assert get_codes(server, "{ _service { sdl } }", READER) == []
        assert get_codes(server, "{ _service { sdl } }", OWN) == ["FORBIDDEN"]


@pytest.mark.parametrize(("mode", "status"), [("on", 200), ("with-key", 401), ("off", 401)])
def test_own_credentials_can_be_refused(mode: str, status: int) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS, TROPHYCASE_OWN_CREDENTIALS=mode) as server:
        assert server.execute("{ __typename }", headers=OWN).status == status
        with_key = server.execute("{ __typename }", headers={**OWN, **READER})
        assert with_key.status == (401 if mode == "off" else 200)


def test_a_public_key_reads_other_players_and_nothing_of_the_operator() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        other = '{ user(accounts: [{source: PSN, handle: "second_player"}]) { displayName } }'
        assert server.fetch_data(other, headers=PUBLIC)["user"]["displayName"]
        assert get_codes(server, "{ viewer { displayName } }", PUBLIC) == ["FORBIDDEN"]
        me = '{ user(accounts: [{source: PSN, handle: "me"}]) { displayName } }'
        assert get_codes(server, me, PUBLIC) == ["UNAUTHENTICATED"]
        friend = (
            '{ user(accounts: [{source: PSN, handle: "second_player"}]) '
            "{ accounts { ... on PsnAccount { friendRelation } } } }"
        )
        accounts = server.fetch_data(friend, headers=PUBLIC)["user"]["accounts"]
        assert accounts == [{"friendRelation": None}]


@pytest.mark.slow
def test_a_public_key_reads_no_titles_of_the_operator_under_their_name_or_id() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        for handle in (constants.OWNER_ACCOUNT_ID, constants.OWNER_ONLINE_ID):
            accounts = f'accounts: [{{source: PSN, handle: "{handle}"}}]'
            titles = "trophyTitles { edges { cursor } sources { state } }"
            query = f"{{ user({accounts}) {{ {titles} }} }}"
            found = server.execute(query, headers=PUBLIC).data["user"]["trophyTitles"]
            assert found["edges"] == []
            assert found["sources"][0]["state"] != "OK"
            friends = "accounts { ... on PsnAccount { friends { edges { cursor } } } }"
            answer = server.execute(f"{{ user({accounts}) {{ {friends} }} }}", headers=PUBLIC)
            assert '"cursor"' not in json.dumps(answer.body)


def test_a_metrics_key_reads_the_metrics_alone() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert server.request("GET", "/metrics", headers=MONITOR).status_code == 200
        assert server.request("GET", "/metrics", headers=READER).status_code == 200
        assert server.request("GET", "/metrics", headers=PUBLIC).status_code == 403
        other = '{ user(accounts: [{source: PSN, handle: "second_player"}]) { displayName } }'
        assert get_codes(server, other, MONITOR) == ["FORBIDDEN"]


@pytest.mark.slow
def test_after_twenty_wrong_keys_in_a_minute_the_right_one_is_still_accepted() -> None:
    wrong = {"Authorization": "Bearer key-of-nobody-at-all"}
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        statuses = [server.execute("{ __typename }", headers=wrong).status for _ in range(30)]
        assert set(statuses[:MAX_WRONG_KEYS]) == {401}
        assert set(statuses[MAX_WRONG_KEYS:]) == {429}
        assert server.execute("{ __typename }", headers=READER).status == 200


def test_wrong_keys_are_summed_up_in_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    guesses = KeyGuesses(lambda: now)
    with caplog.at_level(logging.WARNING, "trophycase.requests"):
        for _ in range(1_000):
            guesses.record("192.0.2.1")
        assert len(caplog.records) <= 1
        now = 61.0
        assert not guesses.record("192.0.2.1")
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[3] for line in lines] == ["1", "1000"]
