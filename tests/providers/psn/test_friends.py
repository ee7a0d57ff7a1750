"""Friends by id."""

from itertools import pairwise

import pytest

from providers.capabilities import HasFriends, PageKey
from providers.errors import BadInput, NotFound, Private, ProviderError
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    extra_account_id,
)
from providers.records import FriendPage
from tests.providers.psn.asking import USERS, ask, calls, value

JSON = {"content-type": "application/json"}


def friends(*keys: PageKey, sandbox: PsnSandbox | None = None) -> list[FriendPage | ProviderError]:
    async def question(client: PsnClient) -> list[FriendPage | ProviderError]:
        assert isinstance(client, HasFriends)
        found = await client.friends(keys)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return ask(question, sandbox)


def test_all_friends_come_by_one_call() -> None:
    sandbox = psn_sandbox()
    (page,) = friends(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, FriendPage)
    assert (len(page.account_ids), page.total, page.next_offset) == (120, 120, None)
    assert page.account_ids[0] == FRIEND_ACCOUNT_ID
    assert calls(sandbox) == {f"{USERS}/me/friends": 1}
    assert sandbox.log[-1].url.params["limit"] == "1000"


def test_a_hundred_friends_with_profile_and_presence_are_three_calls() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        ids = value((await client.friends([PageKey("me")]))[0]).account_ids[:100]
        people = [value(one) for one in await client.people(ids)]
        assert [person.native_id for person in people] == list(ids)
        assert len([value(one) for one in await client.presences(ids)]) == 100

    ask(question, sandbox)
    assert sum(calls(sandbox).values()) == 3


def test_more_than_a_thousand_friends_are_several_pages() -> None:
    sandbox = psn_sandbox()
    sandbox.world.friends[OWNER_ACCOUNT_ID] = [extra_account_id(one) for one in range(1, 2101)]

    async def question(client: PsnClient) -> list[FriendPage]:
        pages = [value((await client.friends([PageKey("me")]))[0])]
        while (offset := pages[-1].next_offset) is not None:
            pages.append(value((await client.friends([PageKey("me", offset)]))[0]))
        return pages

    pages = ask(question, sandbox)
    assert [len(page.account_ids) for page in pages] == [1000, 1000, 100]
    assert len({one for page in pages for one in page.account_ids}) == 2100
    assert all(one.total == two.total == 2100 for one, two in pairwise(pages))


def test_others_have_friends_none_or_hide_them() -> None:
    named, none, hidden, nobody = friends(
        PageKey(FRIEND_ONLINE_ID),
        PageKey(FRESH_ACCOUNT_ID),
        PageKey(STRANGER_ACCOUNT_ID),
        PageKey("12345"),
    )
    both = (OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID)
    assert named == FriendPage(account_ids=both, total=2)
    assert none == FriendPage(account_ids=(), total=0)
    assert isinstance(hidden, Private)
    assert isinstance(nobody, NotFound)


@pytest.mark.parametrize(
    "following", [{}, {"nextOffset": 0}, {"nextOffset": 2, "totalItemCount": 2}]
)
def test_the_end_is_where_nothing_follows_or_all_were_told(following: dict[str, int]) -> None:
    sandbox = psn_sandbox()
    body = {"friends": ["1", "2", "no number", 3], **following}
    sandbox.faults.append(Fault("/friends", 200, body, JSON))
    (page,) = friends(PageKey("me"), sandbox=sandbox)
    assert isinstance(page, FriendPage)
    assert (page.account_ids, page.next_offset) == (("1", "2", "3"), None)


@pytest.mark.parametrize("offset", [-1, 10**18])
def test_an_offset_that_no_list_has_is_refused_before_any_call(offset: int) -> None:
    sandbox = psn_sandbox()
    (refused,) = friends(PageKey("me", offset), sandbox=sandbox)
    assert isinstance(refused, BadInput)
    assert refused.argument == "after"
    assert not sandbox.calls
