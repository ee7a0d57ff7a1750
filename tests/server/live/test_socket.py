"""WebSockets: the opening, the operations and the codes of an end."""

import hashlib
import json
import logging
from typing import Any

import pytest

from providers.registry import Source
from server.authentication import Authenticator
from server.live.socket_messages import CloseCode
from server.operation_runner import OperationRunner
from tests.harness import PSN_VEGA, RunningServer, run_server
from tests.server.live.clients import ACK, Socket, open_socket

SOURCES = "query Named { sources { source } }"
SOURCE_COUNT = len(Source)
KEYS = "reader:the-key-of-the-reader:read,writer:the-key-of-the-writer:read+write"
READER = {"authorization": "Bearer the-key-of-the-reader"}
WRONG = {"authorization": "Bearer a-key-that-nobody-has"}
OWN = {"X-Trophy-So-User-Id": "vega", "X-Trophy-So-Api-Key": "app_sandbox.second"}


@pytest.mark.parametrize("offered", [("graphql-transport-ws",), ("x", "graphql-transport-ws")])
def test_the_subprotocol_is_chosen(server: RunningServer, offered: tuple[str, ...]) -> None:
    opening = Socket(server, subprotocols=offered).opening

    assert (opening["type"], opening["subprotocol"]) == ("websocket.accept", "graphql-transport-ws")
    assert [name for name, _ in opening["headers"]] == [b"x-request-id"]


@pytest.mark.parametrize("offered", [(), ("graphql-ws",), ("GRAPHQL-TRANSPORT-WS",)])
def test_no_other_subprotocol_is_spoken(server: RunningServer, offered: tuple[str, ...]) -> None:
    socket = Socket(server, subprotocols=offered)

    assert socket.opening["subprotocol"] is None
    assert socket.receive() == 4406
    socket.wait_for_end()


@pytest.mark.parametrize("message", [{}, {"payload": None}, {"payload": {}}, {"more": [1]}])
def test_the_first_message_is_acknowledged(server: RunningServer, message: Any) -> None:
    assert Socket(server).ask({"type": "connection_init", **message}) == ACK


def test_a_query_has_one_result_and_an_end(server: RunningServer) -> None:
    with open_socket(server) as socket:
        socket.subscribe("a", SOURCES, operationName="Named", variables=None, extensions=None)
        first, second = socket.receive(), socket.receive()

    assert (first["type"], first["id"]) == ("next", "a")
    assert len(first["payload"]["data"]["sources"]) == SOURCE_COUNT
    assert first["payload"]["extensions"]["upstream"]["calls"] == {}
    assert second == {"type": "complete", "id": "a"}


def test_a_mutation_is_executed(server: RunningServer) -> None:
    query = 'mutation { removePsnFriend(input: { handle: "rigel_bytes" }) { removed { id } } }'
    with open_socket(server) as socket:
        result = socket.execute(query)

    assert "data" in result


def test_what_a_resolver_raises_is_in_the_result(server: RunningServer) -> None:
    query = """{ user(accounts: [{ source: PSN, handle: "quiet_stranger" }]) {
        trophyTitle(nativeId: "NPWR00002_00") { name } } }"""
    with open_socket(server) as socket:
        result = socket.execute(query)

    assert result["data"] == {"user": {"trophyTitle": None}}
    assert result["errors"][0]["extensions"]["code"] == "PRIVATE"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ so", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_USER_INPUT"),
        ("query ($a: Int!) { sources { source } b: __typename @skip(if: $a) }", "GRAPHQL_VAL"),
        ("{ a" + "{ a" * 20 + "}" * 21, "OPERATION_TOO_COSTLY"),
    ],
)
def test_what_is_wrong_with_a_document_ends_only_its_operation(
    server: RunningServer, query: str, code: str
) -> None:
    with open_socket(server) as socket:
        socket.subscribe("a", query)
        answer = socket.receive()
        assert (answer["type"], answer["id"]) == ("error", "a")
        assert answer["payload"][0]["extensions"]["code"].startswith(code)
        assert "data" in socket.execute(SOURCES)


