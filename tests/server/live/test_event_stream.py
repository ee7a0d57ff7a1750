"""Server-sent events: what is in the response, and how it ends."""

import json
import logging
from typing import Any
from urllib.parse import quote

import pytest

from providers.errors import UpstreamFailed
from providers.registry import Source
from resolvers.unlock_stream import UnlockStream
from server.live import live_connections
from tests.harness import PSN_VEGA, RunningServer, run_server
from tests.resolvers.live.subscriber import wait
from tests.resolvers.live.unlocks import unlock_psn
from tests.server.live.clients import END, UNLOCKS, Stream

SOURCES = "{ sources { source } }"
VARIABLES = {"accounts": PSN_VEGA}
EVENT_STREAM = {"accept": "text/event-stream"}
# As urql sends it, for every operation.
ANY_STREAM = {
    "accept": "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
}
KEYS = "reader:the-key-of-the-reader:read"


def open_stream(server: RunningServer, headers: dict[str, str] | None = None) -> Stream:
    """Subscribe to unlocks, and wait until the first poll of the account is over."""
    stream = Stream(server, UNLOCKS, headers, variables=VARIABLES)
    wait(server, 1)
    return stream


def test_a_query_is_one_event_and_an_end(server: RunningServer) -> None:
    response = server.request("POST", "/graphql", json={"query": SOURCES}, headers=EVENT_STREAM)

    assert response.status_code == 200
    first, second, rest = response.text.split("\n\n")
    name, data = first.split("\n")
    assert name == "event: next"
    assert len(json.loads(data.removeprefix("data: "))["data"]["sources"]) == len(Source)
    assert (second, rest) == ("event: complete\ndata:", "")
    assert "\r" not in response.text


def test_the_headers_keep_proxies_from_buffering(server: RunningServer) -> None:
    for headers in (
        server.request("POST", "/graphql", json={"query": SOURCES}, headers=EVENT_STREAM).headers,
        (stream := open_stream(server)).headers,
    ):
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-cache"
        assert headers["x-accel-buffering"] == "no"
    stream.disconnect()


def test_a_browser_subscribes_by_get(server: RunningServer) -> None:
    path = f"/graphql?query={quote(SOURCES)}"
    response = server.request("GET", path, headers=EVENT_STREAM)

    assert response.text.startswith("event: next\ndata: {")
    mutation = quote("mutation { __typename }")
    assert (
        server.request("GET", f"/graphql?query={mutation}", headers=EVENT_STREAM).status_code == 405
    )


@pytest.mark.parametrize(
    "query", ["{ so", "{ nothing }", "query A { a: __typename } query B { __typename }"]
)
def test_an_invalid_document_is_an_event(server: RunningServer, query: str) -> None:
    response = server.request("POST", "/graphql", json={"query": query}, headers=EVENT_STREAM)

    assert response.status_code == 200
    result = json.loads(response.text.split("\n")[1].removeprefix("data: "))
    assert result["errors"][0]["extensions"]["code"]
    assert "data" not in result
    assert response.text.endswith("\n\nevent: complete\ndata:\n\n")


def test_an_unknown_hash_is_an_event(server: RunningServer) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    response = server.request(
        "POST", "/graphql", json={"extensions": extensions}, headers=EVENT_STREAM
    )

    assert response.status_code == 200
    assert "PersistedQueryNotFound" in response.text


@pytest.mark.parametrize(
    ("request_options", "status"),
    [
        ({"content": b"{"}, 400),
        ({"json": [{"query": SOURCES}]}, 400),
        ({"json": {"query": 1}}, 400),
        ({"content": b"query=x", "headers": {"content-type": "text/plain"}}, 415),
    ],
)
def test_what_is_wrong_with_a_request_is_a_status(
    server: RunningServer, request_options: dict[str, Any], status: int
) -> None:
    headers = {"content-type": "application/json", **EVENT_STREAM}
    given = {**request_options, "headers": {**headers, **request_options.get("headers", {})}}
    response = server.request("POST", "/graphql", **given)

    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/json")


def test_a_caller_who_is_not_accepted_gets_a_status() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        response = server.request("POST", "/graphql", json={"query": UNLOCKS}, headers=EVENT_STREAM)
        assert response.status_code == 401
        stream = Stream(
            server,
            UNLOCKS,
            {"authorization": "Bearer the-key-of-the-reader"},
            variables=VARIABLES,
        )
        assert stream.status == 200
        stream.disconnect()


