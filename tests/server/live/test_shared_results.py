"""One event of many equal subscriptions is executed once, and only for viewers who see the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from schema.federated_schema import ResponseStream
from tests.harness import PSN_VEGA, RunningServer, run_server
from tests.resolvers.live.subscriber import wait
from tests.resolvers.live.unlocks import unlock_psn
from tests.server.live.clients import ACK, UNLOCKS, Socket

KEYS = "one:the-key-of-number-one:read,two:the-key-of-number-two:read+write"
ONE, TWO = ({"authorization": f"Bearer the-key-of-number-{name}"} for name in ("one", "two"))
VARIABLES = {"accounts": PSN_VEGA}


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the events that are executed."""
    executed: list[Any] = []
    original = ResponseStream.execute

    async def execute(stream: ResponseStream, event: Any) -> Any:
        executed.append(event)
        return await original(stream, event)

    monkeypatch.setattr(ResponseStream, "execute", execute)
    return executed


@pytest.fixture
def server_with_keys() -> Iterator[RunningServer]:
    with run_server(TROPHYCASE_API_KEYS=KEYS) as running:
        yield running


def subscribe(server: RunningServer, payload: Any = None, query: str = UNLOCKS) -> Socket:
    socket = Socket(server)
    assert socket.init(payload) == ACK
    socket.subscribe("s", query, variables=VARIABLES)
    return socket


def unlock(sockets: list[Socket]) -> list[Any]:
    """Unlock something, and return the result that each socket receives."""
    server = sockets[0].server
    wait(server, 1)
    unlock_psn(server)
    results = [each.receive()["payload"] for each in sockets]
    for each in sockets:
        each.disconnect()
    return results


def test_equal_subscriptions_share_a_result(
    server_with_keys: RunningServer, executions: list[Any]
) -> None:
    results = unlock([subscribe(server_with_keys, ONE) for _ in range(20)])

    assert len(executions) == 1
    assert all(each["data"] == results[0]["data"] for each in results)
    summaries = [each["extensions"]["upstream"] for each in results]
    assert all(each.keys() == {"calls", "cached", "coalesced"} for each in summaries)


def test_viewers_with_other_rights_share_none(
    server_with_keys: RunningServer, executions: list[Any]
) -> None:
    first, second = unlock([subscribe(server_with_keys, ONE), subscribe(server_with_keys, TWO)])

    assert len(executions) == 2
    assert first["data"] == second["data"]


@pytest.mark.parametrize(
    "other",
    [
        {"payload": {**ONE, "accept-language": "de"}},
        {"query": UNLOCKS.replace("cursor", "cursor detectedBy")},
        {"payload": {**ONE, "cache-control": "no-cache"}},
    ],
)
def test_other_subscriptions_share_none(
    server_with_keys: RunningServer, executions: list[Any], other: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"payload": ONE, **other}
    results = unlock([subscribe(server_with_keys, ONE), subscribe(server_with_keys, **given)])

    assert len(executions) == len(results) == 2


def test_a_result_with_errors_is_not_shared(
    server_with_keys: RunningServer, executions: list[Any]
) -> None:
    query = UNLOCKS.replace("cursor", "account { ... on PsnAccount { presence { __typename } } }")
    sockets = [subscribe(server_with_keys, ONE, query) for _ in range(3)]
    wait(server_with_keys, 1)
    server_with_keys.inject_fault("resence", status=500)
    results = unlock(sockets)

    assert all(each["errors"] for each in results)
    assert len(executions) == 3
