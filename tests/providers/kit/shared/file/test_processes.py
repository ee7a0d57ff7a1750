"""The processes that use one file, and the messages between them."""

import time
from collections.abc import Iterator
from typing import Any

import apsw
import pytest

from providers.kit.shared.file.processes import (
    PROCESS_TTL,
    read_changes,
    register,
    send_message,
    unregister,
)
from providers.kit.shared.file.schema import prepare_schema

TOPIC = 7


@pytest.fixture
def cursor() -> Iterator[Any]:
    """Return a cursor of a database with the tables."""
    connection: Any = apsw.Connection(":memory:")
    prepare_schema(connection)
    yield connection.cursor()
    connection.close()


def send(cursor: Any, sender: str, content: bytes) -> None:
    """Send a message to the processes that were seen lately."""
    send_message(cursor, sender, TOPIC, content, time.time() - PROCESS_TTL)


def test_a_message_reaches_the_other_processes_once(cursor: Any) -> None:
    last = register(cursor, "one")
    register(cursor, "two")

    send(cursor, "two", b"news")
    changes = read_changes(cursor, "one", last)

    assert [(each.topic, each.content) for each in changes.messages] == [(TOPIC, b"news")]
    assert not changes.has_missed
    assert read_changes(cursor, "one", changes.last_message_id).messages == []
    assert read_changes(cursor, "two", last).messages == []


def test_nothing_is_sent_while_a_process_is_alone(cursor: Any) -> None:
    last = register(cursor, "one")
    register(cursor, "two")
    unregister(cursor, "two")

    send(cursor, "one", b"news")

    assert read_changes(cursor, "two", last).messages == []
    assert read_changes(cursor, "one", last).others == []


def test_messages_that_were_deleted_before_they_were_read_are_noticed(cursor: Any) -> None:
    last = register(cursor, "one")
    register(cursor, "two")
    send(cursor, "two", b"first")
    cursor.execute("DELETE FROM messages")
    send(cursor, "two", b"second")

    changes = read_changes(cursor, "one", last)

    assert changes.has_missed
    assert [each.content for each in changes.messages] == [b"second"]


def test_a_process_knows_when_the_others_were_seen(cursor: Any) -> None:
    register(cursor, "one")
    register(cursor, "two")

    (seen_at,) = read_changes(cursor, "one", 0).others

    assert seen_at == pytest.approx(time.time(), abs=5)
