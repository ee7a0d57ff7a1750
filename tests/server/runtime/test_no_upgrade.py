"""`Upgrade` headers are ignored."""

import pytest

from server.runtime.connection_limit import ConnectionLimit
from tests.server.runtime.minimal_app import RecordingApp
from tests.server.runtime.threaded_server import read_until_closed, start_server

UPGRADE_HEADERS = "Connection: Upgrade, HTTP2-Settings{}\r\nUpgrade: {}\r\nHTTP2-Settings: AAMA\r\n"
LAST_REQUEST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
UPGRADE_REQUEST = "GET /{} HTTP/1.1\r\nHost: a\r\n" + UPGRADE_HEADERS.format("", "h2c") + "\r\n"
# A proxy takes this for a body, so it must not be taken for a request.
BODY = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED_BODY = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.2"])
@pytest.mark.parametrize(
    ("framing", "sent"),
    [(f"Content-Length: {len(BODY)}", BODY), ("Transfer-Encoding: chunked", CHUNKED_BODY)],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_body_after_an_upgrade_offer_is_a_body(
    protocol: str, framing: str, sent: str, *, at_once: bool
) -> None:
    head = (
        f"POST /body HTTP/1.1\r\nHost: a\r\n{UPGRADE_HEADERS.format('', protocol)}{framing}\r\n\r\n"
    )
    parts = [head + sent + LAST_REQUEST] if at_once else [head, *sent, LAST_REQUEST]
    with (
        start_server(app := RecordingApp(), ConnectionLimit) as server,
        server.connect() as connection,
    ):
        for part in parts:
            connection.sendall(part.encode())
        answer = read_until_closed(connection)
        assert f"a body of {len(BODY)}" in answer
        assert app.paths == ["/body", "/last"]
        assert b"upgrade" not in app.headers
        assert b"http2-settings" in app.headers


def test_requests_after_an_upgrade_offer_are_served() -> None:
    paths = [f"/{number}" for number in range(10)]
    with start_server(app := RecordingApp(), ConnectionLimit) as server:
        answer = server.send_and_read(
            "".join(UPGRADE_REQUEST.format(path[1:]) for path in paths) + LAST_REQUEST
        )
        assert answer.count("HTTP/1.1 200") == len(paths) + 1
        assert app.paths == [*paths, "/last"]


def test_endless_upgrade_offers_are_limited() -> None:
    with start_server(app := RecordingApp(), ConnectionLimit) as server:
        answer = server.send_and_read(UPGRADE_REQUEST.format("many") * 5_000)
        assert answer.count("HTTP/1.1 200") == len(app.paths) == ConnectionLimit.max_pipelined + 1


def test_an_upgrade_offer_with_connection_close_is_served() -> None:
    with start_server(RecordingApp(), ConnectionLimit) as server:
        offer = UPGRADE_HEADERS.format(", close", "h2c")
        answer = server.send_and_read(f"GET /only HTTP/1.1\r\nHost: a\r\n{offer}\r\n")
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/only")


@pytest.mark.parametrize("where", ["a:80", "/graphql", "*"])
def test_connect_requests_are_rejected(where: str) -> None:
    with start_server(app := RecordingApp(), ConnectionLimit) as server:
        answer = server.send_and_read(f"CONNECT {where} HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.startswith("HTTP/1.1 400")
        assert not app.paths
