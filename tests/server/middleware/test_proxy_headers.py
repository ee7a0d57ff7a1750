"""Whose forwarding headers are believed, and what this server calls itself."""

import asyncio
from typing import Any

import pytest

from server.middleware.proxy_headers import ProxyHeaders
from server.public_url import get_public_url
from server.settings import read_settings

TRUSTED = ("10.0.0.0/8", "192.168.1.1", "fd00::/8")


def read_client_and_scheme(peer: str | None, *trusted: str, **headers: str) -> tuple[Any, str]:
    """The client and the scheme that the application is told."""
    received: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        received.append((scope["client"] and scope["client"][0], scope["scheme"]))

    given = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    client = (peer, 5000) if peer else None
    scope = {"type": "http", "client": client, "scheme": "http", "headers": given}
    middleware: Any = ProxyHeaders(application, trusted or TRUSTED)
    asyncio.run(middleware(scope, None, None))
    assert scope["client"] == client
    return received[0]


def test_headers_of_an_untrusted_peer_are_ignored() -> None:
    given = {"x_forwarded_for": "1.2.3.4", "x_forwarded_proto": "https"}
    assert read_client_and_scheme("203.0.113.9", **given) == ("203.0.113.9", "http")
    assert read_client_and_scheme("10.0.0.1", "10.0.0.2", **given) == ("10.0.0.1", "http")
    assert read_client_and_scheme(None, **given) == (None, "http")


def test_a_trusted_proxy_sets_client_and_scheme() -> None:
    given = {"x_forwarded_for": "1.2.3.4", "x_forwarded_proto": "https"}
    assert read_client_and_scheme("10.0.0.1", **given) == ("1.2.3.4", "https")
    assert read_client_and_scheme("::ffff:10.0.0.1", **given) == ("1.2.3.4", "https")
    assert read_client_and_scheme("fd00::1", **given) == ("1.2.3.4", "https")


def test_a_trusted_proxy_without_headers_is_the_client() -> None:
    assert read_client_and_scheme("10.0.0.1") == ("10.0.0.1", "http")


def test_hops_written_by_the_caller_are_not_trusted() -> None:
    hops = "6.6.6.6, 1.2.3.4, 192.168.1.1"
    assert read_client_and_scheme("10.0.0.1", x_forwarded_for=hops)[0] == "1.2.3.4"


def test_with_trusted_proxies_only_the_farthest_is_the_client() -> None:
    assert read_client_and_scheme("10.0.0.1", x_forwarded_for="10.0.0.3, 10.0.0.2")[0] == "10.0.0.3"


@pytest.mark.parametrize("hop", ["unknown", "1.2.3.4.5", "evil.example", "[", "1.2.3.4:x:y", "_"])
def test_hops_before_an_invalid_address_are_not_trusted(hop: str) -> None:
    assert (
        read_client_and_scheme("10.0.0.1", x_forwarded_for=f"6.6.6.6, {hop}, 10.0.0.2")[0]
        == "10.0.0.2"
    )


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("1.2.3.4:5678", "1.2.3.4"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
    ],
)
def test_an_address_may_have_a_port(hop: str, address: str) -> None:
    assert read_client_and_scheme("10.0.0.1", x_forwarded_for=hop)[0] == address


@pytest.mark.parametrize("scheme", ["javascript", "wss", "", "https://", "http\x00"])
def test_no_other_scheme_is_accepted(scheme: str) -> None:
    assert read_client_and_scheme("10.0.0.1", x_forwarded_proto=scheme)[1] == "http"


def test_of_several_schemes_the_nearest_proxys_counts() -> None:
    assert read_client_and_scheme("10.0.0.1", x_forwarded_proto="http, HTTPS")[1] == "https"


def public_url_of(server: tuple[str, int | None] | None, **environment: str) -> str:
    headers = [(b"host", b"evil.example"), (b"x-forwarded-host", b"evil.example")]
    scope = {"type": "http", "scheme": "https", "server": server, "headers": headers}
    return get_public_url(read_settings(environment, sandbox=True), scope)


def test_the_public_url_is_the_configured_one() -> None:
    url = "https://trophies.example/case/"
    assert public_url_of(("127.0.0.1", 8000), TROPHYCASE_PUBLIC_URL=url) == url.rstrip("/")


def test_the_default_public_url_is_the_local_address_and_never_a_header() -> None:
    settings = {"TROPHYCASE_TRUSTED_PROXIES": "0.0.0.0/0"}
    assert public_url_of(("127.0.0.1", 8000), **settings) == "http://127.0.0.1:8000"
    assert public_url_of(("::1", 8000)) == "http://[::1]:8000"
    assert public_url_of(None) == "http://127.0.0.1"