def test_a_document_is_stored_under_its_hash(server: RunningServer) -> None:
    digest = hashlib.sha256(SOURCES.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    with open_socket(server) as socket:
        (unknown,) = socket.execute(None, extensions=extensions)
        stored = socket.execute(SOURCES, extensions=extensions)
        known = socket.execute(None, extensions=extensions)

    assert unknown["message"] == "PersistedQueryNotFound"
    assert unknown["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert stored["data"] == known["data"]


def test_a_ping_is_answered_with_its_payload_at_any_time(server: RunningServer) -> None:
    socket = Socket(server)
    assert socket.ask({"type": "ping"}) == {"type": "pong"}
    assert socket.init() == ACK
    assert socket.ask({"type": "ping", "payload": {"a": 1}}) == {
        "type": "pong",
        "payload": {"a": 1},
    }


def test_an_end_of_an_unknown_operation_is_ignored(server: RunningServer) -> None:
    socket = Socket(server)
    socket.send({"type": "complete", "id": "x"})
    assert socket.init() == ACK
    socket.send({"type": "complete", "id": "x"})
    socket.send({"type": "pong"})
    assert "data" in socket.execute(SOURCES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        "1",
        "null",
        "{}",
        '{"type": "start"}',
        '{"type": 1}',
        '{"type": "connection_ack"}',
        '{"type": "next", "id": "1", "payload": {}}',
        '{"type": "connection_init", "payload": []}',
        '{"type": "connection_init", "payload": "x"}',
        '{"type": "ping", "payload": 1}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": null}',
        '{"type": "subscribe", "id": "1", "payload": "{ a }"}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": null}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": ["{ a }"]}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": ["1"], "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": "' + "x" * 129 + '", "payload": {"query": "{ a }"}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": ' + '{"a":' * 5_000 + "1" + "}" * 5_001,
        "[" * 60_000,
        '{"type": "ping", "payload": {"a": "\\ud800"}}',
    ],
)
def test_a_message_of_another_shape_closes_the_socket(server: RunningServer, text: str) -> None:
    for has_begun in (False, True):
        socket = Socket(server)
        if has_begun:
            assert socket.init() == ACK
        assert socket.ask(text) == CloseCode.BAD_REQUEST.value[0]
        socket.wait_for_end()


def test_a_binary_message_closes_the_socket(server: RunningServer) -> None:
    socket = Socket(server)
    socket.put({"type": "websocket.receive", "bytes": b'{"type": "connection_init"}'})
    assert socket.receive() == 4400


def test_an_operation_before_the_acknowledgement_closes_the_socket(server: RunningServer) -> None:
    socket = Socket(server)
    socket.subscribe("a", SOURCES)
    assert socket.receive() == 4401


def test_a_second_first_message_closes_the_socket(server: RunningServer) -> None:
    socket = Socket(server)
    socket.init()
    assert socket.init() == 4429


def test_a_socket_without_a_first_message_is_closed(server: RunningServer) -> None:
    began_at = server.clock.now
    socket = Socket(server)
    assert socket.ask({"type": "ping"}) == {"type": "pong"}
    assert socket.receive() == 4408
    assert server.clock.now - began_at == pytest.approx(5)


def test_an_id_in_use_closes_the_socket(server: RunningServer) -> None:
    server.inject_fault("m.np.playstation.com", delay=2)
    socket = Socket(server)
    socket.init()
    query = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
    for _ in range(2):
        socket.subscribe("a", query, variables={"who": PSN_VEGA})
    assert socket.receive() == 4409
    socket.wait_for_end()


def test_an_id_can_be_used_again_after_the_end(server: RunningServer) -> None:
    with open_socket(server) as socket:
        assert all("data" in socket.execute(SOURCES) for _ in range(3))
        assert all("message" in socket.execute("{")[0] for _ in range(3))


def test_a_key_is_sent_in_the_first_message() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        with open_socket(server, {"Authorization": READER["authorization"]}) as socket:
            assert "data" in socket.execute(SOURCES)
        assert Socket(server).init() == 4403
        assert Socket(server).init(WRONG) == 4403


def test_a_key_is_sent_in_the_handshake_and_overruled_by_the_first_message() -> None:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        with open_socket(server, headers=READER) as socket:
            assert "data" in socket.execute(SOURCES)
        with open_socket(server, READER, headers=WRONG) as socket:
            assert "data" in socket.execute(SOURCES)
        assert Socket(server, headers=READER).init(WRONG) == 4403


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_apollo_router_forwards_a_key_as_a_token(prefix: str) -> None:
    payload = {"connectionParams": {"token": f"{prefix}the-key-of-the-reader"}}
    with (
        run_server(TROPHYCASE_API_KEYS=KEYS) as server,
        open_socket(server, payload) as socket,
    ):
        assert "data" in socket.execute(SOURCES)


@pytest.mark.parametrize(
    "payload",
    [
        {"authorization": 1},
        {"authorization": ["Bearer x"]},
        {"authorization": "Bearer a", "Authorization": "Bearer b"},
        {"x-npsso": "a\r\nx-other: b", "x-client-id": "c", "x-client-secret": "d"},
        {"x-npsso": "x" * 20_000},
        {"x-trophy-so-user-id": "vega"},
        {"connectionParams": {"token": 1}},
    ],
)
def test_what_cannot_be_a_credential_is_refused(server: RunningServer, payload: Any) -> None:
    assert Socket(server).init(payload) == 4403


def test_credentials_of_ones_own_make_the_viewer(server: RunningServer) -> None:
    query = "{ viewer { accounts { source } } }"
    with open_socket(server, OWN) as socket:
        found = socket.execute(query)["data"]["viewer"]["accounts"]

    assert found == [{"source": "TROPHY_SO"}]


def test_the_rights_of_a_key_are_those_of_a_post() -> None:
    query = 'mutation { removePsnFriend(input: { handle: "rigel_bytes" }) { removed { id } } }'
    with (
        run_server(TROPHYCASE_API_KEYS=KEYS) as server,
        open_socket(server, READER) as socket,
    ):
        (error,) = socket.execute(query)["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"


def test_the_language_is_a_member_of_the_first_message(server: RunningServer) -> None:
    query = '{ trophyTitle(nativeId: "NPWR00001_00") { name } }'
    names: list[Any] = []
    for language in ("en", "de"):
        with open_socket(server, {"Accept-Language": language}) as socket:
            names.append(socket.execute(query)["data"])

    assert names[0] != names[1] == server.fetch_data(query, None, {"Accept-Language": "de"})


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),
        ("http://127.0.0.1:8000", True),
        ("https://allowed.example", True),
        ("https://other.example", False),
        ("null", False),
    ],
)
def test_only_pages_of_allowed_origins_open_a_socket(
    origin: str | None, *, is_allowed: bool
) -> None:
    with run_server(TROPHYCASE_CORS_ORIGINS="https://allowed.example") as server:
        socket = Socket(server, {"origin": origin} if origin else None)
        if is_allowed:
            assert socket.init() == ACK
        else:
            assert socket.opening["type"] == "websocket.http.response.start"
            assert socket.opening["status"] == 403


