"""Any JSON from the people and messaging services gives records or a known error."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.capabilities import MessagePageKey, PageKey, SearchKey
from providers.errors import ProviderError
from providers.kit.caching.cached import Cached
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import DIRECT_GROUP_ID, FRIEND_ACCOUNT_ID, IMAGE_RESOURCE_ID
from providers.psn_records import PsnResourceKind
from tests.providers.psn.harness import run_with_client

NAMES = [
    *("basicPresence", "basicPresences", "accountId", "availability", "primaryPlatformInfo"),
    *("onlineStatus", "lastOnlineDate", "gameTitleInfoList", "npTitleId", "titleName"),
    *("friends", "totalItemCount", "nextOffset", "friendRelation", "domainResponses", "domain"),
    *("results", "socialMetadata", "onlineId", "isPsPlus", "avatarUrl", "totalResultCount"),
    *("titles", "titleId", "playCount", "playDuration", "concept", "id", "lastPlayedDateTime"),
    *("groups", "groupId", "groupName", "value", "members", "mainThread", "threadId"),
    *("latestMessage", "modifiedTimestamp", "totalGroupCount", "messages", "messageUid"),
    *("messageType", "body", "createdTimestamp", "sender", "messageDetail", "resourceId"),
    *("next", "previous", "reachedEndOfPage", "hasAllAccountInvited", "imageMessageDetail"),
    *("error", "code", "message", "stickerMessageDetail", "imageUrl", "isFavorite"),
]


def make_shaped_body(rows: list[dict[str, Any]], rest: dict[str, Any]) -> dict[str, Any]:
    """Make a body with the lists of every service, so that their rows are decoded as well."""
    lists = ("groups", "messages", "titles", "friends", "basicPresences")
    domain = {**rest, "domain": "SocialAllAccounts", "results": rows}
    return {**rest, **dict.fromkeys(lists, rows), "domainResponses": [domain]}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-1", "SocialAllAccounts", "friend", "PT1H", "1777000000000", "1#2"])
    | st.sampled_from([1, 3, 1013, 10**400, -(10**18)])
)
BODIES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=20,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES), BODIES, max_size=8), max_size=3)
SHAPED_BODIES = st.builds(
    make_shaped_body, ROWS, st.dictionaries(st.sampled_from(NAMES), SCALARS, max_size=5)
)

Outcome = Cached[Any] | ProviderError
Scenario = Callable[[PsnClient], Awaitable[Sequence[Outcome]]]


async def load_presences(client: PsnClient) -> Sequence[Outcome]:
    return [*await client.get_presences(["5"]), *await client.get_presences(["6", "7"])]


async def load_friends(client: PsnClient) -> Sequence[Outcome]:
    return await client.get_friends([PageKey("me")])


async def load_search(client: PsnClient) -> Sequence[Outcome]:
    return await client.search([SearchKey("some body"), SearchKey("somebody", "c")])


async def load_games(client: PsnClient) -> Sequence[Outcome]:
    return await client.get_played_games([PageKey("me")])


async def load_groups(client: PsnClient) -> Sequence[Outcome]:
    return [
        *await client.get_message_groups([0, 300]),
        *await client.get_message_groups_by_id([DIRECT_GROUP_ID]),
    ]


async def load_messages(client: PsnClient) -> Sequence[Outcome]:
    keys = [MessagePageKey(DIRECT_GROUP_ID), MessagePageKey(DIRECT_GROUP_ID, before="1#2")]
    return await client.get_messages(keys)


async def run_writes(client: PsnClient) -> Sequence[Outcome]:
    kind = PsnResourceKind.IMAGE
    picture = b"\xff\xd8\xff"
    writes: list[Callable[[], Awaitable[object]]] = [
        lambda: client.remove_friend(FRIEND_ACCOUNT_ID),
        lambda: client.create_message_group([FRIEND_ACCOUNT_ID]),
        lambda: client.send_message(DIRECT_GROUP_ID, None, "x"),
        lambda: client.upload_resource(DIRECT_GROUP_ID, picture),
        lambda: client.send_resource(DIRECT_GROUP_ID, None, IMAGE_RESOURCE_ID, kind),
    ]
    for write in writes:
        try:
            await write()
        except ProviderError:
            continue
    return []


SCENARIOS: dict[str, Scenario] = {
    "basicPresences": load_presences,
    "/friends[?]": load_friends,
    "universalSearch": load_search,
    "gamelist": load_games,
    "me/groups": load_groups,
    "/messages": load_messages,
    "friends/|v1/groups": run_writes,
}


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES | SHAPED_BODIES, status=st.sampled_from([200, 200, 200, 400, 403, 404]))
def test_any_json_gives_records_or_a_known_error(path: str, body: object, status: int) -> None:
    sandbox = create_sandbox()
    sent = json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")
    sandbox.faults.append(InjectedFault(path, status, sent, {"content-type": "application/json"}))
    outcomes = run_with_client(SCENARIOS[path], sandbox)
    assert all(isinstance(outcome, Cached | ProviderError) for outcome in outcomes)
