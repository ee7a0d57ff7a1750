"""The log line of an operation."""

import hashlib
import json
import logging
from typing import Any

import pytest

from providers.registry import Source
from tests.harness import PSN_VEGA, RunningServer, operator_settings, run_server

PROFILE_QUERY = "query Named($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
KEYS = "somebody:the-key-of-somebody:read"
KEY_HEADERS = {"Authorization": "Bearer the-key-of-somebody"}


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "trophycase")


def read_log_records(
    caplog: pytest.LogCaptureFixture, message: str = "operation"
) -> list[dict[str, Any]]:
    return [vars(each)["fields"] for each in caplog.records if each.message == message]


def read_log_record(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (only,) = read_log_records(caplog)
    return only


def test_an_operation_is_one_line_with_its_cost(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    record = read_log_record(caplog)
    assert record.pop("ms") >= 0
    assert record == {
        "request": answer.headers["x-request-id"],
        "operation": "Named",
        "type": "query",
        "document": hashlib.sha256(PROFILE_QUERY.encode()).hexdigest()[:16],
        "status": 200,
        "codes": [],
        "calls": answer.upstream_calls,
        "cached": answer.body["extensions"]["upstream"]["cached"],
        "coalesced": answer.body["extensions"]["upstream"]["coalesced"],
        "caller": "anonymous",
        "client": "127.0.0.1",
    }


def test_neither_variables_nor_the_query_are_logged(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    query = "query($who: [AccountInput!]!) { user(accounts: $who) { id } written: __typename }"
    server.execute(query, {"who": PSN_VEGA})
    text = json.dumps(read_log_record(caplog))
    assert PSN_VEGA[0]["handle"] not in text
    assert "written" not in text


def test_a_caller_is_logged_by_the_name_of_the_key(caplog: pytest.LogCaptureFixture) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        server.execute("{ __typename }", headers=KEY_HEADERS)
    assert read_log_record(caplog)["caller"] == "somebody"
    assert "the-key" not in caplog.text


def test_a_caller_with_own_credentials_is_logged_by_a_digest(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    own = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "app_sandbox.second"}
    server.execute("{ __typename }", headers=own)
    assert read_log_record(caplog)["caller"].startswith("own:")
    assert "vega" not in json.dumps(read_log_record(caplog))


def test_a_rejected_request_is_logged_with_its_code(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.request("POST", "/graphql", content=b"{", headers={"Content-Type": "application/json"})
    record = read_log_record(caplog)
    assert (record["status"], record["codes"], record["type"]) == (400, ["BAD_USER_INPUT"], "none")


def test_a_long_operation_name_is_cut(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.execute(f"query {'N' * 1000} {{ __typename }}")
    assert read_log_record(caplog)["operation"] == "N" * 200


def test_a_credential_as_operation_name_is_redacted(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    own = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "app_sandbox_second"}
    server.execute("query app_sandbox_second { __typename }", headers=own)
    assert read_log_record(caplog)["operation"] == "***"


def test_every_error_code_of_a_response_is_logged_once(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.inject_fault("np.playstation.com", status=500)
    server.execute(
        "query($who: [AccountInput!]!) { one: user(accounts: $who) { displayName } }",
        {"who": PSN_VEGA},
    )
    assert read_log_record(caplog)["codes"] == ["UPSTREAM_UNAVAILABLE"]


def test_a_persisted_operation_passed_through_is_logged_as_such(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    (query, *_) = server.services[Source.PSN].get_operator_client().get_persisted_queries()
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": query.sha256_hash}})
    given = {"operationName": query.name, "variables": "{}", "extensions": extensions}
    server.request("GET", "/api/graphql/v1/op", params=given)
    record = read_log_record(caplog)
    assert (record["type"], record["operation"]) == ("pass_through", query.name)


def test_the_explorers_page_is_not_logged(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.request("GET", "/graphql", headers={"Accept": "text/html"})
    server.request("GET", "/livez")
    assert read_log_records(caplog) == []


def test_each_source_is_logged_once_as_configured_or_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with run_server(sandbox=False, **operator_settings(Source.TROPHY_SO)) as server:
        server.execute("{ viewer { displayName } }")
        server.execute("{ viewer { displayName } }")
    assert read_log_records(caplog, "configured") == [{"source": "TROPHY_SO"}]
    missing = ["RETROACHIEVEMENTS_USERNAME", "RETROACHIEVEMENTS_API_KEY"]
    psn = {"source": "PSN", "missing": ["PSN_CLIENT_ID", "PSN_CLIENT_SECRET", "PSN_NPSSO"]}
    retro = {"source": "RETRO_ACHIEVEMENTS", "missing": missing}
    unconfigured = read_log_records(caplog, "NOT_CONFIGURED")
    assert unconfigured[:2] == [psn, retro]
    assert len(unconfigured) == len(Source) - 1