def test_a_foreign_host_cannot_open_a_socket(server: RunningServer) -> None:
    socket = Socket(server, {"host": "rebound.example"})
    assert socket.opening["status"] == 403


def test_each_operation_is_one_line_of_the_log(
    server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "trophycase")
    with open_socket(server, OWN) as socket:
        socket.execute(SOURCES)
        socket.execute("{ nothing }")
    first, second = (vars(each)["fields"] for each in caplog.records if each.message == "operation")

    assert (first["operation"], first["type"], first["codes"]) == ("Named", "query", [])
    assert (first["transport"], first["client"]) == ("websocket", "127.0.0.1")
    assert first["caller"].startswith("own:")
    assert (second["type"], second["codes"]) == ("none", ["GRAPHQL_VALIDATION_FAILED"])


def test_no_secret_of_the_first_message_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "app_sandbox.second"
    with run_server(TROPHYCASE_API_KEYS=KEYS) as server:
        with open_socket(server, OWN) as socket:
            socket.execute(f"query {secret.replace('.', '_')} {{ __typename }}")
        Socket(server).init(WRONG)
        Socket(server).init({**OWN, "x-trophy-so-user-id": 1})
        Socket(server).ask(json.dumps({"type": "connection_init", "payload": [OWN]}))
    text = "".join(json.dumps(vars(each), default=str) for each in caplog.records)

    assert "UNAUTHENTICATED" in text
    assert secret not in text
    assert WRONG["authorization"].split()[1] not in text


@pytest.mark.slow
def test_the_operations_of_a_socket_are_limited(server: RunningServer) -> None:
    server.inject_fault("m.np.playstation.com", delay=2)
    query = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
    with open_socket(server) as socket:
        for number in range(51):
            socket.subscribe(str(number), query, variables={"who": PSN_VEGA})
        rejected = socket.receive()
        assert (rejected["type"], rejected["id"]) == ("error", "50")
        assert rejected["payload"][0]["extensions"]["code"] == "OVERLOADED"
        answers = [socket.receive() for _ in range(100)]

    assert [each["type"] for each in answers].count("next") == 50


def test_an_ended_query_has_no_result(server: RunningServer) -> None:
    server.inject_fault("m.np.playstation.com", delay=2)
    query = "query ($who: [AccountInput!]!) { user(accounts: $who) { displayName } }"
    with open_socket(server) as socket:
        socket.subscribe("a", query, variables={"who": PSN_VEGA})
        socket.send({"type": "complete", "id": "a"})
        socket.subscribe("a", SOURCES)
        assert len(socket.receive()["payload"]["data"]["sources"]) == SOURCE_COUNT
        assert socket.receive() == {"type": "complete", "id": "a"}


def test_a_bug_is_masked_and_ends_one_operation(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("the secret of the bug")

    with open_socket(server) as socket:
        with monkeypatch.context() as patch:
            patch.setattr(OperationRunner, "run", fail)
            (error,) = socket.execute(SOURCES)
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert "secret" not in json.dumps(error) + caplog.text
        assert "data" in socket.execute(SOURCES)


def test_a_bug_outside_of_operations_closes_the_socket(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret of the bug")

    monkeypatch.setattr(Authenticator, "authenticate", fail)
    assert Socket(server).init() == 4500
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text
