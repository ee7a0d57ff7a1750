"""Presences, one by one and in batches."""

import pytest

from providers.capabilities import HasPresence
from providers.errors import BadResponse, NotFound, Private, ProviderError, RateLimited, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    get_extra_account_id,
)
from providers.psn_records import PsnPresence
from tests.providers.psn.harness import (
    DMS,
    JSON,
    LEGACY_USERS,
    MOBILE,
    count_calls,
    run_with_client,
)

USERS = f"{MOBILE}/api/userProfile/v2/internal/users"

Presences = list[PsnPresence | ProviderError | None]


def load_presences(*handles: str, sandbox: PsnSandbox | None = None) -> Presences:
    async def scenario(client: PsnClient) -> Presences:
        assert isinstance(client, HasPresence)
        found = await client.get_presences(handles)
        return [
            outcome if isinstance(outcome, ProviderError) else outcome.value for outcome in found
        ]

    return run_with_client(scenario, sandbox)


def test_one_account_is_loaded_alone() -> None:
    sandbox = create_sandbox()
    (friend,) = load_presences(FRIEND_ACCOUNT_ID, sandbox=sandbox)
    assert friend == PsnPresence(
        online_status="online",
        platform="PS5",
        title_name="Sample Quest",
        np_title_id="PPSA00001_00",
    )
    assert count_calls(sandbox) == {f"{USERS}/{FRIEND_ACCOUNT_ID}/basicPresences": 1}


def test_an_offline_account_has_a_last_online_time() -> None:
    (fresh,) = load_presences(FRESH_ACCOUNT_ID)
    assert isinstance(fresh, PsnPresence)
    assert (fresh.online_status, fresh.platform, fresh.title_name) == ("offline", "PS4", None)
    assert fresh.last_online_at is not None
    assert fresh.last_online_at.isoformat() == "2026-10-31T23:59:59.999000+00:00"


def test_many_accounts_are_one_call_for_a_hundred_whatever_their_order() -> None:
    sandbox = create_sandbox()
    sandbox.settings["shuffle_batches"] = True
    ids = [FRIEND_ACCOUNT_ID, *(get_extra_account_id(number) for number in range(1, 121))]
    found = load_presences(*ids, sandbox=sandbox)
    assert all(isinstance(presence, PsnPresence) for presence in found)
    assert isinstance(found[0], PsnPresence)
    assert found[0].title_name == "Sample Quest"
    assert count_calls(sandbox) == {f"{USERS}/basicPresences": 2}


def test_names_and_me_are_loaded_in_the_same_batch() -> None:
    sandbox = create_sandbox()
    found = load_presences("me", FRIEND_ONLINE_ID, SECOND_ACCOUNT_ID, sandbox=sandbox)
    names = [presence.title_name for presence in found if isinstance(presence, PsnPresence)]
    assert names == [None, "Sample Quest", "Harbor Lights"]
    profile = f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2"
    assert count_calls(sandbox) == {f"{USERS}/basicPresences": 1, DMS: 1, profile: 1}


def test_an_account_missing_in_a_batch_is_null() -> None:
    friend, stranger = load_presences(FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID)
    assert isinstance(friend, PsnPresence)
    assert stranger is None


def test_a_hidden_presence_is_private_and_an_unknown_account_not_found() -> None:
    assert isinstance(load_presences(STRANGER_ACCOUNT_ID)[0], Private)
    not_found, friend = load_presences("nobody_here", FRIEND_ACCOUNT_ID)
    assert isinstance(not_found, NotFound)
    assert isinstance(friend, PsnPresence)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("users/basicPresences", 429, {}, {"retry-after": "900"}), RateLimited),
        (InjectedFault("users/basicPresences", 503, {}, JSON), Unavailable),
        (InjectedFault("users/basicPresences", 200, {"basicPresences": 3}, JSON), BadResponse),
    ],
)
def test_a_failing_batch_is_not_repeated_one_by_one(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    found = load_presences(FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID, sandbox=sandbox)
    assert [type(outcome) for outcome in found] == [kind, kind]
    assert count_calls(sandbox) == {f"{USERS}/basicPresences": 1}


def test_a_batch_rejected_for_one_account_is_loaded_one_by_one() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 2281473, "message": "Bad Request (query: accountIds)"}}
    sandbox.faults.append(InjectedFault("users/basicPresences", 400, body, JSON))
    friend, not_found = load_presences(FRIEND_ACCOUNT_ID, "9" * 20, sandbox=sandbox)
    assert isinstance(friend, PsnPresence)
    assert isinstance(not_found, NotFound)


def test_a_presence_is_cached_briefly() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        for _ in range(2):
            await client.get_presences([FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID])
        await client.get_presences([FRIEND_ACCOUNT_ID])

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox) == {f"{USERS}/basicPresences": 1}
