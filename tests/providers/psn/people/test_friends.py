"""Friend lists."""

from itertools import pairwise

import pytest

from providers.capabilities import HasFriends, PageKey
from providers.errors import BadInput, NotFound, Private, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    get_extra_account_id,
)
from providers.records import FriendPage
from tests.providers.psn.harness import JSON, USERS, count_calls, run_with_client, unwrap


def load_friends(
    *keys: PageKey, sandbox: PsnSandbox | None = None
) -> list[FriendPage | ProviderError]:
    async def scenario(client: PsnClient) -> list[FriendPage | ProviderError]:
        assert isinstance(client, HasFriends)
        found = await client.get_friends(keys)
        return [
            outcome if isinstance(outcome, ProviderError) else outcome.value for outcome in found
        ]

    return run_with_client(scenario, sandbox)


def test_all_friends_are_loaded_by_one_call() -> None:
    sandbox = create_sandbox()
    (page,) = load_friends(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, FriendPage)
    assert (len(page.account_ids), page.total, page.next_offset) == (120, 120, None)
    assert page.account_ids[0] == FRIEND_ACCOUNT_ID
    assert count_calls(sandbox) == {f"{USERS}/me/friends": 1}
    assert sandbox.log[-1].url.params["limit"] == "1000"


def test_a_hundred_friends_with_profile_and_presence_are_three_calls() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        ids = unwrap((await client.get_friends([PageKey("me")]))[0]).account_ids[:100]
        profiles = [unwrap(outcome) for outcome in await client.get_profiles(ids)]
        assert [profile.native_id for profile in profiles] == list(ids)
        assert len([unwrap(outcome) for outcome in await client.get_presences(ids)]) == 100

    run_with_client(scenario, sandbox)
    assert sum(count_calls(sandbox).values()) == 3


def test_more_than_a_thousand_friends_are_several_pages() -> None:
    sandbox = create_sandbox()
    sandbox.database.friends[OWNER_ACCOUNT_ID] = [
        get_extra_account_id(number) for number in range(1, 2101)
    ]

    async def scenario(client: PsnClient) -> list[FriendPage]:
        pages = [unwrap((await client.get_friends([PageKey("me")]))[0])]
        while (offset := pages[-1].next_offset) is not None:
            pages.append(unwrap((await client.get_friends([PageKey("me", offset)]))[0]))
        return pages

    pages = run_with_client(scenario, sandbox)
    assert [len(page.account_ids) for page in pages] == [1000, 1000, 100]
    assert len({account_id for page in pages for account_id in page.account_ids}) == 2100
    assert all(page.total == next_page.total == 2100 for page, next_page in pairwise(pages))


def test_friends_of_others_are_listed_empty_private_or_not_found() -> None:
    listed, empty, hidden, not_found = load_friends(
        PageKey(FRIEND_ONLINE_ID),
        PageKey(FRESH_ACCOUNT_ID),
        PageKey(STRANGER_ACCOUNT_ID),
        PageKey("12345"),
    )
    both = (OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID)
    assert listed == FriendPage(account_ids=both, total=2)
    assert empty == FriendPage(account_ids=(), total=0)
    assert isinstance(hidden, Private)
    assert isinstance(not_found, NotFound)


@pytest.mark.parametrize(
    "following", [{}, {"nextOffset": 0}, {"nextOffset": 2, "totalItemCount": 2}]
)
def test_the_last_page_has_no_next_offset_or_reaches_the_total(following: dict[str, int]) -> None:
    sandbox = create_sandbox()
    body = {"friends": ["1", "2", "no number", 3], **following}
    sandbox.faults.append(InjectedFault("/friends", 200, body, JSON))
    (page,) = load_friends(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, FriendPage)
    assert (page.account_ids, page.next_offset) == (("1", "2", "3"), None)


@pytest.mark.parametrize("offset", [-1, 10**18])
def test_an_invalid_offset_is_rejected_before_any_call(offset: int) -> None:
    sandbox = create_sandbox()
    (refused,) = load_friends(PageKey("me", offset), sandbox=sandbox)
    assert isinstance(refused, BadInput)
    assert refused.argument == "after"
    assert not sandbox.calls
