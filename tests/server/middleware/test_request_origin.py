"""Requests of other sites' pages, and requests that an untrusted proxy forwards."""

import pytest

from tests.harness import RunningServer, run_server

QUERY = {"query": "{ viewer { displayName } }"}
KEYS = "reader:key-of-the-reader:read"
KEY_HEADERS = {"Authorization": "Bearer key-of-the-reader"}
PATHS = ["/graphql", "/metrics", "/sandbox/calls", "/api/graphql/v1/op", "/graphiql/plain.css"]
FORWARDING_HEADERS = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Anything", "X-Real-IP", "Via"]


def get_status(server: RunningServer, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.request("POST", "/graphql", json=QUERY, headers=sent).status_code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://other.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.example:3000", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://127.0.0.1.example"},
    ],
)
def test_every_route_rejects_a_request_of_another_sites_page(
    server: RunningServer, path: str, headers: dict[str, str]
) -> None:
    answer = server.request("GET", path, headers=headers)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert answer.headers["x-request-id"]
    assert server.count_upstream_calls() == {}


def test_the_probes_are_served_to_every_page(server: RunningServer) -> None:
    for path in ("/livez", "/readyz"):
        headers = {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
        assert server.request("GET", path, headers=headers).status_code == 200


def test_a_link_from_another_site_opens_the_page_but_runs_no_query(server: RunningServer) -> None:
    visit = {
        "Accept": "text/html",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }

    for path in ("/", "/graphql"):
        assert server.request("GET", path, headers=visit).status_code == 200
    query = {"query": "{ viewer { id } }"}
    assert server.request("GET", "/graphql", params=query, headers=visit).status_code == 403


@pytest.mark.parametrize(
    "path", ["/?psn=sample_friend", "/export", "/metrics", "/events", "/sandbox/calls"]
)
def test_a_link_from_another_site_leads_to_nothing_but_pages(
    server: RunningServer, path: str
) -> None:
    visit = {
        "Accept": "text/html",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }

    assert server.request("GET", path, headers=visit).status_code == 403
    assert server.count_upstream_calls() == {}


def test_a_link_from_another_site_may_lead_to_an_invented_account(server: RunningServer) -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert server.request("GET", "/sandbox/profiles/abc", headers=visit).status_code == 200


def test_the_servers_own_origins_are_accepted() -> None:
    with run_server(TROPHYCASE_PUBLIC_URL="https://trophies.example/case") as server:
        assert get_status(server, Origin="https://trophies.example") == 200
        assert get_status(server, Origin="http://localhost.:1", Host="localhost.:1") == 200
        assert get_status(server, Origin="https://trophies.example:8443") == 403


def test_with_keys_a_name_in_host_is_no_origin_of_the_server() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        address = {"Host": "192.0.2.1:8000", "Origin": "http://192.0.2.1:8000"}
        assert get_status(server, **KEY_HEADERS, **address) == 200
        name = {"Host": "graph.example", "Origin": "http://graph.example"}
        assert get_status(server, **KEY_HEADERS, **name) == 403


def test_the_listed_origins_are_accepted() -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS="https://page.example") as server:
        assert get_status(server, Origin="https://page.example", Sec_Fetch_Site="cross-site") == 200
        assert get_status(server, Origin="https://other.example") == 403


def test_pages_on_loopback_may_call_the_sandbox_and_no_real_server() -> None:
    page = {"Origin": "http://localhost:3000", "Sec_Fetch_Site": "same-site"}
    with run_server() as server:
        assert get_status(server, **page) == 200
        assert get_status(server, Origin="https://[::1]:5173") == 200
    with run_server(sandbox=False) as server:
        assert get_status(server, **page) == 403


@pytest.mark.slow
@pytest.mark.parametrize("header", FORWARDING_HEADERS)
def test_without_keys_a_forwarded_request_needs_a_trusted_proxy(header: str) -> None:
    with run_server() as server:
        assert get_status(server, **{header: "192.0.2.1"}) == 403
        assert server.request("GET", "/livez", headers={header: "x"}).status_code == 200
    with run_server(TROPHYCASE_TRUSTED_PROXIES="127.0.0.1") as server:
        assert get_status(server, **{header: "192.0.2.1"}) == 200
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        assert get_status(server, **KEY_HEADERS, **{header: "192.0.2.1"}) == 200


@pytest.mark.parametrize(
    "name", ["Authorization", "x-npsso", "x-retroachievements-api-key", "X-Trophy-So-Api-Key"]
)
def test_a_credential_that_is_sent_twice_is_rejected(name: str) -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        twice = [(name, "Bearer key-of-the-reader"), (name, "Bearer key-of-the-reader")]
        answer = server.request("POST", "/graphql", json=QUERY, headers=twice)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
