"""Who somebody is, by whatever handle."""

import pytest

from providers.errors import BadInput, NotFound, Private, ProviderError, RateLimited, Unavailable
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.people.profile_mapping import parse_country
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    RENAMED_ACCOUNT_ID,
    RENAMED_FORMER_ID,
    RENAMED_ONLINE_ID,
    get_extra_account_id,
)
from providers.psn_records import PsnProfile
from tests.providers.psn.harness import (
    DMS,
    JSON,
    LEGACY_USERS,
    USERS,
    count_calls,
    run_with_client,
    unwrap,
)


def load_people(
    *handles: str, sandbox: PsnSandbox | None = None
) -> list[PsnProfile | ProviderError]:
    async def scenario(client: PsnClient) -> list[PsnProfile | ProviderError]:
        found = await client.get_profiles(handles)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return run_with_client(scenario, sandbox)


def load_person(handle: str, sandbox: PsnSandbox | None = None) -> PsnProfile:
    (found,) = load_people(handle, sandbox=sandbox)
    assert isinstance(found, PsnProfile), found
    return found


def test_a_profile_by_name_is_complete_and_costs_one_call() -> None:
    sandbox = create_sandbox()
    friend = load_person(FRIEND_ONLINE_ID, sandbox)
    assert (friend.native_id, friend.handle) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.online_id, friend.display_name) == (FRIEND_ONLINE_ID, FRIEND_ONLINE_ID)
    assert (friend.country, friend.friend_relation) == ("GB", "friend")
    assert (friend.is_plus, friend.about_me) == (True, "hello")
    assert friend.np_id is not None
    assert friend.languages
    assert friend.profile_url == f"https://my.playstation.com/profile/{FRIEND_ONLINE_ID}"
    assert friend.avatar is not None
    assert friend.avatar.url == f"https://image.invalid/avatar/{FRIEND_ACCOUNT_ID}_xl.png"
    assert count_calls(sandbox) == {f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1}


def test_a_profile_by_id_leaves_missing_fields_null() -> None:
    friend = load_person(FRIEND_ACCOUNT_ID)
    assert (friend.native_id, friend.online_id) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.np_id, friend.country, friend.friend_relation) == (None, None, None)


def test_a_renamed_account_has_its_current_name() -> None:
    renamed = load_person(RENAMED_FORMER_ID)
    assert (renamed.native_id, renamed.handle) == (RENAMED_ACCOUNT_ID, RENAMED_ONLINE_ID)


def test_me_is_loaded_by_account_id_which_is_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[PsnProfile]:
        return [unwrap((await client.get_profiles(["me"]))[0]) for _ in range(2)]

    me, again = run_with_client(scenario, sandbox)
    assert me == again
    assert (me.native_id, me.handle) == (OWNER_ACCOUNT_ID, OWNER_ONLINE_ID)
    assert count_calls(sandbox) == {DMS: 1, f"{USERS}/{OWNER_ACCOUNT_ID}/profiles": 1}


def test_an_unknown_name_or_id_is_not_found() -> None:
    found = load_people("nobody_here", "12345", "99999999999999999999")
    assert [type(one) for one in found] == [NotFound, NotFound, NotFound]


def test_many_ids_are_loaded_in_batches() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 121)]
    found = load_people(*ids, sandbox=sandbox)
    assert [one.native_id for one in found if isinstance(one, PsnProfile)] == ids
    assert count_calls(sandbox) == {f"{USERS}/profiles": 2}


def test_a_batch_with_a_missing_row_is_loaded_one_by_one() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 4)]
    sandbox.settings["profiles_row_missing"] = True
    found = load_people(*ids, sandbox=sandbox)
    names = [one.online_id for one in found if isinstance(one, PsnProfile)]
    assert names == ["extra_001", "extra_002", "extra_003"]
    singles = {f"{USERS}/{account_id}/profiles": 1 for account_id in ids}
    assert count_calls(sandbox) == {f"{USERS}/profiles": 1, **singles}


def test_an_invalid_row_of_a_batch_does_not_shift_the_others() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [{"onlineId": ["?"]}, {"onlineId": "extra_002"}]}
    sandbox.faults.append(InjectedFault("/users/profiles", 200, body, JSON))
    found = load_people(*ids, sandbox=sandbox)
    assert [one.online_id for one in found if isinstance(one, PsnProfile)] == [
        "extra_001",
        "extra_002",
    ]


def test_an_empty_row_of_a_batch_is_loaded_alone() -> None:
    sandbox = create_sandbox()
    ids = [get_extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [None, {"onlineId": "extra_002"}]}
    sandbox.faults.append(InjectedFault("/users/profiles", 200, body, JSON))
    assert all(isinstance(one, PsnProfile) for one in load_people(*ids, sandbox=sandbox))
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
    found = load_people(FRIEND_ACCOUNT_ID, RENAMED_ACCOUNT_ID, sandbox=sandbox)
    assert [type(one) for one in found] == [kind, kind]
    assert count_calls(sandbox) == {f"{USERS}/profiles": 1}


def test_a_hidden_profile_is_private() -> None:
    sandbox = create_sandbox()
    body = {"error": {"code": 2281486, "message": "Not permitted by access control"}}
    sandbox.faults.append(InjectedFault("profiles", 403, body, JSON))
    (found,) = load_people(FRIEND_ACCOUNT_ID, sandbox=sandbox)
    assert isinstance(found, Private)


def test_an_account_id_is_trusted_and_that_of_a_name_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[str]:
        handles = ("123", FRIEND_ONLINE_ID, FRIEND_ONLINE_ID.upper(), "me")
        return [await client.get_account_id(handle) for handle in handles]

    found = run_with_client(scenario, sandbox)
    assert found == ["123", FRIEND_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID]
    assert count_calls(sandbox) == {f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1, DMS: 1}


@pytest.mark.parametrize("handle", ["me", "abc", "A-b_9", "a" * 16, "1", "9" * 20])
def test_valid_handles_are_accepted(handle: str) -> None:
    async def scenario(client: PsnClient) -> None:
        client.check_handle(handle)

    run_with_client(scenario)


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "ab",
        "1 abc",
        "a" * 17,
        "9" * 21,
        "a/b",
        "a b",
        "me ",
        "..",
        "ab\n",
        "abc\n",
        "äöü",
        "١٢٣",
    ],
)
def test_invalid_handles_are_rejected_before_any_call(handle: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        client.check_handle(handle)

    with pytest.raises(BadInput) as caught:
        run_with_client(scenario, sandbox)
    assert (caught.value.argument, caught.value.source) == ("handle", "PSN")
    assert not sandbox.calls


@pytest.mark.parametrize(
    ("np_id", "expected"),
    [
        ("dmVnYV9ub3J0aEBhMS51cw==", "US"),
        ("dmVnYV9ub3J0aA==", None),
        ("not base64", None),
        ("/////w==", None),
        (None, None),
    ],
)
def test_the_country_is_the_last_label_of_an_np_id(np_id: str | None, expected: str | None) -> None:
    assert parse_country(np_id) == expected
