"""Whose forwarding headers are believed, and what this server calls itself."""

import asyncio
from typing import Any

import pytest

from server.middleware.proxy_headers import Forwarded
from server.public_url import public_url
from server.settings import read

TRUSTED = ("10.0.0.0/8", "192.168.1.1", "fd00::/8")


def seen(peer: str | None, *trusted: str, **headers: str) -> tuple[Any, str]:
    """The client and the scheme that the application is told."""
    told: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        told.append((scope["client"] and scope["client"][0], scope["scheme"]))

    given = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    client = (peer, 5000) if peer else None
    scope = {"type": "http", "client": client, "scheme": "http", "headers": given}
    whole: Any = Forwarded(application, trusted or TRUSTED)
    asyncio.run(whole(scope, None, None))
    assert scope["client"] == client
    return told[0]


def test_a_strangers_headers_are_ignored() -> None:
    given = {"x_forwarded_for": "1.2.3.4", "x_forwarded_proto": "https"}
    assert seen("203.0.113.9", **given) == ("203.0.113.9", "http")
    assert seen("10.0.0.1", "10.0.0.2", **given) == ("10.0.0.1", "http")
    assert seen(None, **given) == (None, "http")


def test_a_trusted_proxy_tells_who_asked_and_how() -> None:
    given = {"x_forwarded_for": "1.2.3.4", "x_forwarded_proto": "https"}
    assert seen("10.0.0.1", **given) == ("1.2.3.4", "https")
    assert seen("::ffff:10.0.0.1", **given) == ("1.2.3.4", "https")
    assert seen("fd00::1", **given) == ("1.2.3.4", "https")


def test_a_trusted_proxy_that_tells_nothing_is_the_client() -> None:
    assert seen("10.0.0.1") == ("10.0.0.1", "http")


def test_what_a_caller_wrote_before_the_proxies_is_not_believed() -> None:
    hops = "6.6.6.6, 1.2.3.4, 192.168.1.1"
    assert seen("10.0.0.1", x_forwarded_for=hops)[0] == "1.2.3.4"


def test_with_trusted_proxies_only_the_farthest_is_the_client() -> None:
    assert seen("10.0.0.1", x_forwarded_for="10.0.0.3, 10.0.0.2")[0] == "10.0.0.3"


@pytest.mark.parametrize("hop", ["unknown", "1.2.3.4.5", "evil.example", "[", "1.2.3.4:x:y", "_"])
def test_beyond_a_word_that_is_no_address_nobody_is_looked_for(hop: str) -> None:
    assert seen("10.0.0.1", x_forwarded_for=f"6.6.6.6, {hop}, 10.0.0.2")[0] == "10.0.0.2"


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
    assert seen("10.0.0.1", x_forwarded_for=hop)[0] == address


@pytest.mark.parametrize("scheme", ["javascript", "wss", "", "https://", "http\x00"])
def test_no_other_scheme_is_believed(scheme: str) -> None:
    assert seen("10.0.0.1", x_forwarded_proto=scheme)[1] == "http"


def test_of_several_schemes_the_nearest_proxys_counts() -> None:
    assert seen("10.0.0.1", x_forwarded_proto="http, HTTPS")[1] == "https"


def address(server: tuple[str, int | None] | None, **environment: str) -> str:
    headers = [(b"host", b"evil.example"), (b"x-forwarded-host", b"evil.example")]
    scope = {"type": "http", "scheme": "https", "server": server, "headers": headers}
    return public_url(read(environment, sandbox=True), scope)


def test_the_servers_own_address_is_the_one_that_is_set() -> None:
    url = "https://trophies.example/case/"
    assert address(("127.0.0.1", 8000), TROPHYCASE_PUBLIC_URL=url) == url.rstrip("/")


def test_else_it_is_where_the_connection_arrived_and_never_what_a_header_says() -> None:
    trusting = {"TROPHYCASE_TRUSTED_PROXIES": "0.0.0.0/0"}
    assert address(("127.0.0.1", 8000), **trusting) == "http://127.0.0.1:8000"
    assert address(("::1", 8000)) == "http://[::1]:8000"
    assert address(None) == "http://127.0.0.1"
