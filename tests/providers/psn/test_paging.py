"""PSN's pages and batches, when it refuses their size, cuts them, or ends a list early."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from providers.capabilities import MessagePageKey, PageKey, SearchKey, TitlePageKey
from providers.kit.request_context import RequestContext, set_current
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    get_extra_account_id,
)
from providers.psn_records import PsnPresence
from tests.providers.psn.harness import run_with_client, unwrap

ACCOUNT_IDS = [get_extra_account_id(number) for number in range(1, 101)]
PRODUCTS = ["PPSA00001_00", "CUSA00004_00", "PPSA00003_00", "PPSA00004_00", "CUSA00005_00"]


async def list_titles(client: PsnClient) -> list[str]:
    names: list[str] = []
    key: TitlePageKey | None = TitlePageKey("me")
    while key is not None:
        page = unwrap((await client.get_titles([key]))[0])
        names += [title.native_id for title in page.titles]
        key = key.advance(page)
    return names


async def list_friends(client: PsnClient) -> list[str]:
    ids: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = unwrap((await client.get_friends([PageKey("me", offset)]))[0])
        ids += page.account_ids
        offset = page.next_offset
    return ids


async def list_games(client: PsnClient) -> list[str]:
    ids: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = unwrap((await client.get_played_games([PageKey("me", offset)]))[0])
        ids += [game.np_title_id for game in page.games]
        offset = page.next_offset
    return ids


async def list_groups(client: PsnClient) -> list[str]:
    ids: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = unwrap((await client.get_message_groups([offset]))[0])
        ids += [group.native_id for group in page.groups]
        offset = page.next_offset
    return ids


async def list_messages(client: PsnClient) -> list[str]:
    uids: list[str] = []
    key: MessagePageKey | None = MessagePageKey(DIRECT_GROUP_ID)
    while key is not None:
        page = unwrap((await client.get_messages([key]))[0])
        uids += [message.uid for message in page.messages]
        before = page.next_before
        key = (before and MessagePageKey(DIRECT_GROUP_ID, before=before)) or None
    return uids


async def search_accounts(client: PsnClient) -> list[str]:
    ids: list[str] = []
    key: SearchKey | None = SearchKey("extra")
    while key is not None:
        page = unwrap((await client.search([key]))[0])
        ids += [profile.native_id or "" for profile in page.profiles]
        key = (page.next_cursor and SearchKey("extra", page.next_cursor)) or None
    return ids


async def load_profiles(client: PsnClient) -> list[str]:
    found = [unwrap(outcome) for outcome in await client.get_profiles(ACCOUNT_IDS)]
    return [profile.native_id or "" for profile in found]


async def load_presences(client: PsnClient) -> list[str]:
    found = [unwrap(outcome) for outcome in await client.get_presences(ACCOUNT_IDS)]
    return [str(presence.platform) for presence in found if isinstance(presence, PsnPresence)]


async def load_products(client: PsnClient) -> list[str]:
    found = await client.get_titles_by_product("me", PRODUCTS)
    return [title.native_id for name in PRODUCTS for title in unwrap(found[name])]


# The limit's setting, a lower limit, how everything is read, and how often it is called for.
CASES: list[Any] = [
    pytest.param("title_list_limit", 3, list_titles, "users/me/trophyTitles", id="titles"),
    pytest.param("friend_list_limit", 50, list_friends, "/friends", id="friends"),
    pytest.param("game_list_limit", 5, list_games, "gamelist", id="played games"),
    pytest.param("group_list_limit", 1, list_groups, "me/groups", id="message groups"),
    pytest.param("message_list_limit", 7, list_messages, "/messages", id="messages"),
    pytest.param("search_limit", 9, search_accounts, "universalSearch", id="search"),
    pytest.param("profile_batch_limit", 25, load_profiles, "users/profiles", id="profiles"),
    pytest.param("presence_batch_limit", 25, load_presences, "basicPresences", id="presences"),
    pytest.param("product_batch_limit", 2, load_products, "titles/trophyTitles", id="products"),
]
ReadAll = Callable[[PsnClient], Any]


def read_twice(sandbox: PsnSandbox, read_all: ReadAll, path: str) -> tuple[Any, int, int]:
    """Read everything twice past the cache; return it, and the calls of both times."""

    def count() -> int:
        return sum(path in str(request.url) for request in sandbox.log)

    async def scenario(client: PsnClient) -> tuple[Any, int, int]:
        first = await read_past_cache(client)
        first_calls = count()
        assert await read_past_cache(client) == first
        return first, first_calls, count() - first_calls

    async def read_past_cache(client: PsnClient) -> Any:
        set_current(RequestContext(deadline=time.monotonic() + 60, bypass_cache=True))
        return await read_all(client)

    return run_with_client(scenario, sandbox)


@pytest.mark.slow
@pytest.mark.parametrize("cut", [False, True], ids=["refused", "cut"])
@pytest.mark.parametrize(("setting", "limit", "read_all", "path"), CASES)
def test_a_lowered_limit_is_learned_and_nothing_is_missing(
    setting: str, limit: int, read_all: ReadAll, path: str, cut: bool
) -> None:
    expected, _, _ = read_twice(create_sandbox(), read_all, path)
    lowered = create_sandbox()
    lowered.settings.update({setting: limit, "cut_silently": cut})
    found, first_calls, calls = read_twice(lowered, read_all, path)
    assert found == expected
    assert len(found) > limit
    # What was learned is used from then on.
    assert 0 < calls <= first_calls
    sizes = [
        int(request.url.params["limit"])
        for request in lowered.log[-calls:]
        if "limit" in request.url.params
    ]
    assert cut or all(size <= limit for size in sizes)
