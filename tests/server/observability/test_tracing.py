"""The spans of operations and of their upstream calls, as a collector receives them."""

import logging
from collections import deque
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from providers.registry import Source
from server.observability.tracing import MAX_EVENTS
from server.webhooks.sender import WebhookSender
from tests.harness import PSN_VEGA, RETRO_VEGA, run_server
from tests.resolvers.live.subscriber import wait
from tests.resolvers.live.unlocks import unlock_psn
from tests.server import caller_headers
from tests.server.live.clients import UNLOCKS, Stream, open_socket
from tests.server.observability.collector import Collector, run_collector
from tests.server.webhooks.messages import SECRET as WEBHOOK_SECRET
from tests.server.webhooks.receiver import Receiver

pytestmark = pytest.mark.slow

PROFILE_QUERY = "query Named($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
TOTALS_QUERY = "{ viewer { totals { titles } accounts { displayName } } }"
TRACE_ID, PARENT_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACE_PARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"
PSN_HOST = "m.np.playstation.com"
SIGN_IN_HOST = "ca.account.sony.com"
WEBHOOK_PATH = "path-of-the-address"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with run_collector() as running:
        yield running


def test_an_operation_is_a_span_by_the_semantic_conventions(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        answer = server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    span = collector.get_operation()
    assert (span.name, span.kind, span.status, span.parent_id) == ("query", "SERVER", "UNSET", "")
    assert span.attributes == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Named",
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "trophycase.request_id": answer.headers["x-request-id"],
        "trophycase.transport": "http",
        "trophycase.upstream_calls": sum(answer.upstream_calls.values()),
        "trophycase.coalesced": 0,
        "trophycase.cache.miss": 1,
    }


