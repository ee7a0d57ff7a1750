"""A page whose name leads to this machine is no neighbour."""

import httpx
import pytest

from server.middleware.allowed_hosts import Hosts
from tests.asking import Server, serving

QUERY = {"query": "{ viewer { displayName } }"}
PUBLIC = "https://Trophies.example:8443/case"
PATHS = ["/graphql", "/metrics", "/sandbox/calls", "/api/graphql/v1/op", "/graphiql/plain.css"]
KEY = {"Authorization": "Bearer key"}


def asked(server: Server, host: str, **headers: str) -> httpx.Response:
    """The answer to a page of that host, which believes to ask itself."""
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
def test_this_machine_has_a_loopback_name_with_any_port(server: Server, host: str) -> None:
    assert asked(server, host).json()["data"]["viewer"]["displayName"]


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
def test_no_other_name_is_this_machines(server: Server, host: str) -> None:
    answer = asked(server, host.encode("latin-1"))  # pyright: ignore[reportArgumentType]

    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert "TROPHYCASE_PUBLIC_URL" in error["message"]
    assert server.asked() == {}


def test_nothing_but_the_probes_is_open_under_another_name(server: Server) -> None:
    host = {"Host": "rebound.example"}
    for path in PATHS:
        assert server.request("GET", path, headers=host).status_code == 403
    for path in ("/livez", "/readyz"):
        assert server.request("GET", path, headers=host).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/graphql"])
def test_who_names_no_host_may_ask_the_probes_alone(path: str) -> None:
    refused = Hosts(needed=True, public="").refusal({"path": path, "headers": []})
    assert (refused is None) == (path == "/livez")


def test_the_host_of_the_public_address_is_one_more_name() -> None:
    with serving(TROPHYCASE_PUBLIC_URL=PUBLIC) as server:
        for host in ("trophies.example", "TROPHIES.example.:443", "localhost:8000"):
            assert asked(server, host).status_code == 200
        for host in ("other.example", "a.trophies.example", "trophies.example.evil.example"):
            assert asked(server, host).status_code == 403


def test_a_server_with_keys_is_asked_under_any_name() -> None:
    with serving(TROPHYCASE_API_KEYS="name:key:read") as server:
        assert asked(server, "graph.example", **KEY).json()["data"]["viewer"]["displayName"]
        assert asked(server, "graph.example").status_code == 401
