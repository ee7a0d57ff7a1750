"""Requests of GraphQL over HTTP, in the variants that clients send."""

import codecs
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.harness import RunningServer

QUERY = "query Named($value: Boolean = false) { __typename @skip(if: $value) }"
JSON_HEADERS = {"Content-Type": "application/json"}


def get(
    server: RunningServer, content_type: str | None = None, **parameters: str
) -> httpx.Response:
    headers = {"Accept": "application/json"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    return server.request("GET", f"/graphql?{urlencode(parameters)}", headers=headers)


def read_data(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()["data"]


def read_code(response: httpx.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"variables": ""},
        {"extensions": ""},
        {"operationName": ""},
        {"variables": "", "extensions": "", "operationName": ""},
        {"variables": " ", "extensions": "\t"},
        {"variables": "null", "extensions": "null"},
        {"variables": "\ufeff{}"},
        {"unknown": ""},
    ],
)
def test_an_empty_parameter_is_an_absent_one(
    server: RunningServer, parameters: dict[str, str]
) -> None:
    assert read_data(get(server, query=QUERY, **parameters)) == {"__typename": "Query"}


def test_an_empty_query_is_an_absent_one(server: RunningServer) -> None:
    extensions = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}})

    assert read_code(get(server, query="")) == "BAD_USER_INPUT"
    unknown = get(server, query="", extensions=extensions)
    assert read_code(unknown) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize("name", ["variables", "extensions"])
def test_a_parameter_that_is_no_json_is_rejected(server: RunningServer, name: str) -> None:
    response = get(server, query=QUERY, **{name: "{"})

    assert (response.status_code, read_code(response)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("content_type", [None, "", "application/json", "application/json;x=y"])
def test_a_get_may_leave_its_content_type_out(
    server: RunningServer, content_type: str | None
) -> None:
    assert read_data(get(server, content_type, query=QUERY)) == {"__typename": "Query"}


@pytest.mark.parametrize(
    "content_type",
    ["message/rfc822", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"],
)
def test_a_get_with_another_content_type_is_rejected(
    server: RunningServer, content_type: str
) -> None:
    response = get(server, content_type, query=QUERY)

    assert (response.status_code, read_code(response)) == (415, "BAD_USER_INPUT")
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8;", "application/json;odata=verbose", "application/json;v=1"],
)
def test_the_parameters_of_json_mean_nothing(server: RunningServer, content_type: str) -> None:
    body = json.dumps({"query": QUERY}).encode()
    headers = {"Content-Type": content_type}

    response = server.request("POST", "/graphql", content=body, headers=headers)

    assert read_data(response) == {"__typename": "Query"}


def test_a_byte_order_mark_before_the_body_is_ignored(server: RunningServer) -> None:
    body = codecs.BOM_UTF8 + json.dumps({"query": QUERY}).encode()

    response = server.request("POST", "/graphql", content=body, headers=JSON_HEADERS)

    assert read_data(response) == {"__typename": "Query"}


def test_a_byte_order_mark_before_the_query_is_ignored(server: RunningServer) -> None:
    assert server.fetch_data("\ufeff" + QUERY) == {"__typename": "Query"}


@pytest.mark.parametrize(
    "accept", ["*", "text/html, image/gif, *; q=.2", "nonsense", "application/json;q=high"]
)
def test_an_odd_accept_header_gets_json(server: RunningServer, accept: str) -> None:
    body = json.dumps({"query": QUERY}).encode()

    response = server.request(
        "POST", "/graphql", content=body, headers={**JSON_HEADERS, "Accept": accept}
    )

    assert read_data(response) == {"__typename": "Query"}
    assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_the_path_may_end_with_a_slash(server: RunningServer) -> None:
    sent = {"query": QUERY}

    posted = server.request("POST", "/graphql/", json=sent)
    read = server.request("GET", "/graphql/", params=sent, headers={"Accept": "application/json"})
    page = server.request("GET", "/graphql/", headers={"Accept": "text/html"})

    assert read_data(posted) == read_data(read) == {"__typename": "Query"}
    assert page.headers["content-type"].startswith("text/html")
    assert server.request("PUT", "/graphql/").status_code == 405


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_told_which_codings_are_accepted(
    server: RunningServer, coding: str
) -> None:
    headers = {**JSON_HEADERS, "Content-Encoding": coding}

    response = server.request("POST", "/graphql", content=b"x", headers=headers)

    assert (response.status_code, read_code(response)) == (415, "BAD_USER_INPUT")
    assert response.headers["accept-encoding"] == "identity"