def test_unlocks_are_events(server: RunningServer) -> None:
    stream = open_stream(server)
    unlock_psn(server)
    name, result = stream.receive()

    assert name == "next"
    assert result["data"]["achievementUnlocked"]["achievement"]["nativeId"] == "5"
    stream.disconnect()


def test_a_client_that_prefers_json_gets_events_of_a_subscription_alone(
    server: RunningServer,
) -> None:
    response = server.request("POST", "/graphql", json={"query": SOURCES}, headers=ANY_STREAM)
    assert response.headers["content-type"].startswith("application/graphql-response+json")
    stream = open_stream(server, ANY_STREAM)
    assert stream.headers["content-type"].startswith("text/event-stream")
    stream.disconnect()


def test_a_subscription_for_json_is_not_acceptable(server: RunningServer) -> None:
    response = server.execute(UNLOCKS, VARIABLES)

    assert response.status == 406
    assert response.error["code"] == "BAD_USER_INPUT"


def test_a_comment_is_sent_at_the_beginning_and_every_fifteen_seconds(
    server: RunningServer,
) -> None:
    stream = open_stream(server)
    assert stream.receive(shows_comments=True) == ("comment", None)
    began_at = server.clock.now
    for _ in range(4):
        assert stream.receive(shows_comments=True) == ("comment", None)
    assert server.clock.now - began_at == pytest.approx(60, abs=2)
    stream.disconnect()


def test_what_prevents_a_subscription_is_an_event(server: RunningServer) -> None:
    accounts = [{"source": "PSN", "handle": "nobody_is_here"}]
    stream = Stream(server, UNLOCKS, variables={"accounts": accounts})

    name, result = stream.receive()
    assert (stream.status, name) == (200, "next")
    assert result["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert stream.receive() == ("complete", None)
    assert stream.receive() == END


def test_a_failing_source_of_events_is_an_event_and_the_end(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_stream: Any) -> Any:
        raise UpstreamFailed("The source failed.", source="PSN")

    monkeypatch.setattr(UnlockStream, "__anext__", fail)
    stream = Stream(server, UNLOCKS, variables=VARIABLES)

    _, result = stream.receive()
    assert result["errors"][0]["extensions"]["source"] == "PSN"
    assert stream.receive() == ("complete", None)
    assert stream.receive() == END
    stream.wait_for_end()


def test_nothing_is_watched_after_the_client_is_gone(server: RunningServer) -> None:
    open_stream(server).disconnect()
    calls = server.count_upstream_calls()
    wait(server, 600)
    assert server.count_upstream_calls() == calls


@pytest.mark.slow
def test_a_stream_ends_after_its_lifetime_without_a_complete(server: RunningServer) -> None:
    began_at = server.clock.now
    stream = open_stream(server)

    assert stream.receive() == END
    assert 0.9 * 3_600 <= server.clock.now - began_at <= 3_601
    stream.wait_for_end()


@pytest.mark.slow
def test_a_drain_ends_all_streams_without_a_complete(server: RunningServer) -> None:
    streams = [open_stream(server) for _ in range(20)]
    server.app.state.live_connections.start_draining()

    wait(server, 1.5)
    assert 0 < sum(each.has_ended for each in streams) < len(streams)
    wait(server, 1.6)
    assert all(each.has_ended for each in streams)
    assert [each.receive() for each in streams] == [END] * len(streams)


def test_one_stream_too_many_is_rejected(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_connections, "MAX_CALLER_CONNECTIONS", 2)
    streams = [open_stream(server) for _ in range(2)]
    rejected = Stream(server, UNLOCKS, variables=VARIABLES)
    assert rejected.status == 503
    assert rejected.headers["retry-after"] == "1"
    streams[0].disconnect()
    assert open_stream(server).status == 200


def test_a_stream_is_one_line_of_the_log(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trophycase")
    stream = open_stream(server)
    unlock_psn(server)
    stream.receive()
    stream.disconnect()
    (line,) = (vars(each)["fields"] for each in caplog.records if each.message == "operation")

    assert (line["type"], line["events"], line["transport"]) == ("subscription", 1, "sse")
    assert (line["codes"], line["status"]) == ([], 200)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_pages_open_no_stream(server: RunningServer, site: str) -> None:
    path = f"/graphql?query={quote(SOURCES)}"
    headers = {**EVENT_STREAM, "sec-fetch-site": site}
    assert server.request("GET", path, headers=headers).status_code == 403
