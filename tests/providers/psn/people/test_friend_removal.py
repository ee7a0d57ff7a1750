"""Removal of a friend, and of no one else."""

import pytest

from providers.capabilities import HasWrites, PageKey
from providers.errors import BadInput, Forbidden, NotFound, OutcomeUnknown, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    SECOND_ACCOUNT_ID,
    SECOND_NPSSO,
    get_extra_account_id,
)
from providers.psn_records import PsnProfile
from tests.providers.psn.harness import JSON, USERS, count_calls, run_with_client, unwrap

FRIEND = f"{USERS}/me/friends/{FRIEND_ACCOUNT_ID}"
DELETE = FRIEND.replace("GET ", "DELETE ")
REQUESTING_ACCOUNT_ID = get_extra_account_id(118)


def remove_friend(handle: str, sandbox: PsnSandbox) -> str:
    async def scenario(client: PsnClient) -> str:
        assert isinstance(client, HasWrites)
        return await client.remove_friend(handle)

    return run_with_client(scenario, sandbox)


@pytest.mark.parametrize("handle", [FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID])
def test_a_friend_is_removed_after_one_check(handle: str) -> None:
    sandbox = create_sandbox()
    assert remove_friend(handle, sandbox) == FRIEND_ACCOUNT_ID
    assert FRIEND_ACCOUNT_ID not in sandbox.database.friends[OWNER_ACCOUNT_ID]
    assert OWNER_ACCOUNT_ID not in sandbox.database.friends[FRIEND_ACCOUNT_ID]
    assert (count_calls(sandbox)[f"{FRIEND}/summary"], count_calls(sandbox)[DELETE]) == (1, 1)


@pytest.mark.parametrize(
    "handle", [FRESH_ACCOUNT_ID, REQUESTING_ACCOUNT_ID, "me", "12345", "9" * 20, "nobody"]
)
def test_removing_a_non_friend_is_not_found_and_sends_nothing(handle: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(NotFound):
        remove_friend(handle, sandbox)
    assert not any(name.startswith("DELETE") for name in sandbox.calls)
    # The same call would have declined the friend request.
    assert REQUESTING_ACCOUNT_ID in sandbox.database.friend_requests[OWNER_ACCOUNT_ID]


def test_a_friend_is_removed_for_the_caller_alone() -> None:
    sandbox = create_sandbox()
    headers = {"x-client-id": "sandbox-public-client", "x-npsso": SECOND_NPSSO}
    run_with_client(lambda client: client.remove_friend(FRIEND_ACCOUNT_ID), sandbox, caller=headers)
    assert FRIEND_ACCOUNT_ID in sandbox.database.friends[OWNER_ACCOUNT_ID]
    assert FRIEND_ACCOUNT_ID not in sandbox.database.friends[SECOND_ACCOUNT_ID]


def test_cached_friends_and_profiles_of_both_are_invalidated() -> None:
    sandbox = create_sandbox()

    async def load_relation(client: PsnClient) -> tuple[bool, bool, str | None]:
        await client.get_account_id("me")
        keys = [PageKey("me"), PageKey(FRIEND_ACCOUNT_ID), PageKey(OWNER_ACCOUNT_ID)]
        own_friends, their_friends, own_friends_by_id = [
            unwrap(outcome).account_ids for outcome in await client.get_friends(keys)
        ]
        assert own_friends == own_friends_by_id
        profile = unwrap((await client.get_profiles([FRIEND_ONLINE_ID]))[0])
        assert isinstance(profile, PsnProfile)
        return (
            FRIEND_ACCOUNT_ID in own_friends,
            OWNER_ACCOUNT_ID in their_friends,
            profile.friend_relation,
        )

    async def scenario(client: PsnClient) -> None:
        assert await load_relation(client) == (True, True, "friend")
        await client.get_profiles([FRIEND_ACCOUNT_ID])
        await client.remove_friend(FRIEND_ACCOUNT_ID)
        assert await load_relation(client) == (False, False, "no")

    run_with_client(scenario, sandbox)


def test_friends_cached_by_the_own_account_id_are_invalidated() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        key = PageKey(OWNER_ACCOUNT_ID)
        assert FRIEND_ACCOUNT_ID in unwrap((await client.get_friends([key]))[0]).account_ids
        await client.remove_friend(FRIEND_ACCOUNT_ID)
        assert FRIEND_ACCOUNT_ID not in unwrap((await client.get_friends([key]))[0]).account_ids

    run_with_client(scenario, sandbox)


def test_a_friend_is_removed_although_the_own_account_id_is_unavailable() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("devices/accounts/me", 404, {"error": {}}, JSON))
    assert remove_friend(FRIEND_ACCOUNT_ID, sandbox) == FRIEND_ACCOUNT_ID
    assert FRIEND_ACCOUNT_ID not in sandbox.database.friends[OWNER_ACCOUNT_ID]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 503, {}, JSON), OutcomeUnknown),
        (InjectedFault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", reset=True), OutcomeUnknown),
        (
            InjectedFault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 302, "", {"location": "/x"}),
            OutcomeUnknown,
        ),
        (InjectedFault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 403, {"error": {}}, JSON), Forbidden),
        (InjectedFault(f"friends/{FRIEND_ACCOUNT_ID}[?]$", 404, {"error": {}}, JSON), NotFound),
    ],
)
def test_a_removal_is_sent_once_whatever_its_outcome(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        remove_friend(FRIEND_ACCOUNT_ID, sandbox)
    assert count_calls(sandbox)[DELETE] == 1


def test_a_rejected_token_is_refreshed_and_the_removal_retried() -> None:
    sandbox = create_sandbox()
    refused = {"error": {"code": 2281985, "message": "Invalid token"}}
    sandbox.faults.append(InjectedFault(f"{FRIEND_ACCOUNT_ID}[?]$", 401, refused, JSON, times=1))
    assert remove_friend(FRIEND_ACCOUNT_ID, sandbox) == FRIEND_ACCOUNT_ID
    assert count_calls(sandbox)[DELETE] == 2


@pytest.mark.parametrize("handle", ["", "..", "a/b", "me ", "1 abc", "\ud800"])
def test_invalid_handles_are_rejected_before_any_call(handle: str) -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput):
        remove_friend(handle, sandbox)
    assert not sandbox.calls
