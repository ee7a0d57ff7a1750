"""Ending friendships."""

import pytest

from providers.capabilities import HasMessageWrites, PageKey
from providers.errors import BadInput, Forbidden, NotFound, OutcomeUnknown, ProviderError
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
    extra_account_id,
)
from providers.records import PsnPerson
from tests.providers.psn.asking import USERS, ask, calls, value

JSON = {"content-type": "application/json"}
FRIEND = f"{USERS}/me/friends/{FRIEND_ACCOUNT_ID}"
DELETE = FRIEND.replace("GET ", "DELETE ")
WAITING = extra_account_id(118)


def remove(handle: str, sandbox: PsnSandbox) -> str:
    async def question(client: PsnClient) -> str:
        assert isinstance(client, HasMessageWrites)
        return await client.remove_friend(handle)

    return ask(question, sandbox)


@pytest.mark.parametrize("handle", [FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID])
def test_a_friend_is_removed_after_one_look(handle: str) -> None:
    sandbox = psn_sandbox()
    assert remove(handle, sandbox) == FRIEND_ACCOUNT_ID
    assert FRIEND_ACCOUNT_ID not in sandbox.world.friends[OWNER_ACCOUNT_ID]
    assert OWNER_ACCOUNT_ID not in sandbox.world.friends[FRIEND_ACCOUNT_ID]
    assert (calls(sandbox)[f"{FRIEND}/summary"], calls(sandbox)[DELETE]) == (1, 1)


@pytest.mark.parametrize("handle", [FRESH_ACCOUNT_ID, WAITING, "me", "12345", "9" * 20, "nobody"])
def test_who_is_no_friend_is_not_found_and_nothing_is_sent(handle: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(NotFound):
        remove(handle, sandbox)
    assert not any(name.startswith("DELETE") for name in sandbox.calls)
    # The same call would have declined the request of one who waits.
    assert WAITING in sandbox.world.requests[OWNER_ACCOUNT_ID]


def test_a_friend_is_removed_for_the_caller_alone() -> None:
    sandbox = psn_sandbox()
    headers = {"x-client-id": "sandbox-public-client", "x-npsso": SECOND_NPSSO}
    ask(lambda client: client.remove_friend(FRIEND_ACCOUNT_ID), sandbox, caller=headers)
    assert FRIEND_ACCOUNT_ID in sandbox.world.friends[OWNER_ACCOUNT_ID]
    assert FRIEND_ACCOUNT_ID not in sandbox.world.friends[SECOND_ACCOUNT_ID]


def test_what_was_known_of_both_is_asked_for_again() -> None:
    sandbox = psn_sandbox()

    async def known(client: PsnClient) -> tuple[bool, bool, str | None]:
        await client.account_id("me")
        keys = [PageKey("me"), PageKey(FRIEND_ACCOUNT_ID), PageKey(OWNER_ACCOUNT_ID)]
        mine, his, also_mine = [value(one).account_ids for one in await client.friends(keys)]
        assert mine == also_mine
        profile = value((await client.people([FRIEND_ONLINE_ID]))[0])
        assert isinstance(profile, PsnPerson)
        return FRIEND_ACCOUNT_ID in mine, OWNER_ACCOUNT_ID in his, profile.friend_relation

    async def question(client: PsnClient) -> None:
        assert await known(client) == (True, True, "friend")
        await client.people([FRIEND_ACCOUNT_ID])
        await client.remove_friend(FRIEND_ACCOUNT_ID)
        assert await known(client) == (False, False, "no")

    ask(question, sandbox)


def test_friends_that_were_asked_for_by_ones_own_number_are_asked_for_again() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        key = PageKey(OWNER_ACCOUNT_ID)
        assert FRIEND_ACCOUNT_ID in value((await client.friends([key]))[0]).account_ids
        await client.remove_friend(FRIEND_ACCOUNT_ID)
        assert FRIEND_ACCOUNT_ID not in value((await client.friends([key]))[0]).account_ids

    ask(question, sandbox)


def test_a_friend_is_removed_although_nobody_tells_whose_account_it_is() -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(Fault("devices/accounts/me", 404, {"error": {}}, JSON))
    assert remove(FRIEND_ACCOUNT_ID, sandbox) == FRIEND_ACCOUNT_ID
    assert FRIEND_ACCOUNT_ID not in sandbox.world.friends[OWNER_ACCOUNT_ID]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 503, {}, JSON), OutcomeUnknown),
        (Fault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", reset=True), OutcomeUnknown),
        (Fault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 302, "", {"location": "/x"}), OutcomeUnknown),
        (Fault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 403, {"error": {}}, JSON), Forbidden),
        (Fault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 404, {"error": {}}, JSON), NotFound),
    ],
)
def test_a_removal_is_sent_once_whatever_comes_of_it(
    fault: Fault, kind: type[ProviderError]
) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        remove(FRIEND_ACCOUNT_ID, sandbox)
    assert calls(sandbox)[DELETE] == 1


def test_a_refused_token_is_renewed_and_the_removal_repeated() -> None:
    sandbox = psn_sandbox()
    refused = {"error": {"code": 2281985, "message": "Invalid token"}}
    sandbox.faults.append(Fault(f"{FRIEND_ACCOUNT_ID}[?]$", 401, refused, JSON, times=1))
    assert remove(FRIEND_ACCOUNT_ID, sandbox) == FRIEND_ACCOUNT_ID
    assert calls(sandbox)[DELETE] == 2


@pytest.mark.parametrize("handle", ["", "..", "a/b", "me ", "1 abc", "\ud800"])
def test_what_nobody_is_called_is_refused_before_any_call(handle: str) -> None:
    sandbox = psn_sandbox()
    with pytest.raises(BadInput):
        remove(handle, sandbox)
    assert not sandbox.calls
