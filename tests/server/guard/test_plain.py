"""Offers to go on in another protocol, of which no notice is taken."""

import pytest

from server.runtime.connection_limit import Connection
from tests.server.guard.answering import Answering
from tests.server.guard.listening import all_of, listening

OFFER = "Connection: Upgrade, HTTP2-Settings{}\r\nUpgrade: {}\r\nHTTP2-Settings: AAMA\r\n"
LAST = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OFFERED = "GET /{} HTTP/1.1\r\nHost: a\r\n" + OFFER.format("", "h2c") + "\r\n"
# What somebody in between takes for a body, and nobody may take for a request.
BODY = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKS = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"


@pytest.mark.parametrize("protocol", ["h2c", "websocket", "TLS/1.2"])
@pytest.mark.parametrize(
    ("framing", "sent"),
    [(f"Content-Length: {len(BODY)}", BODY), ("Transfer-Encoding: chunked", CHUNKS)],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_body_behind_an_offer_is_a_body(
    protocol: str, framing: str, sent: str, *, at_once: bool
) -> None:
    head = f"POST /body HTTP/1.1\r\nHost: a\r\n{OFFER.format('', protocol)}{framing}\r\n\r\n"
    parts = [head + sent + LAST] if at_once else [head, *sent, LAST]
    with listening(app := Answering(), Connection) as there, there.connect() as connection:
        for part in parts:
            connection.sendall(part.encode())
        answer = all_of(connection)
        assert f"a body of {len(BODY)}" in answer
        assert app.paths == ["/body", "/last"]
        assert b"upgrade" not in app.headers
        assert b"http2-settings" in app.headers


def test_requests_behind_an_offer_are_answered() -> None:
    paths = [f"/{number}" for number in range(10)]
    with listening(app := Answering(), Connection) as there:
        answer = there.sent("".join(OFFERED.format(path[1:]) for path in paths) + LAST)
        assert answer.count("HTTP/1.1 200") == len(paths) + 1
        assert app.paths == [*paths, "/last"]


def test_offers_without_end_end() -> None:
    with listening(app := Answering(), Connection) as there:
        answer = there.sent(OFFERED.format("many") * 5_000)
        assert answer.count("HTTP/1.1 200") == len(app.paths) == Connection.most_queued + 1


def test_who_offers_and_closes_is_answered() -> None:
    with listening(Answering(), Connection) as there:
        offer = OFFER.format(", close", "h2c")
        answer = there.sent(f"GET /only HTTP/1.1\r\nHost: a\r\n{offer}\r\n")
        assert answer.startswith("HTTP/1.1 200")
        assert answer.endswith("/only")


@pytest.mark.parametrize("where", ["a:80", "/graphql", "*"])
def test_nobody_is_connected_elsewhere(where: str) -> None:
    with listening(app := Answering(), Connection) as there:
        answer = there.sent(f"CONNECT {where} HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.startswith("HTTP/1.1 400")
        assert not app.paths
