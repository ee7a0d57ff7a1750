"""Profiles by every kind of handle, one by one and in batches."""

import pytest

from providers.errors import NotFound, Private, ProviderError, RateLimited, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    RENAMED_ACCOUNT_ID,
    get_extra_account_id,
)
from providers.psn_records import PsnProfile
from tests.providers.psn.harness import DMS, JSON, USERS, count_calls, run_with_client, unwrap
from tests.providers.psn.people.profile_harness import load_profiles


def test_me_is_loaded_by_account_id_which_is_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[PsnProfile]:
        return [unwrap((await client.get_profiles(["me"]))[0]) for _ in range(2)]

    me, again = run_with_client(scenario, sandbox)
    assert me == again
    assert (me.native_id, me.handle) == (OWNER_ACCOUNT_ID, OWNER_ONLINE_ID)
    assert count_calls(sandbox) == {DMS: 1, f"{USERS}/{OWNER_ACCOUNT_ID}/profiles": 1}


def test_an_unknown_name_or_id_is_not_found() -> None:
    found = load_profiles("nobody_here", "12345", "99999999999999999999")
    assert [type(outcome) for outcome in found] == [NotFound, NotFound, NotFound]


def test_many_ids_are_loaded_in_batches() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 121)]
    found = load_profiles(*ids, sandbox=sandbox)
    assert [profile.native_id for profile in found if isinstance(profile, PsnProfile)] == ids
    assert count_calls(sandbox) == {f"{USERS}/profiles": 2}


def test_a_batch_with_a_missing_row_is_divided_until_the_row_is_found() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 33)]
    del sandbox.database.accounts[ids[5]]
    found = load_profiles(*ids, sandbox=sandbox)
    assert [type(outcome) for outcome in found].count(NotFound) == 1
    names = [profile.online_id for profile in found if isinstance(profile, PsnProfile)]
    assert names == [f"extra_{number:03}" for number in range(1, 33) if number != 6]
    # 32, 16 and 16, 8 and 8; the eight of which one is missing are then requested alone.
    singles = {f"{USERS}/{account_id}/profiles": 1 for account_id in ids[:8]}
    assert count_calls(sandbox) == {f"{USERS}/profiles": 5, **singles}


def test_rows_that_are_always_missing_are_loaded_one_by_one() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 4)]
    sandbox.settings["profiles_row_missing"] = True
    found = load_profiles(*ids, sandbox=sandbox)
    names = [profile.online_id for profile in found if isinstance(profile, PsnProfile)]
    assert names == ["extra_001", "extra_002", "extra_003"]
    singles = {f"{USERS}/{account_id}/profiles": 1 for account_id in ids}
    assert count_calls(sandbox) == {f"{USERS}/profiles": 1, **singles}


def test_an_invalid_row_of_a_batch_does_not_shift_the_others() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [{"onlineId": ["?"]}, {"onlineId": "extra_002"}]}
    sandbox.faults.append(InjectedFault("/users/profiles", 200, body, JSON, times=1))
    found = load_profiles(*ids, sandbox=sandbox)
    assert [profile.online_id for profile in found if isinstance(profile, PsnProfile)] == [
        "extra_001",
        "extra_002",
    ]


def test_an_empty_row_of_a_batch_is_loaded_alone() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [None, {"onlineId": "extra_002"}]}
    sandbox.faults.append(InjectedFault("/users/profiles", 200, body, JSON))
    assert all(isinstance(profile, PsnProfile) for profile in load_profiles(*ids, sandbox=sandbox))
    assert count_calls(sandbox) == {f"{USERS}/profiles": 1, f"{USERS}/{ids[0]}/profiles": 1}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("/users/profiles", 429, {}, {"retry-after": "900"}), RateLimited),
        (InjectedFault("/users/profiles", 403, "<html>"), Unavailable),
    ],
)
def test_a_failing_batch_is_not_repeated_one_by_one(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    found = load_profiles(FRIEND_ACCOUNT_ID, RENAMED_ACCOUNT_ID, sandbox=sandbox)
    assert [type(outcome) for outcome in found] == [kind, kind]
    assert count_calls(sandbox) == {f"{USERS}/profiles": 1}


def test_a_hidden_profile_is_private() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 2281486, "message": "Not permitted by access control"}}
    sandbox.faults.append(InjectedFault("profiles", 403, body, JSON))
    (found,) = load_profiles(FRIEND_ACCOUNT_ID, sandbox=sandbox)
    assert isinstance(found, Private)
