"""What PSN answers to its own operations is handed on, and is never a page of ours."""

from typing import Any

import httpx
import pytest

from providers.registry import Source
from server.graphql_request import NOTHING_ASKED
from tests.asking import Server

BODY = b'{"data": null}'
INERT = "application/octet-stream"


def passed(server: Server, *, writes: bool = False) -> httpx.Response:
    """The answer to a known operation of one kind or the other."""
    known = server.services[Source.PSN].operator().persisted_queries()
    query = next(each for each in known if each.writes is writes)
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
def test_json_is_handed_on_under_its_own_name(server: Server, content_type: str) -> None:
    server.fail("graphql/v1/op", status=200, body=BODY, headers={"content-type": content_type})

    answer = passed(server)

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
def test_what_a_browser_could_take_for_a_page_is_handed_on_as_bytes(
    server: Server, content_type: Any
) -> None:
    server.fail("graphql/v1/op", status=200, body=BODY, headers={"content-type": content_type})

    answer = passed(server)

    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == INERT
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("status", [418, 451, 599])
def test_a_status_that_http_has_is_handed_on(server: Server, status: int) -> None:
    server.fail("graphql/v1/op", status=status, body=BODY)

    assert passed(server).status_code == status


@pytest.mark.parametrize(
    ("writes", "code"), [(False, "UPSTREAM_BAD_RESPONSE"), (True, "OUTCOME_UNKNOWN")]
)
def test_a_status_that_http_does_not_have_is_told(
    server: Server, code: str, *, writes: bool
) -> None:
    server.fail("graphql/v1/op", status=999, body=BODY)

    answer = passed(server, writes=writes)

    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": code, "source": "PSN"}
    assert answer.json()["extensions"]["upstream"]["calls"] == {"PSN": 1}


@pytest.mark.parametrize("path", ["/graphql", "/api/graphql/v1/op"])
def test_a_hash_that_nobody_knows_is_told_at_no_cost(server: Server, path: str) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}

    answer = server.request("POST", path, json={"extensions": extensions})

    assert answer.status_code == 200
    (error,) = answer.json()["errors"]
    assert error == {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    assert answer.json()["extensions"] == {"upstream": NOTHING_ASKED}
