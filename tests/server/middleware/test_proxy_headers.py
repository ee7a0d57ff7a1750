"""Headers of trusted proxies are applied, and those of all other peers ignored."""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from server.middleware.proxy_headers import ProxyHeaders
from tests.harness import BASE_URL, RunningServer, run_server
from tests.server.message_requests import fetch_resource_url

# The address of the test client is 127.0.0.1.
TRUSTED_PROXIES = "127.0.0.1, 10.0.0.0/8, fd00::/8"
OTHER_PROXIES = "10.0.0.0/8, 127.0.0.2"
KEY = "key-of-the-reader"
FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "graph.example.org",
}


@pytest.fixture(autouse=True)
def _log_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "trophycase")


@pytest.fixture
def behind_proxy() -> Iterator[RunningServer]:
    """Serve to a trusted peer."""
    with run_server(TROPHYCASE_TRUSTED_PROXIES=TRUSTED_PROXIES) as server:
        yield server


def read_logged_client(
    server: RunningServer, caplog: pytest.LogCaptureFixture, headers: Mapping[str, str]
) -> str | None:
    """Execute an operation, and return the client in its log line."""
    caplog.clear()
    server.execute("{ __typename }", headers=headers)
    (record,) = [each for each in caplog.records if each.message == "operation"]
    return vars(record)["fields"]["client"]


def read_public_url(server: RunningServer, headers: Mapping[str, str]) -> str:
    """Return the server's own address in a response."""
    return fetch_resource_url(server, headers).partition("/psn/")[0]


def test_headers_of_a_trusted_peer_are_applied(
    behind_proxy: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_logged_client(behind_proxy, caplog, FORWARDED) == "203.0.113.9"
    assert read_public_url(behind_proxy, FORWARDED) == "https://graph.example.org"


@pytest.mark.parametrize("proxies", ["", OTHER_PROXIES])
def test_headers_of_an_untrusted_peer_are_ignored(
    proxies: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {**FORWARDED, "Authorization": f"Bearer {KEY}"}
    with run_server(
        TROPHYCASE_TRUSTED_PROXIES=proxies, TROPHYCASE_API_KEYS=f"reader:{KEY}:read"
    ) as server:
        assert read_logged_client(server, caplog, headers) == "127.0.0.1"
        assert read_public_url(server, headers) == BASE_URL


def test_a_trusted_peer_without_headers_is_the_client(
    behind_proxy: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_logged_client(behind_proxy, caplog, {}) == "127.0.0.1"
    assert read_public_url(behind_proxy, {}) == BASE_URL


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        (["6.6.6.6, 203.0.113.9, 10.0.0.3, 10.0.0.2"], "203.0.113.9"),
        (["6.6.6.6, 203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["6.6.6.6, fd00::1, 10.0.0.2"], "6.6.6.6"),
    ],
)
def test_of_several_hops_the_nearest_untrusted_one_is_the_client(
    behind_proxy: RunningServer, caplog: pytest.LogCaptureFixture, hops: list[str], client: str
) -> None:
    headers = httpx.Headers([("X-Forwarded-For", each) for each in hops])
    assert read_logged_client(behind_proxy, caplog, headers) == client


@pytest.mark.parametrize(
    ("hop", "client"),
    [
        ("203.0.113.9:5678", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%any-text", "fe80::1"),
        ("any-text", None),
        ("unknown", None),
        ("", "127.0.0.1"),
    ],
)
def test_only_an_address_is_logged(
    behind_proxy: RunningServer, caplog: pytest.LogCaptureFixture, hop: str, client: str | None
) -> None:
    assert read_logged_client(behind_proxy, caplog, {"X-Forwarded-For": hop}) == client
    assert "any-text" not in caplog.text


@pytest.mark.parametrize(
    ("scheme", "url"),
    [
        ("https", "https://127.0.0.1:8000"),
        ("http", BASE_URL),
        ("javascript", BASE_URL),
        ("https://", BASE_URL),
        ("", BASE_URL),
    ],
)
def test_only_https_replaces_the_scheme(behind_proxy: RunningServer, scheme: str, url: str) -> None:
    assert read_public_url(behind_proxy, {"X-Forwarded-Proto": scheme}) == url


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("graph.example.org", "http://graph.example.org"),
        ("graph.example.org:8443", "http://graph.example.org:8443"),
        ("[2001:db8::1]:8443", "http://[2001:db8::1]:8443"),
        ("[2001:db8::1]", "http://[2001:db8::1]"),
        ("evil.example, graph.example.org", "http://graph.example.org"),
        ("graph.example.org/path", BASE_URL),
        ("user@graph.example.org", BASE_URL),
        ('graph.example.org"><script>', BASE_URL),
        ("graph.example.org:port", BASE_URL),
        ("", BASE_URL),
    ],
)
def test_only_a_valid_host_replaces_the_server(
    behind_proxy: RunningServer, host: str, url: str
) -> None:
    assert read_public_url(behind_proxy, {"X-Forwarded-Host": host}) == url


def test_a_trusted_ipv4_peer_is_trusted_on_an_ipv6_socket() -> None:
    received: list[Any] = []

    async def record_client(scope: Any, _receive: Any, _send: Any) -> None:
        received.append(scope["client"][0])

    middleware: Any = ProxyHeaders(record_client, ["10.0.0.0/8"])
    headers = [(b"x-forwarded-for", b"203.0.113.9")]
    for peer in ("::ffff:10.0.0.1", "::ffff:11.0.0.1"):
        scope = {"type": "http", "client": (peer, 5000), "scheme": "http", "headers": headers}
        asyncio.run(middleware(scope, None, None))
        assert scope["client"] == (peer, 5000)
    assert received == ["203.0.113.9", "::ffff:11.0.0.1"]


def test_the_request_id_of_a_trusted_proxy_is_in_the_log(
    behind_proxy: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer = behind_proxy.execute("{ __typename }", headers={"X-Request-Id": "of-the-proxy"})
    (record,) = [each for each in caplog.records if each.message == "operation"]
    assert vars(record)["fields"]["request"] == "of-the-proxy"
    assert answer.headers.get_list("x-request-id") == ["of-the-proxy"]


def test_the_request_id_of_any_other_peer_is_replaced() -> None:
    with run_server(TROPHYCASE_TRUSTED_PROXIES=OTHER_PROXIES) as server:
        answer = server.execute("{ __typename }", headers={"X-Request-Id": "of-the-peer"})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
