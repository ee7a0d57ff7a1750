"""Web pages whose name resolves to this machine (DNS rebinding) are rejected."""

import httpx
import pytest

from server.middleware.allowed_hosts import AllowedHosts
from tests.harness import BASE_URL, RunningServer, run_server

QUERY = {"query": "{ viewer { displayName } }"}
PUBLIC = "https://Trophies.example:8443/case"
PATHS = ["/graphql", "/metrics", "/sandbox/calls", "/api/graphql/v1/op", "/graphiql/plain.css"]
KEY_HEADERS = {"Authorization": "Bearer key-of-one-caller"}


def send_query(server: RunningServer, host: str, **headers: str) -> httpx.Response:
    """Send a query as a page of that host does, for which it is same-origin."""
    sent = {"Host": host, "Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}", **headers}
    return server.request("POST", "/graphql", json=QUERY, headers=sent)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8000",
        "localhost.",
        "localhost.:8000",
        "localhost \t",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.8.9.10",
        "[::1]",
        "[::1]:65535",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_loopback_hosts_are_allowed_with_any_port(server: RunningServer, host: str) -> None:
    assert send_query(server, host).json()["data"]["viewer"]["displayName"]


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example:8000",
        "localhost.example",
        "localhost..",
        ".",
        "127.0.0.1.example",
        "localhost@rebound.example",
        "rebound.example/localhost",
        "192.0.2.1:8000",
        "[2001:db8::1]",
        "[::1",
        "::1",
        "[localhost]",
        "localhost:80:80",
        "localhost:port",
        "localhost, rebound.example",
        "loc\xe4lhost",
        "trophies.example",
        "",
    ],
)
def test_other_hosts_are_rejected(server: RunningServer, host: str) -> None:
    answer = send_query(server, host.encode("latin-1"))  # pyright: ignore[reportArgumentType]

    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert "TROPHYCASE_PUBLIC_URL" in error["message"]
    assert server.count_upstream_calls() == {}


def test_only_the_probes_are_served_under_other_hosts(server: RunningServer) -> None:
    host = {"Host": "rebound.example"}
    for path in PATHS:
        assert server.request("GET", path, headers=host).status_code == 403
    for path in ("/livez", "/readyz"):
        assert server.request("GET", path, headers=host).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/graphql"])
def test_without_a_host_only_the_probes_are_served(path: str) -> None:
    rejected = AllowedHosts(is_enforced=True, public_host="").check_host(
        {"path": path, "headers": []}
    )
    assert (rejected is None) == (path == "/livez")


def test_the_host_of_the_public_url_is_allowed() -> None:
    with run_server(TROPHYCASE_PUBLIC_URL=PUBLIC) as server:
        own = {"Origin": "https://trophies.example:8443"}
        for host in ("trophies.example", "TROPHIES.example.:443", "localhost:8000"):
            assert send_query(server, host, **own).status_code == 200
        for host in ("other.example", "a.trophies.example", "trophies.example.evil.example"):
            assert send_query(server, host).status_code == 403


def test_a_server_with_keys_allows_any_host() -> None:
    with run_server(TROPHYCASE_API_KEYS="name:key-of-one-caller:read") as server:
        own = {"Origin": BASE_URL}
        answer = send_query(server, "graph.example", **own, **KEY_HEADERS)
        assert answer.json()["data"]["viewer"]["displayName"]
        assert send_query(server, "graph.example", **own).status_code == 401
