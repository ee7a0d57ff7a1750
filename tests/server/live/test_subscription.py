"""Subscriptions over a WebSocket: their events, their limits and their end."""

import logging
from typing import Any

import pytest

from providers.errors import UpstreamFailed
from providers.registry import Source
from resolvers.live.unlock_event import DetectedBy, FoundUnlock, WatchKey
from resolvers.unlock_stream import UnlockStream
from server.live import live_connections
from tests.harness import PSN_VEGA, RETRO_VEGA, RunningServer, run_server
from tests.resolvers.live.subscriber import wait
from tests.resolvers.live.unlocks import PSN_LOCKED, unlock_psn
from tests.server.live.clients import UNLOCKS, Socket, open_socket

IDS = UNLOCKS.replace("achievement { name nativeId }", "")
VARIABLES = {"accounts": PSN_VEGA}
OWN = {"x-trophy-so-user-id": "vega", "x-trophy-so-api-key": "app_sandbox.second"}
CODES = ("BAD_USER_INPUT", "NOT_FOUND", "GRAPHQL_VALIDATION_FAILED")
KEYS = "titles:the-key-of-the-titles:public,reader:the-key-of-the-reader:read"


def subscribe(socket: Socket, operation_id: str = "s", **variables: Any) -> None:
    """Subscribe to unlocks, and wait until the first poll of the account is over."""
    socket.subscribe(operation_id, UNLOCKS, variables={**VARIABLES, **variables})
    wait(socket.server, 1)


def publish(server: RunningServer, count: int) -> None:
    """Publish unlocks of the account all at once, which nothing but their ids distinguishes."""
    client = server.services[Source.PSN].get_operator_client()
    key = WatchKey(Source.PSN, client.scope, PSN_VEGA[0]["handle"])
    unlocks = [FoundUnlock(achievement_id=str(number)) for number in range(count)]
    server.run(server.app.state.live.feed.publish(key, unlocks, DetectedBy.POLL))


def test_an_unlock_is_an_event(server: RunningServer) -> None:
    with open_socket(server) as socket:
        subscribe(socket)
        unlock_psn(server)
        event = socket.receive()

    assert (event["type"], event["id"]) == ("next", "s")
    unlocked = event["payload"]["data"]["achievementUnlocked"]
    assert unlocked["achievement"]["nativeId"] == str(PSN_LOCKED)
    assert event["payload"]["extensions"].keys() == {"upstream"}


def test_each_event_has_calls_and_loaders_of_its_own(server: RunningServer) -> None:
    with open_socket(server) as socket:
        subscribe(socket)
        unlock_psn(server, 5)
        first = socket.receive()["payload"]
        unlock_psn(server, 6)
        second = socket.receive()["payload"]

    assert second["data"]["achievementUnlocked"]["achievement"]["nativeId"] == "6"
    assert first["data"] != second["data"]
    counts = [each["extensions"]["upstream"]["calls"].get("PSN", 0) for each in (first, second)]
    assert max(counts) <= 2


def test_several_subscriptions_run_beside_queries(server: RunningServer) -> None:
    with open_socket(server) as socket:
        for name in ("a", "b"):
            subscribe(socket, name)
        assert "data" in socket.execute("{ __typename }")
        unlock_psn(server)
        events = [socket.receive() for _ in range(2)]

    assert {each["id"] for each in events} == {"a", "b"}
    assert events[0]["payload"]["data"] == events[1]["payload"]["data"]


def test_a_client_that_ends_a_subscription_hears_no_more_of_it(server: RunningServer) -> None:
    with open_socket(server) as socket:
        subscribe(socket)
        socket.send({"type": "complete", "id": "s"})
        wait(server, 1)
        unlock_psn(server)
        wait(server, 70)
        assert "data" in socket.execute("{ __typename }")


def test_nothing_is_watched_after_the_last_subscription(server: RunningServer) -> None:
    for has_end in (True, False):
        with open_socket(server) as socket:
            subscribe(socket)
            if has_end:
                socket.send({"type": "complete", "id": "s"})
        calls = server.count_upstream_calls()
        wait(server, 600)
        assert server.count_upstream_calls() == calls


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"accounts": 1}, "error"),
        ({"accounts": [{"source": "PSN", "handle": ""}]}, "error"),
        ({"after": "x"}, "error"),
        ({"accounts": [{"source": "PSN", "handle": "nobody_is_here"}]}, "next"),
    ],
)
def test_what_prevents_a_subscription_ends_it(
    server: RunningServer, variables: dict[str, Any], kind: str
) -> None:
    with open_socket(server) as socket:
        socket.subscribe("s", UNLOCKS, variables={**VARIABLES, **variables})
        answer = socket.receive()
        assert answer["type"] == kind
        errors = answer["payload"] if kind == "error" else answer["payload"]["errors"]
        assert errors[0]["extensions"]["code"] in CODES
        if kind == "next":
            assert socket.receive() == {"type": "complete", "id": "s"}
        assert "data" in socket.execute("{ __typename }")


