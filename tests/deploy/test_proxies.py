"""The configurations in `deploy/`, each run in front of the real server."""

import json
import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.middleware.request_checks import MAX_BODY_BYTES
from tests.deploy.proxy_process import (
    DEPLOY,
    LOOPBACK,
    SITE,
    ProxiedServer,
    is_installed,
    start_proxied_server,
)
from tests.server.message_requests import MESSAGES_QUERY
from tests.server.runtime.server_process import wait_until

OTHER_CLIENT, THIRD_CLIENT = "127.0.0.2", "127.0.0.3"
API_KEY = "a-key-of-the-tests"
API_KEYS = f"reader:{API_KEY}:read"
AUTHORIZATION = {"Authorization": f"Bearer {API_KEY}"}
QUERY = "{ viewer { displayName } }"
# More than the proxy's time-out, and less than the server's own of ten seconds.
CUT_OFF_SECONDS = 9.5

pytestmark = pytest.mark.slow


def needs(proxy: str) -> Any:
    """Return a proxy as a parameter, skipped where it is not installed; `.ci/run` installs both."""
    missing = not is_installed(proxy, "openssl")
    return pytest.param(proxy, marks=pytest.mark.skipif(missing, reason=f"needs {proxy}, openssl"))


PROXIES = [needs("nginx"), needs("caddy")]


@pytest.fixture(scope="module", params=PROXIES)
def proxied(request: pytest.FixtureRequest) -> Iterator[ProxiedServer]:
    """A server with keys behind each of the proxies."""
    with start_proxied_server(request.param, TROPHYCASE_API_KEYS=API_KEYS) as started:
        yield started


def read_until_closed(connection: ssl.SSLSocket) -> tuple[bytes, float]:
    """Return what still comes, and after how many seconds the connection is closed."""
    began, received = time.monotonic(), b""
    connection.settimeout(CUT_OFF_SECONDS)
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except (ConnectionError, ssl.SSLError):
        pass
    return received, time.monotonic() - began


def test_the_clients_own_address_is_in_the_log_line(proxied: ProxiedServer) -> None:
    """Holds also for a client that sends forwarding headers, whose words are not believed."""
    before = len(proxied.process.list_operation_lines())
    invented = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    for headers in (AUTHORIZATION, {**AUTHORIZATION, **invented}):
        with proxied.open_client(OTHER_CLIENT) as client:
            answer = client.post(
                "/graphql",
                json={"query": QUERY},
                headers=headers,
                extensions={"sni_hostname": SITE},
            )
        assert answer.json()["data"]["viewer"]["displayName"]

    wait_until(lambda: proxied.process.list_operation_lines()[before + 1 :])
    lines = proxied.process.list_operation_lines()[before:]
    assert [line["client"] for line in lines] == [OTHER_CLIENT] * 2


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize(("public_url", "status"), [(f"https://{SITE}", 200), ("", 403)])
def test_the_host_reaches_the_server(proxy: str, public_url: str, status: int) -> None:
    """Holds that a server without keys is never asked as 127.0.0.1 by those behind a proxy."""
    with start_proxied_server(proxy, TROPHYCASE_PUBLIC_URL=public_url) as started:
        assert started.execute(QUERY).status_code == status


def test_urls_in_responses_are_those_of_the_proxy(proxied: ProxiedServer) -> None:
    answer = proxied.execute(MESSAGES_QUERY, **AUTHORIZATION).json()

    edges = answer["data"]["user"]["accounts"][0]["messageGroup"]["messages"]["edges"]
    urls = [edge["node"]["resource"]["url"] for edge in edges if edge["node"]["resource"]]
    assert urls
    assert all(url.startswith(f"https://{SITE}/psn/") for url in urls)


def test_a_header_that_is_sent_slowly_is_cut_off(proxied: ProxiedServer) -> None:
    with proxied.open_connection() as connection:
        connection.sendall(f"GET /livez HTTP/1.1\r\nHost: {SITE}\r\nX-Slow: ".encode())
        received, seconds = read_until_closed(connection)

    assert b" 200 " not in received
    assert seconds < CUT_OFF_SECONDS


