"""What the browser of another site's page is told."""

import httpx
import pytest

from tests.harness import RunningServer, run_server

PAGE = "https://page.example"
QUERY = {"query": "{ viewer { displayName } }"}
ENCODED = {"Content-Encoding": "br"}  # which the guard rejects
SENT_BY_CLIENTS = [
    "apollographql-client-name",
    "apollographql-client-version",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "traceparent",
    "tracestate",
    "x-request-id",
    "authorization",
    "x-npsso",
]


def send_preflight(server: RunningServer, headers: str, origin: str = PAGE) -> httpx.Response:
    sent = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": headers,
    }
    return server.request("OPTIONS", "/graphql", headers=sent)


def get_readers(answer: httpx.Response) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.mark.parametrize("header", SENT_BY_CLIENTS)
def test_what_clients_and_tracing_send_is_allowed(header: str) -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS=PAGE) as server:
        answer = send_preflight(server, f"content-type,{header}")
        assert (answer.status_code, get_readers(answer)) == (200, PAGE)
        assert send_preflight(server, "x-anything").status_code == 400


def test_a_page_reads_the_request_id_and_when_to_try_again() -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS=PAGE) as server:
        answer = server.request("POST", "/graphql", json=QUERY, headers={"Origin": PAGE})
        assert get_readers(answer) == PAGE
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"Retry-After", "X-Request-Id"} <= set(exposed)
        assert answer.headers["x-request-id"]


def test_a_page_reads_why_the_guard_rejects_its_request() -> None:
    page = {"Origin": PAGE}
    with run_server(TROPHYCASE_CORS_ORIGINS=PAGE) as server:
        encoded = server.request("GET", "/graphql", headers={**page, **ENCODED})
        wrong_host = server.request("GET", "/graphql", headers={**page, "Host": "a.example"})
        nothing = server.request("GET", "/nothing", headers=page)
    answers = [encoded, wrong_host, nothing]
    assert [answer.status_code for answer in answers] == [415, 403, 404]
    assert [get_readers(answer) for answer in answers] == [PAGE] * 3


def test_a_page_of_another_origin_reads_nothing() -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS=PAGE) as server:
        for headers in ({"Origin": "https://other.example"}, {}):
            answer = server.request("GET", "/graphql", headers={**headers, **ENCODED})
            assert (answer.status_code, get_readers(answer)) == (415, None)
        assert get_readers(send_preflight(server, "content-type", "https://other.example")) is None


def test_a_rejected_preflight_is_not_answered_as_an_accepted_one() -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS=PAGE) as server:
        sent = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Host": "a.example"}
        assert server.request("OPTIONS", "/graphql", headers=sent).status_code == 403


def test_a_page_on_loopback_reads_the_sandbox(server: RunningServer) -> None:
    answer = send_preflight(server, "content-type", "http://localhost:3000")
    assert (answer.status_code, get_readers(answer)) == (200, "http://localhost:3000")


def test_without_an_origin_in_the_settings_no_other_page_reads_a_real_server() -> None:
    with run_server(sandbox=False) as server:
        for origin in (PAGE, "http://localhost:3000"):
            assert get_readers(send_preflight(server, "content-type", origin)) is None