@pytest.mark.parametrize(
    "query",
    [
        "subscription { achievementUnlocked { eventId } other: achievementUnlocked { eventId } }",
        "subscription { __typename }",
        "subscription { achievementUnlocked @skip(if: true) { eventId } }",
    ],
)
def test_a_subscription_has_exactly_one_field(server: RunningServer, query: str) -> None:
    with open_socket(server) as socket:
        socket.subscribe("s", query)
        answer = socket.receive()
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] != "INTERNAL_SERVER_ERROR"


def test_an_own_credential_that_a_source_rejects_ends_no_other(server: RunningServer) -> None:
    wrong = {"x-retroachievements-username": "VegaNorth", "x-retroachievements-api-key": "wrong"}
    with open_socket(server, wrong) as refused, open_socket(server) as accepted:
        refused.subscribe("s", UNLOCKS, variables={"accounts": RETRO_VEGA})
        answer = refused.receive()
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        subscribe(accepted)
        unlock_psn(server)
        assert "data" in accepted.receive()["payload"]


def test_a_key_for_titles_alone_watches_no_operator() -> None:
    with (
        run_server(TROPHYCASE_API_KEYS=KEYS) as server,
        open_socket(server, {"authorization": "Bearer the-key-of-the-titles"}) as socket,
    ):
        socket.subscribe("s", UNLOCKS, variables=VARIABLES)
        answer = socket.receive()
        assert answer["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_failing_source_of_events_is_an_error(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_stream: Any) -> Any:
        raise UpstreamFailed("The source failed.", source="PSN")

    monkeypatch.setattr(UnlockStream, "__anext__", fail)
    with open_socket(server) as socket:
        socket.subscribe("s", UNLOCKS, variables=VARIABLES)
        answer = socket.receive()
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["source"] == "PSN"
        assert "data" in socket.execute("{ __typename }")


@pytest.mark.slow
def test_events_of_a_slow_reader_are_dropped_and_told(server: RunningServer) -> None:
    with open_socket(server) as socket:
        socket.subscribe("s", IDS, variables=VARIABLES)
        wait(server, 1)
        socket.pause_reading()
        publish(server, 1)
        wait(server, 1)
        publish(server, 151)
        wait(server, 1)
        socket.resume_reading()
        results = [socket.receive()["payload"] for _ in range(101)]

    assert [each["extensions"].get("dropped") for each in results] == [None, 50] + [None] * 99


@pytest.mark.slow
def test_a_replay_of_many_events_drops_none(server: RunningServer) -> None:
    with open_socket(server) as socket:
        subscribe(socket)
        unlock_psn(server)
        cursor = socket.receive()["payload"]["data"]["achievementUnlocked"]["cursor"]
        socket.send({"type": "complete", "id": "s"})
        publish(server, 300)
        socket.subscribe("again", IDS, variables={**VARIABLES, "after": cursor})
        results = [socket.receive()["payload"] for _ in range(300)]

    assert len({each["data"]["achievementUnlocked"]["eventId"] for each in results}) == 300
    assert all("dropped" not in each["extensions"] for each in results)


def test_a_subscription_is_one_line_of_the_log_with_its_events(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trophycase")
    with open_socket(server) as socket:
        subscribe(socket)
        unlock_psn(server)
        socket.receive()
    (line,) = (vars(each)["fields"] for each in caplog.records if each.message == "operation")

    assert (line["type"], line["events"], line["codes"]) == ("subscription", 1, [])
    assert (line["transport"], line["status"]) == ("websocket", 200)


def test_metrics_count_sockets_and_events(server: RunningServer) -> None:
    with open_socket(server) as socket:
        subscribe(socket)
        unlock_psn(server)
        socket.receive()
        text = server.request("GET", "/metrics").text
        assert 'trophycase_live_connections{transport="websocket"} 1.0' in text
        assert 'trophycase_events_total{transport="websocket"} 1.0' in text
        assert Socket(server).ask("x") == 4400
    text = server.request("GET", "/metrics").text
    assert 'trophycase_live_connections{transport="websocket"} 0.0' in text
    assert 'trophycase_socket_closes_total{code="4400"} 1.0' in text


def test_the_subscriptions_of_all_are_limited(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_connections, "MAX_SUBSCRIPTIONS", 1)
    with open_socket(server) as socket:
        subscribe(socket, "a")
        subscribe(socket, "b")
        assert socket.receive()["payload"][0]["extensions"]["code"] == "OVERLOADED"
        socket.send({"type": "complete", "id": "a"})
        wait(server, 1)
        subscribe(socket, "c")
        unlock_psn(server)
        assert socket.receive()["id"] == "c"


@pytest.mark.slow
def test_without_subscriptions_a_socket_serves_queries() -> None:
    with run_server(TROPHYCASE_LIVE="off") as server, open_socket(server) as socket:
        (error,) = socket.execute("subscription { achievementUnlocked { eventId } }")
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert "data" in socket.execute("{ __typename }")
