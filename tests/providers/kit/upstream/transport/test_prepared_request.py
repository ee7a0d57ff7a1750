"""A prepared request is what httpx would have built."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kit.upstream.transport.prepared_request import (
    MAX_URL_LENGTH,
    parse_target,
    prepare_request,
)

HEADERS = {"User-Agent": "test", "X-Key": "one"}
CHARACTERS = "aZ09-._~!$&'()*+,;=:@/%2Fé \"<>`{}[]|\\^#?"
PATHS = st.lists(
    st.sampled_from([*CHARACTERS, "/..", "/.", "//", "%2e", "%zz", "\u20ac"]), max_size=12
)
HOSTS = st.sampled_from(
    ["https://a.example", "https://A.example:443", "http://127.0.0.1:8080", "http://[::1]:80"]
)
PARAMS = st.one_of(st.none(), st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))


def is_encodable(text: str) -> bool:
    return text.isprintable() and "\ud800" not in text


@pytest.mark.slow
@given(HOSTS, PATHS, PARAMS)
def test_a_target_is_what_httpx_makes_of_a_url(
    host: str, path: list[str], params: dict[str, str] | None
) -> None:
    params = {key: value for key, value in (params or {}).items() if is_encodable(key + value)}
    url = f"{host}/{''.join(path)}"
    # Without parameters an address keeps the query that it has.
    expected = httpx.URL(url, params=params) if params else httpx.URL(url)

    target = parse_target(url, params)

    assert (target.host, target.path) == (expected.netloc.decode(), expected.raw_path.decode())
    assert target.origin.host == expected.host
    assert target.origin.port == (expected.port or {"https": 443, "http": 80}[expected.scheme])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"json": {"a": [1, "é", None]}},
        {"json": []},
        {"content": b"\x00bytes"},
        {"content": b""},
    ],
)
def test_a_request_is_what_httpx_builds(method: str, body: dict[str, Any]) -> None:
    url, params = "https://a.example/path", {"q": "a b&c=é'|"}
    expected = httpx.Request(method, url, params=params, headers=HEADERS, **body)

    request = prepare_request(method, url, params=params, headers=HEADERS, timeout={}, **body)

    headers = dict(request.headers)
    if "content" in body and body["content"] == b"":
        headers.pop("content-length", None)
        expected.headers.pop("content-length", None)
    assert headers == dict(expected.headers)
    assert (request.method, request.url, request.content) == (
        method,
        expected.url,
        expected.content,
    )


def test_a_form_is_encoded_as_httpx_does() -> None:
    form = {"a": "b c", "d": "é&="}
    expected = httpx.Request("POST", "https://a.example/", data=form)

    request = prepare_request("POST", "https://a.example/", headers={}, form=form, timeout={})

    assert request.content == expected.content
    assert dict(request.headers) == dict(expected.headers)


@pytest.mark.parametrize(
    "url",
    ["https://a.example/\0", f"https://a.example/{'a' * MAX_URL_LENGTH}", "https://a.example:x/"],
)
def test_what_is_no_url_is_rejected(url: str) -> None:
    with pytest.raises(httpx.InvalidURL):
        parse_target(url)


def test_a_header_can_be_replaced_without_a_change_of_the_first_request() -> None:
    first = prepare_request("GET", "https://a.example/", headers={"Authorization": "a"}, timeout={})

    second = first.with_headers({"Authorization": "b"})

    assert (first.headers["authorization"], second.headers["authorization"]) == ("a", "b")
    assert not hasattr(first, "unknown")


def test_what_is_shown_of_a_request_contains_no_key() -> None:
    request = prepare_request(
        "GET", "https://a.example/path?key=secret", headers={"X-Key": "secret"}, timeout={}
    )
    assert repr(request) == "<PreparedRequest GET /path>"