def test_each_upstream_call_is_a_child_of_its_operation(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        answer = server.execute(TOTALS_QUERY)
    operation, calls = collector.get_operation(), collector.list_calls()
    assert len(calls) == sum(answer.upstream_calls.values()) > 3
    assert {(each.trace_id, each.parent_id) for each in calls} == {
        (operation.trace_id, operation.id)
    }
    assert {each.attributes["trophycase.source"] for each in calls} == set(answer.upstream_calls)
    for each in calls:
        assert each.name == each.attributes["http.request.method"]
        assert each.attributes["http.response.status_code"] == 200
        assert set(each.attributes) == {
            "http.request.method",
            "http.response.status_code",
            "server.address",
            "trophycase.rate_limiter.wait_ms",
            "trophycase.source",
        }


def test_parsing_is_a_child_as_well(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.execute("{ __typename }")
    (part,) = collector.list_spans("INTERNAL")
    assert (part.name, part.parent_id) == ("parse and validate", collector.get_operation().id)


def test_cache_lookups_are_counted_by_result(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
        server.execute(PROFILE_QUERY.replace("Named", "Again"), {"who": PSN_VEGA})
    counts = [
        {name: count for name, count in each.attributes.items() if ".cache." in name}
        for each in collector.list_spans("SERVER")
    ]
    assert counts == [{"trophycase.cache.miss": 1}, {"trophycase.cache.fresh": 1}]
    assert [each.events for each in collector.list_spans("SERVER")] == [
        [("cache lookup", {"trophycase.source": "PSN", **count})] for count in counts
    ]


def test_an_operation_has_a_bounded_number_of_events(collector: Collector) -> None:
    names = ("a", "b", "c", "d", "e", "f", "g", "h")
    titles = "trophyTitles(first: 50) { edges { node { groups { name } achievements { name } } } }"
    query = f"{{ {' '.join(f'{name}: viewer {{ {titles} }}' for name in names)} }}"
    with run_server(TROPHYCASE_MAX_CALLS="1000", **collector.settings) as server:
        server.execute(query)
    operation = collector.get_operation()
    counted = sum(count for name, count in operation.attributes.items() if ".cache." in name)
    assert len(operation.events) == MAX_EVENTS < counted


def test_a_call_has_the_wait_for_its_rate_limiter(collector: Collector) -> None:
    settings: dict[str, Any] = {"RETROACHIEVEMENTS_RATE": "1/2", **collector.settings}
    with run_server(**settings) as server:
        for query in (PROFILE_QUERY, PROFILE_QUERY.replace("displayName", "totals { titles }")):
            server.execute(query, {"who": RETRO_VEGA})
    waits = [each.attributes["trophycase.rate_limiter.wait_ms"] for each in collector.list_calls()]
    assert waits[0] == 0
    assert max(waits) == pytest.approx(2000, abs=10)
    events = [
        attributes
        for operation in collector.list_spans("SERVER")
        for name, attributes in operation.events
        if name == "rate limiter wait"
    ]
    assert events == [
        {"trophycase.source": "RETRO_ACHIEVEMENTS", "trophycase.rate_limiter.wait_ms": wait}
        for wait in waits
        if wait
    ]


def test_errors_are_the_status_of_the_spans(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.inject_fault("np.playstation.com", status=503)
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    operation, (call,) = collector.get_operation(), collector.list_calls()
    assert operation.status == call.status == "ERROR"
    assert operation.attributes["error.type"] == "UPSTREAM_UNAVAILABLE"
    assert operation.attributes["trophycase.codes"] == ["UPSTREAM_UNAVAILABLE"]
    assert call.attributes["error.type"] == "503"


def test_a_call_without_a_response_names_its_failure(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.inject_fault("np.playstation.com", reset=True)
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    (call,) = collector.list_calls()
    assert (call.status, call.attributes["error.type"]) == ("ERROR", "broken")
    assert "http.response.status_code" not in call.attributes


def test_a_document_that_cannot_be_parsed_has_no_type(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.execute("{ secretField(")
    span = collector.get_operation()
    assert (span.name, span.status) == ("GraphQL Operation", "ERROR")
    assert b"secretField" not in b"".join(collector.bodies)


def test_the_trace_of_the_request_goes_on(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.execute("{ __typename }", headers={"traceparent": TRACE_PARENT})
    span = collector.get_operation()
    assert (span.trace_id, span.parent_id) == (TRACE_ID, PARENT_ID)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "00-0-0-01",
        TRACE_PARENT.replace("00-", "ff-", 1),
        TRACE_PARENT.upper().replace("-01", "-zz"),
        f"00-{'0' * 32}-{PARENT_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"{TRACE_PARENT}-more",
        f"{TRACE_PARENT}, {TRACE_PARENT}",
    ],
)
def test_a_trace_parent_that_is_not_well_formed_is_ignored(
    collector: Collector, given: str
) -> None:
    with run_server(**collector.settings) as server:
        server.execute("{ __typename }", headers={"traceparent": given})
    span = collector.get_operation()
    assert span.parent_id == ""
    assert span.trace_id != TRACE_ID


def test_the_log_line_has_the_id_of_the_trace(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trophycase")
    with run_server(**collector.settings) as server:
        server.execute("{ __typename }")
    (line,) = [vars(each)["fields"] for each in caplog.records if each.message == "operation"]
    assert line["trace_id"] == collector.get_operation().trace_id


@pytest.mark.parametrize(("hosts", "is_told"), [("", False), (PSN_HOST, True), ("other", False)])
def test_only_listed_hosts_are_told_the_trace(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, *, hosts: str, is_told: bool
) -> None:
    sent: list[str | None] = []
    with run_server(TROPHYCASE_TRACE_HOSTS=hosts, **collector.settings) as server:
        handle = server.upstreams.handle_async_request

        async def watch(request: httpx.Request) -> httpx.Response:
            if request.url.host == PSN_HOST:
                sent.append(request.headers.get("traceparent"))
            return await handle(request)

        monkeypatch.setattr(server.upstreams, "handle_async_request", watch)
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    call = next(iter(collector.list_calls()))
    assert {each and each[:-2] for each in sent} == {
        f"00-{call.trace_id}-{call.id}-" if is_told else None
    }


def test_no_span_contains_a_secret_a_document_or_a_handle(collector: Collector) -> None:
    """Holds for every kind of credential of callers, for accepted and for rejected ones."""
    rejected = {name: f"{value}-not" for name, value in caller_headers.SECOND.items()}
    query = (
        'query { viewer { displayName } user(accounts: [{source: PSN, handle: "Vega_N"}]) {id} }'
    )
    keys = "someone:the-key-of-someone:read+write"
    with run_server(TROPHYCASE_API_KEYS=keys, **collector.settings) as server:
        for headers in (
            {},
            caller_headers.OWNER_ON_PSN,
            caller_headers.SECOND,
            rejected,
            caller_headers.make_bearer_headers("the-key-of-someone"),
        ):
            server.execute(query, headers=headers)
            server.execute(TOTALS_QUERY, headers=headers)
    received = b"".join(collector.bodies)
    assert len(collector.list_spans("SERVER")) == 10
    assert {each.attributes["trophycase.source"] for each in collector.list_calls()} == {
        source.name for source in Source
    }
    hidden = {
        *caller_headers.SECRETS,
        *caller_headers.SECOND.values(),
        *rejected.values(),
        "the-key-of-someone",
        "Vega_N",
        "displayName",
        "/api/",
        "127.0.0.1",
    }
    assert [each for each in hidden if each.encode() in received] == []


def test_a_page_is_no_operation(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        server.request("GET", "/graphql", headers={"Accept": "text/html"})
    assert collector.bodies == []


def test_each_operation_of_a_socket_is_a_span(collector: Collector) -> None:
    with (
        run_server(**collector.settings) as server,
        open_socket(server, headers={"traceparent": TRACE_PARENT}) as socket,
    ):
        socket.execute("query First { __typename }")
        socket.execute(PROFILE_QUERY, variables={"who": PSN_VEGA})
    first, second = collector.list_spans("SERVER")
    assert [each.attributes["graphql.operation.name"] for each in (first, second)] == [
        "First",
        "Named",
    ]
    assert {first.trace_id, second.trace_id} == {TRACE_ID}
    assert "http.route" not in first.attributes
    assert {each.parent_id for each in collector.list_calls()} == {second.id}


def test_a_subscription_is_one_span_from_its_start_to_its_end(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        stream = Stream(server, UNLOCKS, variables={"accounts": PSN_VEGA})
        wait(server, 90)
        unlock_psn(server)
        assert stream.receive()[0] == "next"
        stream.disconnect()
    span = collector.get_operation()
    assert (span.name, span.attributes["trophycase.transport"]) == ("subscription", "sse")
    assert span.attributes["trophycase.events"] == 1


def test_polls_of_watched_accounts_are_traces_of_their_own(collector: Collector) -> None:
    with run_server(**collector.settings) as server:
        stream = Stream(server, UNLOCKS, variables={"accounts": PSN_VEGA})
        wait(server, 300)
        stream.disconnect()
    polls = [each for each in collector.list_calls() if not each.parent_id]
    assert len({each.trace_id for each in polls}) == len(polls) > 1


def test_a_request_of_a_sign_in_is_a_part_of_the_operation_that_began_it(
    collector: Collector,
) -> None:
    with run_server(**collector.settings) as server:
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    operation, (request,) = collector.get_operation(), collector.list_other_requests("sign_in")
    assert (request.name, request.status) == ("POST", "UNSET")
    assert (request.trace_id, request.parent_id) == (operation.trace_id, operation.id)
    assert request.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": SIGN_IN_HOST,
        "trophycase.purpose": "sign_in",
        "trophycase.source": "PSN",
    }


def test_a_failed_sign_in_says_how_it_failed(collector: Collector) -> None:
    rejected = {**caller_headers.OWNER_ON_PSN, "x-npsso": "9" * 64}
    with run_server(**collector.settings) as server:
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA}, headers=rejected)
        server.inject_fault(SIGN_IN_HOST, reset=True)
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    requests = collector.list_other_requests("sign_in")
    assert {each.status for each in requests} == {"ERROR"}
    assert [each.attributes["error.type"] for each in requests] == ["400", "broken"]


def test_a_sign_in_tells_the_trace_to_a_listed_host_alone(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str | None] = []
    with run_server(TROPHYCASE_TRACE_HOSTS=SIGN_IN_HOST, **collector.settings) as server:
        handle = server.upstreams.handle_async_request

        async def watch(request: httpx.Request) -> httpx.Response:
            sent.append(request.headers.get("traceparent"))
            return await handle(request)

        monkeypatch.setattr(server.upstreams, "handle_async_request", watch)
        server.execute(PROFILE_QUERY, {"who": PSN_VEGA})
    requests = collector.list_other_requests("sign_in")
    assert [each and each[:-2] for each in sent] == [
        *(f"00-{each.trace_id}-{each.id}-" for each in requests),
        None,
    ]


def test_each_attempt_of_a_webhook_is_a_trace_of_its_own(collector: Collector) -> None:
    webhook = f"phone=https://hooks.example:8443/{WEBHOOK_PATH}|{WEBHOOK_SECRET}"
    receiver = Receiver(deque([500]))
    with run_server(TROPHYCASE_WEBHOOKS=webhook, **collector.settings) as server:
        (deliverer,) = server.app.state.webhooks.deliverers
        deliverer.sender = receiver.create_sender()
        wait(server, 5)
        unlock_psn(server)
        wait(server, 100)
    failed, delivered = collector.list_other_requests("webhook")
    assert (failed.status, delivered.status) == ("ERROR", "UNSET")
    assert failed.parent_id == delivered.parent_id == ""
    assert failed.trace_id != delivered.trace_id
    assert delivered.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 204,
        "server.address": "hooks.example",
        "server.port": 8443,
        "trophycase.purpose": "webhook",
        "trophycase.webhook": "phone",
    }
    received = b"".join(collector.bodies)
    assert WEBHOOK_PATH.encode() not in received
    assert WEBHOOK_SECRET.encode() not in received
    assert {"traceparent", "tracestate"}.isdisjoint(receiver.requests[0].headers)


def test_an_attempt_without_a_response_says_why(collector: Collector) -> None:
    webhook = f"phone=https://hooks.example/{WEBHOOK_PATH}|{WEBHOOK_SECRET}"

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1"]

    with run_server(TROPHYCASE_WEBHOOKS=webhook, **collector.settings) as server:
        (deliverer,) = server.app.state.webhooks.deliverers
        deliverer.sender = WebhookSender(resolver=resolve)
        wait(server, 5)
        unlock_psn(server)
        wait(server, 65)
    attempt = collector.list_other_requests("webhook")[0]
    assert (attempt.status, attempt.attributes["error.type"]) == ("ERROR", "not public")
    assert "http.response.status_code" not in attempt.attributes
    assert WEBHOOK_PATH.encode() not in b"".join(collector.bodies)
