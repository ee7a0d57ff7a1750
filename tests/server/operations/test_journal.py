"""What the log tells of an operation."""

import hashlib
import json
import logging
from typing import Any

import pytest

from providers.registry import Source
from tests.asking import PSN_VEGA, Server, configured, serving

PROFILE = "query Named($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
KEYS = "somebody:the-key-of-somebody:read"
BEARER = {"Authorization": "Bearer the-key-of-somebody"}


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "trophycase")


def lines(caplog: pytest.LogCaptureFixture, message: str = "operation") -> list[dict[str, Any]]:
    return [vars(each)["told"] for each in caplog.records if each.message == message]


def line(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (only,) = lines(caplog)
    return only


def test_an_operation_is_one_line_with_what_it_cost(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.ask(PROFILE, {"who": PSN_VEGA})
    told = line(caplog)
    assert told.pop("ms") > 0
    assert told == {
        "request": answer.headers["x-request-id"],
        "operation": "Named",
        "type": "query",
        "document": hashlib.sha256(PROFILE.encode()).hexdigest()[:16],
        "status": 200,
        "codes": [],
        "calls": answer.calls,
        "cached": answer.body["extensions"]["upstream"]["cached"],
        "coalesced": answer.body["extensions"]["upstream"]["coalesced"],
        "caller": "anonymous",
    }


def test_neither_variables_nor_the_query_are_in_it(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    query = "query($who: [AccountInput!]!) { user(accounts: $who) { id } written: __typename }"
    server.ask(query, {"who": PSN_VEGA})
    text = json.dumps(line(caplog))
    assert PSN_VEGA[0]["handle"] not in text
    assert "written" not in text


def test_a_caller_is_told_by_the_name_of_his_key(caplog: pytest.LogCaptureFixture) -> None:
    with serving(TROPHYCASE_API_KEYS=KEYS) as server:
        server.ask("{ __typename }", headers=BEARER)
    assert line(caplog)["caller"] == "somebody"
    assert "the-key" not in caplog.text


def test_a_caller_with_credentials_of_his_own_is_told_by_a_mark(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    own = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "app_sandbox.second"}
    server.ask("{ __typename }", headers=own)
    assert line(caplog)["caller"].startswith("own:")
    assert "vega" not in json.dumps(line(caplog))


def test_a_refused_request_is_told_with_its_code(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.request("POST", "/graphql", content=b"{", headers={"Content-Type": "application/json"})
    told = line(caplog)
    assert (told["status"], told["codes"], told["type"]) == (400, ["BAD_USER_INPUT"], "none")


def test_a_long_name_is_cut(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.ask(f"query {'N' * 1000} {{ __typename }}")
    assert line(caplog)["operation"] == "N" * 200


def test_a_credential_given_as_a_name_is_hidden(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    own = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "app_sandbox_second"}
    server.ask("query app_sandbox_second { __typename }", headers=own)
    assert line(caplog)["operation"] == "***"


def test_every_error_code_of_an_answer_is_told_once(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail("np.playstation.com", status=500)
    server.ask(
        "query($who: [AccountInput!]!) { one: user(accounts: $who) { displayName } }",
        {"who": PSN_VEGA},
    )
    assert line(caplog)["codes"] == ["UPSTREAM_UNAVAILABLE"]


def test_a_persisted_operation_passed_through_is_told_as_such(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    (query, *_) = server.services[Source.PSN].operator().persisted_queries()
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": query.sha256_hash}})
    given = {"operationName": query.name, "variables": "{}", "extensions": extensions}
    server.request("GET", "/api/graphql/v1/op", params=given)
    told = line(caplog)
    assert (told["type"], told["operation"]) == ("pass_through", query.name)


def test_the_explorers_page_is_no_operation(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.request("GET", "/graphql", headers={"Accept": "text/html"})
    server.request("GET", "/livez")
    assert lines(caplog) == []


def test_each_source_is_said_once_to_be_configured_or_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(sandbox=False, **configured(Source.TROPHY_SO)) as server:
        server.ask("{ viewer { displayName } }")
        server.ask("{ viewer { displayName } }")
    assert lines(caplog, "configured") == [{"source": "TROPHY_SO"}]
    missing = ["RETROACHIEVEMENTS_USERNAME", "RETROACHIEVEMENTS_API_KEY"]
    psn = {"source": "PSN", "missing": ["PSN_CLIENT_ID", "PSN_CLIENT_SECRET", "PSN_NPSSO"]}
    retro = {"source": "RETRO_ACHIEVEMENTS", "missing": missing}
    unconfigured = lines(caplog, "NOT_CONFIGURED")
    assert unconfigured[:2] == [psn, retro]
    assert len(unconfigured) == len(Source) - 1
