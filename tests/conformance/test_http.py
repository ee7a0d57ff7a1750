"""HTTP behaviour that the audit does not cover, against the real server."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conformance.processes import TIMEOUT_SECONDS, start_server

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
APP_ORIGIN = "https://app.example"
TYPENAME_QUERY = {"query": "{ __typename }"}
TWO_OPERATIONS = "query A { __typename } query B { sources { source } }"
WRITE_MUTATION = 'mutation { removePsnFriend(input: {handle: "sample_friend"}) { removed { id } } }'


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address.removesuffix("/graphql"), timeout=TIMEOUT_SECONDS) as client:
        client.headers.pop("accept")
        yield client


def post(http: httpx.Client, body: Any = None, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body or TYPENAME_QUERY).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.post("/graphql", content=content, headers={"content-type": JSON, **named})


def get_media_type(response: httpx.Response) -> str:
    return response.headers["content-type"].partition(";")[0]


def is_json_error(response: httpx.Response, status: int) -> bool:
    """Check a JSON error with a message and a code; return whether it has no data."""
    assert response.status_code == status, response.text
    assert get_media_type(response) in (JSON, GRAPHQL)
    answer = response.json()
    assert answer["errors"][0]["message"]
    assert answer["errors"][0]["extensions"]["code"]
    return "data" not in answer


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL};charset=utf-8", GRAPHQL),
        (f"{GRAPHQL.upper()}", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.2, {JSON}", JSON),
        (f"{GRAPHQL};q=0.2, */*", JSON),
        (f"*/*;q=0.1, {GRAPHQL};q=0.2", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"text/html, {JSON};q=0.9", JSON),
        (f"{GRAPHQL}, {JSON}, text/event-stream, multipart/mixed", GRAPHQL),
        (BROWSER_ACCEPT, JSON),
    ],
)
def test_the_response_has_the_preferred_media_type(
    http: httpx.Client, accept: str, expected: str
) -> None:
    response = post(http, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json()["data"] == {"__typename": "Query"}


def test_an_empty_accept_header_takes_anything(http: httpx.Client) -> None:
    assert get_media_type(post(http, accept="")) == JSON


@pytest.mark.parametrize(
    "accept",
    [
        "image/png",
        "text/html",
        "text/event-stream;q=0",
        "multipart/mixed",
        f"{JSON};q=0",
        "*/*;q=0",
    ],
)
def test_nothing_acceptable_is_406(http: httpx.Client, accept: str) -> None:
    assert is_json_error(post(http, accept=accept), 406)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER_ACCEPT, "text/html"),
        ("text/html", "text/html"),
        (f"text/html;q=0.9, {JSON};q=0.1", "text/html"),
        (f"{JSON}, text/html;q=0.1", JSON),
        (f"text/html;q=0, {JSON}", JSON),
        ("*/*", JSON),
    ],
)
def test_only_a_client_that_prefers_html_gets_a_page(
    http: httpx.Client, accept: str, expected: str
) -> None:
    assert get_media_type(http.get("/graphql", headers={"accept": accept})) == expected


def test_a_browser_that_sends_a_query_gets_data(http: httpx.Client) -> None:
    response = http.get("/graphql", params=TYPENAME_QUERY, headers={"accept": BROWSER_ACCEPT})
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_are_405_and_say_which_are_allowed(http: httpx.Client, method: str) -> None:
    response = http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/graphql", "application/x-www-form-urlencoded", "text/json"],
)
def test_other_media_types_are_415(http: httpx.Client, content_type: str) -> None:
    response = http.post(
        "/graphql",
        content=json.dumps(TYPENAME_QUERY),
        headers={"content-type": content_type} if content_type else {},
    )
    assert is_json_error(response, 415)


def test_an_upload_form_is_415(http: httpx.Client) -> None:
    response = http.post("/graphql", files={"operations": json.dumps(TYPENAME_QUERY).encode()})
    assert is_json_error(response, 415)


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-7"])
def test_json_is_utf_8(http: httpx.Client, charset: str) -> None:
    assert is_json_error(post(http, content_type=f"{JSON}; charset={charset}"), 415)
    assert post(http, content_type=f'{JSON};charset="UTF-8"').status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/graphiql/nothing.js", 404),
        ("GET", "/api/graphql/v1", 404),
        ("POST", "/livez", 405),
        ("DELETE", "/readyz", 405),
        ("PUT", "/api/graphql/v1/op", 405),
    ],
)
def test_an_error_is_json_on_every_path(
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    assert is_json_error(http.request(method, path), status)


def test_no_response_is_cached_or_sniffed(http: httpx.Client) -> None:
    for response in (post(http), post(http, b"{"), post(http, accept="image/png")):
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("operation_name", "data"),
    [("A", {"__typename": "Query"}), ("B", {"sources": [{"source": "PSN"}]})],
)
def test_the_named_operation_is_run(http: httpx.Client, operation_name: str, data: Any) -> None:
    answer = post(http, {"query": TWO_OPERATIONS, "operationName": operation_name}).json()["data"]
    assert {**answer, **({"sources": answer["sources"][:1]} if "sources" in answer else {})} == data


@pytest.mark.parametrize(
    "body",
    [
        {"query": TWO_OPERATIONS},
        {"query": TWO_OPERATIONS, "operationName": None},
        {"query": TWO_OPERATIONS, "operationName": "C"},
        {"query": "query A { __typename }", "operationName": "B"},
        {"query": "{ __typename }", "operationName": "A"},
        {"query": "fragment F on Query { __typename }"},
        {"query": "query A { __typename } query A { __typename }", "operationName": "A"},
        {"query": "{ __typename } query A { __typename }", "operationName": "A"},
    ],
)
def test_nothing_is_run_when_it_is_not_clear_what(http: httpx.Client, body: Any) -> None:
    assert is_json_error(post(http, body, accept=GRAPHQL), 400)
    assert is_json_error(post(http, body, accept=JSON), 200)


def test_a_single_operation_needs_no_name(http: httpx.Client) -> None:
    answer = post(http, {"query": "query A { __typename }", "operationName": None}).json()
    assert answer["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"true",
        b"1",
        b'"{ __typename }"',
        b"[]",
        b"[1]",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b"{",
        b'{"query": "{ __typename }"',
        b'{"query": "{ __typename }"} {}',
        b"{'query': '{ __typename }'}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "extensions": []}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
        b'{"query": "{ __typename }", "variables": {"a": 01}}',
        b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ __typename } # \\udfff"}',
        b'{"query": "{ __typename } # \xff"}',
        b'{"query": "{ __typename } # \xed\xa0\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"\x00",
        b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}",
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else value,
)
def test_an_odd_body_is_400(http: httpx.Client, body: bytes, accept: str) -> None:
    assert is_json_error(post(http, body, accept=accept), 400)


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query={__typename}&query={__typename}",
        "query={__typename}&variables=[1]",
        "query={__typename}&variables=1",
        "query={__typename}&variables={",
        "query={__typename}&variables=NaN",
        "query={__typename}&extensions=null1",
        "query={__typename}&extensions=%ED%A0%80",
        "query=%FF",
    ],
)
def test_an_odd_address_is_400(http: httpx.Client, query_string: str) -> None:
    address = "/graphql?" + query_string.replace("{", "%7B").replace("}", "%7D")
    assert is_json_error(http.get(address, headers={"accept": GRAPHQL}), 400)


@pytest.mark.parametrize(
    "query",
    [
        "{" + "a{" * 5000,
        "{ user(accounts: " + "[" * 5000 + ") { id } }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ __typename @include }",
        "{ user(accounts: 1) { id } }",
        'query ($a: [AccountInput!]! = "x") { user(accounts: $a) { id } }',
        "query ($a: Nothing) { __typename }",
        '{ trophyTitle(nativeId: "\\ud800") { id } }',
        "{ __typename }\x00",
        "\ufeff",
        "subscription { __typename }",
    ],
)
def test_an_odd_document_is_a_request_error(http: httpx.Client, query: str) -> None:
    assert is_json_error(post(http, {"query": query}, accept=GRAPHQL), 400)


def test_a_body_over_the_limit_is_413(http: httpx.Client) -> None:
    assert is_json_error(post(http, b" " * (1536 * 1024 + 1)), 413)


def test_a_mutation_is_not_run_by_get(http: httpx.Client) -> None:
    response = http.get("/graphql", params={"query": WRITE_MUTATION})
    assert is_json_error(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_query_beside_a_mutation_is_run_by_get(http: httpx.Client) -> None:
    parameters = {"query": "query A { __typename } " + WRITE_MUTATION.replace("{", "B {", 1)}
    response = http.get("/graphql", params={**parameters, "operationName": "A"})
    assert response.json()["data"] == {"__typename": "Query"}
    assert is_json_error(http.get("/graphql", params={**parameters, "operationName": "B"}), 405)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_gets_no_answer(http: httpx.Client, site: str) -> None:
    for origin in ({}, {"origin": APP_ORIGIN}, {"origin": "null"}):
        headers = {"sec-fetch-site": site, **origin}
        assert is_json_error(http.get("/graphql", params=TYPENAME_QUERY, headers=headers), 403)
        assert is_json_error(post(http, sec_fetch_site=site, **origin), 403)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_same_origin_pages_and_direct_visits_get_an_answer(http: httpx.Client, site: str) -> None:
    assert post(http, sec_fetch_site=site).status_code == 200


def test_a_link_from_another_site_may_open_the_explorer(http: httpx.Client) -> None:
    headers = {
        "accept": BROWSER_ACCEPT,
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
    }
    assert http.get("/graphql", headers=headers).status_code == 200


def send_preflight(http: httpx.Client, origin: str) -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, x-npsso",
    }
    return http.options("/graphql", headers=headers)


def test_cors_is_closed_by_default(http: httpx.Client) -> None:
    for response in (send_preflight(http, APP_ORIGIN), post(http, origin=APP_ORIGIN)):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_cors_is_open_to_the_origins_named_and_no_others() -> None:
    with start_server(TROPHYCASE_CORS_ORIGINS=APP_ORIGIN) as server:
        http = httpx.Client(base_url=server.removesuffix("/graphql"), timeout=TIMEOUT_SECONDS)
        open_to_app = send_preflight(http, APP_ORIGIN)
        assert open_to_app.status_code == 200
        assert open_to_app.headers["access-control-allow-origin"] == APP_ORIGIN
        assert "x-npsso" in open_to_app.headers["access-control-allow-headers"]
        answer = post(http, origin=APP_ORIGIN, sec_fetch_site="cross-site")
        assert answer.json()["data"] == {"__typename": "Query"}
        assert answer.headers["access-control-allow-origin"] == APP_ORIGIN
        assert "origin" in answer.headers["vary"].lower()
        other = "https://other.example"
        assert "access-control-allow-origin" not in send_preflight(http, other).headers
        refused = post(http, origin=other, sec_fetch_site="cross-site")
        assert is_json_error(refused, 403)
        assert "access-control-allow-origin" not in refused.headers
        http.close()
