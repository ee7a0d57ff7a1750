"""The viewer's conversations: pages over several calls, failures in the middle, other accounts."""

from dataclasses import replace
from typing import Any

import pytest

from providers.psn.messages import threads
from providers.psn.sandbox import constants
from providers.psn.sandbox.message_data import make_message_uid
from tests.harness import RunningServer
from tests.schema.psn_queries import get_nodes, query_account, read_account

MESSAGE_COUNT = 45


def fetch_messages(server: RunningServer, first: int) -> Any:
    text = f"""messageGroup(groupId: "{constants.DIRECT_GROUP_ID}") {{
      messages(first: {first}) {{
        edges {{ node {{ uid }} }} pageInfo {{ hasNextPage }} sources {{ state }}
      }}
    }}"""
    return read_account(server, text)["messageGroup"]["messages"]


def list_uids(count: int) -> list[str]:
    """Return the ids of the newest messages."""
    return [make_message_uid(MESSAGE_COUNT - number) for number in range(count)]


@pytest.mark.parametrize("first", [1, 20, MESSAGE_COUNT - 1, MESSAGE_COUNT])
def test_a_page_has_a_next_one_exactly_if_there_are_more_messages(
    server: RunningServer, first: int
) -> None:
    page = fetch_messages(server, first)

    assert [each["uid"] for each in get_nodes(page)] == list_uids(first)
    assert page["pageInfo"]["hasNextPage"] is (first < MESSAGE_COUNT)


def test_messages_read_before_a_failure_are_kept(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        threads, "MESSAGE_PAGE_SIZE", replace(threads.MESSAGE_PAGE_SIZE, default=20)
    )
    server.inject_fault("messages[?].*before", status=503)

    page = fetch_messages(server, MESSAGE_COUNT)

    assert [each["uid"] for each in get_nodes(page)] == list_uids(20)
    assert page["sources"] == [{"state": "UNAVAILABLE"}]
    assert page["pageInfo"]["hasNextPage"] is False


def test_the_conversations_of_another_account_are_an_empty_page_that_says_why(
    server: RunningServer,
) -> None:
    text = "messageGroups { edges { node { groupId } } sources { source message } }"

    found = read_account(server, text, constants.FRIEND_ACCOUNT_ID)["messageGroups"]

    message = "Conversations are visible to their own account only."
    assert found == {"edges": [], "sources": [{"source": "PSN", "message": message}]}
    assert not any("gamingLoungeGroups" in request.url.path for request in server.psn.log)


def test_the_viewers_own_account_is_recognized_under_every_handle(server: RunningServer) -> None:
    text = "messageGroups { edges { node { groupId } } }"

    found = [
        query_account(server, text, handle).data
        for handle in ("me", constants.OWNER_ONLINE_ID, constants.OWNER_ACCOUNT_ID)
    ]

    assert found[0] == found[1] == found[2]
    assert get_nodes(found[0]["user"]["accounts"][0]["messageGroups"])