def test_a_body_that_is_sent_slowly_is_cut_off(proxied: ProxiedServer) -> None:
    # With a key: the server rejects others at once, and does not wait for their bodies.
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: {SITE}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {API_KEY}\r\nContent-Length: 1000\r\n\r\n"
    )
    before = len(proxied.process.list_operation_lines())
    with proxied.open_connection() as connection:
        connection.sendall(f"{head}{{".encode())
        received, seconds = read_until_closed(connection)

    assert b"{" not in received  # of whatever status, it is no response of the server
    assert seconds < CUT_OFF_SECONDS
    assert all(line["type"] == "none" for line in proxied.process.list_operation_lines()[before:])


@pytest.mark.parametrize("is_chunked", [True, False])
def test_a_body_over_the_limit_is_refused(proxied: ProxiedServer, *, is_chunked: bool) -> None:
    """Holds for a body of known and of unknown length; one of just the limit is answered."""
    fits, exceeds = (b" " * (MAX_BODY_BYTES + more) for more in (0, 1))
    headers = {**AUTHORIZATION, "Content-Type": "application/json"}

    def send(content: bytes) -> int:
        body = iter([content]) if is_chunked else content
        return proxied.request("POST", "/graphql", content=body, headers=headers).status_code

    assert send(fits) == 400  # which is read, and is no JSON
    assert send(exceeds) in (413, 502)  # Caddy 2.6 has no better word for its own limit


def test_a_websocket_opens_through_the_proxy(proxied: ProxiedServer) -> None:
    with proxied.open_connection() as connection, open_socket(connection) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": AUTHORIZATION}))
        assert socket.recv() == '{"type":"connection_ack"}'
        message = {"type": "subscribe", "id": "1", "payload": {"query": QUERY}}
        socket.send(json.dumps(message))
        answer = json.loads(socket.recv())
    assert answer["payload"]["data"]["viewer"]["displayName"]


def test_events_are_not_kept_back_by_the_proxy(proxied: ProxiedServer) -> None:
    query = "subscription { achievementUnlocked { eventId } }"
    headers = {**AUTHORIZATION, "Accept": "text/event-stream"}
    with (
        proxied.open_client() as client,
        client.stream(
            "POST",
            "/graphql",
            json={"query": query},
            headers=headers,
            extensions={"sni_hostname": SITE},
        ) as response,
    ):
        assert response.status_code == 200
        assert next(response.iter_text()) == ":\n\n"


def open_socket(connection: ssl.SSLSocket) -> ClientConnection:
    """Open a WebSocket on a connection to the proxy."""
    protocols = [Subprotocol("graphql-transport-ws")]
    return connect(f"ws://{SITE}/graphql", sock=connection, subprotocols=protocols)


def test_plain_http_is_redirected(proxied: ProxiedServer) -> None:
    url = f"http://{LOOPBACK}:{proxied.files.http_port}/graphql"

    answer = httpx.get(url, headers={"Host": SITE}, trust_env=False)

    assert answer.status_code == 308
    assert answer.headers["Location"].startswith(f"https://{SITE}")


def test_browsers_are_told_to_use_tls_alone(proxied: ProxiedServer) -> None:
    answer = proxied.request("GET", "/livez")

    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("proxied", [needs("nginx")], indirect=True)
def test_nginx_limits_each_address_by_itself(proxied: ProxiedServer) -> None:
    def count_until_refused(address: str, attempts: int) -> int:
        """Return how many requests are answered before one is refused."""
        with proxied.open_client(address) as client:
            for count in range(attempts):
                status = client.get("/livez", extensions={"sni_hostname": SITE}).status_code
                if status == 429:
                    return count
                assert status == 200
        return attempts

    assert 100 <= count_until_refused(THIRD_CLIENT, 5000) < 5000
    assert count_until_refused(OTHER_CLIENT, 10) == 10


@pytest.mark.parametrize("proxied", [needs("nginx")], indirect=True)
def test_nginx_serves_no_other_name(proxied: ProxiedServer) -> None:
    with (
        pytest.raises(httpx.ConnectError),
        proxied.open_client() as client,
    ):
        client.get("/livez", extensions={"sni_hostname": "other.example.org"})


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_body_limit_of_a_proxy_is_the_servers(name: str) -> None:
    text = (DEPLOY / name).read_text()

    assert MAX_BODY_BYTES == 1536 * 1024
    assert ("1536k" if name == "nginx.conf" else "1536KiB") in text
