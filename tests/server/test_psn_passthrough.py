"""PSN's responses are passed through, but never as a page of this server."""

from typing import Any

import httpx
import pytest

from providers.registry import Source
from server.graphql_request import NO_UPSTREAM_CALLS
from tests.harness import RunningServer

BODY = b'{"data": null}'
BINARY_MEDIA_TYPE = "application/octet-stream"


def send_persisted_operation(server: RunningServer, *, writes: bool = False) -> httpx.Response:
    """Send a known operation that reads or writes."""
    queries = server.services[Source.PSN].get_operator_client().get_persisted_queries()
    query = next(each for each in queries if each.writes is writes)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": query.sha256_hash}}
    return server.request("POST", "/graphql", json={"variables": {}, "extensions": extensions})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        "application/graphql-response+json; charset=utf-8",
        "application/problem+json",
    ],
)
def test_json_is_passed_through_with_its_media_type(
    server: RunningServer, content_type: str
) -> None:
    server.inject_fault(
        "graphql/v1/op", status=200, body=BODY, headers={"content-type": content_type}
    )

    answer = send_persisted_operation(server)

    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == content_type


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "text/html; x=json",
        "image/svg+xml;json",
        "text/json",
        "application/json+xml",
        "application/jsonp",
        "application/json, text/html",
        "application/json; x=, text/html",
        "application/json; x=\u20ac".encode(),
        b"application/json; x=\x80",
        b"application/json;\x0btext/html",
        "",
    ],
)
def test_media_types_that_a_browser_renders_are_passed_through_as_bytes(
    server: RunningServer, content_type: Any
) -> None:
    server.inject_fault(
        "graphql/v1/op", status=200, body=BODY, headers={"content-type": content_type}
    )

    answer = send_persisted_operation(server)

    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == BINARY_MEDIA_TYPE
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("status", [418, 451, 599])
def test_a_valid_status_is_passed_through(server: RunningServer, status: int) -> None:
    server.inject_fault("graphql/v1/op", status=status, body=BODY)

    assert send_persisted_operation(server).status_code == status


@pytest.mark.parametrize(
    ("writes", "code"), [(False, "UPSTREAM_BAD_RESPONSE"), (True, "OUTCOME_UNKNOWN")]
)
def test_an_invalid_status_is_an_error(server: RunningServer, code: str, *, writes: bool) -> None:
    server.inject_fault("graphql/v1/op", status=999, body=BODY)

    answer = send_persisted_operation(server, writes=writes)

    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": code, "source": "PSN"}
    assert answer.json()["extensions"]["upstream"]["calls"] == {"PSN": 1}


@pytest.mark.parametrize("path", ["/graphql", "/api/graphql/v1/op"])
def test_an_unknown_hash_is_reported_without_calls(server: RunningServer, path: str) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}

    answer = server.request("POST", path, json={"extensions": extensions})

    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error == {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    assert answer.json()["extensions"] == {"upstream": NO_UPSTREAM_CALLS}


PROFILE_QUERY = '{ user(accounts: [{ source: PSN, handle: "me" }]) { displayName } }'


def send_operation_field(server: RunningServer) -> None:
    """Send an operation that reads as a field of the graph."""
    queries = server.services[Source.PSN].get_operator_client().get_persisted_queries()
    name = next(each.name for each in queries if not each.writes)
    server.execute("query ($name: String!) { psnOperation(name: $name) }", {"name": name})


@pytest.mark.slow
def test_errors_that_variables_cause_stop_no_other_request(server: RunningServer) -> None:
    """Holds that one caller's failing operations do not open the circuit of PSN's host."""
    error = {"errors": [{"message": "resolver failed"}]}
    server.inject_fault("graphql/v1/op", status=500, body=error)
    for _ in range(6):
        assert send_persisted_operation(server).status_code == 500
        send_persisted_operation(server, writes=True)
        send_operation_field(server)
    server.clear_faults()
    server.inject_fault("graphql/v1/op", hang=True)
    for _ in range(6):
        send_persisted_operation(server)

    assert server.fetch_data(PROFILE_QUERY)["user"]["displayName"]
    server.clear_faults()
    assert send_persisted_operation(server).status_code == 200


@pytest.mark.parametrize(
    "fault", [{"status": 503, "body": "<html>Service Unavailable</html>"}, {"reset": True}]
)
def test_a_host_that_is_down_is_left_alone_by_operations_too(
    server: RunningServer, fault: dict[str, Any]
) -> None:
    """Holds that operations count what no variables cause: a gateway's page, no connection."""
    server.inject_fault("graphql/v1/op", **fault)
    for _ in range(6):
        send_persisted_operation(server)
    sent = [name for name in server.psn.log if "graphql/v1/op" in str(name.url)]

    assert len(sent) == 5
