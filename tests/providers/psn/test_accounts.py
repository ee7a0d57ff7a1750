"""Who somebody is, by whatever handle."""

import pytest

from providers.errors import BadInput, NotFound, Private, ProviderError, RateLimited, Unavailable
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.people.profile_mapping import country
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    RENAMED_ACCOUNT_ID,
    RENAMED_FORMER_ID,
    RENAMED_ONLINE_ID,
    extra_account_id,
)
from providers.records import PsnPerson
from tests.providers.psn.asking import DMS, NAMED, USERS, ask, calls, value

JSON = {"content-type": "application/json"}


def people(*handles: str, sandbox: PsnSandbox | None = None) -> list[PsnPerson | ProviderError]:
    async def question(client: PsnClient) -> list[PsnPerson | ProviderError]:
        found = await client.people(handles)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return ask(question, sandbox)


def person(handle: str, sandbox: PsnSandbox | None = None) -> PsnPerson:
    (found,) = people(handle, sandbox=sandbox)
    assert isinstance(found, PsnPerson), found
    return found


def test_a_profile_by_name_tells_all_and_costs_one_call() -> None:
    sandbox = psn_sandbox()
    friend = person(FRIEND_ONLINE_ID, sandbox)
    assert (friend.native_id, friend.handle) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.online_id, friend.display_name) == (FRIEND_ONLINE_ID, FRIEND_ONLINE_ID)
    assert (friend.country, friend.friend_relation) == ("GB", "friend")
    assert (friend.is_plus, friend.about_me) == (True, "hello")
    assert friend.np_id is not None
    assert friend.languages
    assert friend.profile_url == f"https://my.playstation.com/profile/{FRIEND_ONLINE_ID}"
    assert friend.avatar is not None
    assert friend.avatar.url == f"https://image.invalid/avatar/{FRIEND_ACCOUNT_ID}_xl.png"
    assert calls(sandbox) == {f"{NAMED}/{FRIEND_ONLINE_ID}/profile2": 1}


def test_a_profile_by_number_says_nothing_of_what_it_is_not_told() -> None:
    friend = person(FRIEND_ACCOUNT_ID)
    assert (friend.native_id, friend.online_id) == (FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID)
    assert (friend.np_id, friend.country, friend.friend_relation) == (None, None, None)


def test_a_renamed_account_goes_by_its_present_name() -> None:
    renamed = person(RENAMED_FORMER_ID)
    assert (renamed.native_id, renamed.handle) == (RENAMED_ACCOUNT_ID, RENAMED_ONLINE_ID)


def test_me_is_found_by_the_own_number_which_is_remembered() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[PsnPerson]:
        return [value((await client.people(["me"]))[0]) for _ in range(2)]

    me, again = ask(question, sandbox)
    assert me == again
    assert (me.native_id, me.handle) == (OWNER_ACCOUNT_ID, OWNER_ONLINE_ID)
    assert calls(sandbox) == {DMS: 1, f"{USERS}/{OWNER_ACCOUNT_ID}/profiles": 1}


def test_an_unknown_name_and_an_unknown_number_are_nobody() -> None:
    found = people("nobody_here", "12345", "99999999999999999999")
    assert [type(one) for one in found] == [NotFound, NotFound, NotFound]


def test_many_numbers_are_one_call() -> None:
    sandbox = psn_sandbox()
    ids = [extra_account_id(number) for number in range(1, 121)]
    found = people(*ids, sandbox=sandbox)
    assert [one.native_id for one in found if isinstance(one, PsnPerson)] == ids
    assert calls(sandbox) == {f"{USERS}/profiles": 2}


def test_a_row_that_is_missing_makes_every_row_of_the_batch_suspect() -> None:
    sandbox = psn_sandbox()
    ids = [extra_account_id(number) for number in range(1, 4)]
    sandbox.settings["profiles_row_missing"] = True
    found = people(*ids, sandbox=sandbox)
    names = [one.online_id for one in found if isinstance(one, PsnPerson)]
    assert names == ["extra_001", "extra_002", "extra_003"]
    singles = {f"{USERS}/{account_id}/profiles": 1 for account_id in ids}
    assert calls(sandbox) == {f"{USERS}/profiles": 1, **singles}


def test_a_broken_row_of_a_batch_is_not_another_persons() -> None:
    sandbox = psn_sandbox()
    ids = [extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [{"onlineId": ["?"]}, {"onlineId": "extra_002"}]}
    sandbox.faults.append(Fault("/users/profiles", 200, body, JSON))
    found = people(*ids, sandbox=sandbox)
    assert [one.online_id for one in found if isinstance(one, PsnPerson)] == [
        "extra_001",
        "extra_002",
    ]


def test_an_empty_place_of_a_batch_is_asked_for_alone() -> None:
    sandbox = psn_sandbox()
    ids = [extra_account_id(number) for number in range(1, 3)]
    body = {"profiles": [None, {"onlineId": "extra_002"}]}
    sandbox.faults.append(Fault("/users/profiles", 200, body, JSON))
    assert all(isinstance(one, PsnPerson) for one in people(*ids, sandbox=sandbox))
    assert calls(sandbox) == {f"{USERS}/profiles": 1, f"{USERS}/{ids[0]}/profiles": 1}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("/users/profiles", 429, {}, {"retry-after": "900"}), RateLimited),
        (Fault("/users/profiles", 403, "<html>"), Unavailable),
    ],
)
def test_a_failing_batch_is_not_repeated_one_by_one(
    fault: Fault, kind: type[ProviderError]
) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)
    found = people(FRIEND_ACCOUNT_ID, RENAMED_ACCOUNT_ID, sandbox=sandbox)
    assert [type(one) for one in found] == [kind, kind]
    assert calls(sandbox) == {f"{USERS}/profiles": 1}


def test_a_hidden_profile_is_private() -> None:
    sandbox = psn_sandbox()
    body = {"error": {"code": 2281486, "message": "Not permitted by access control"}}
    sandbox.faults.append(Fault("profiles", 403, body, JSON))
    (found,) = people(FRIEND_ACCOUNT_ID, sandbox=sandbox)
    assert isinstance(found, Private)


def test_the_number_of_an_account_is_believed_and_that_of_a_name_remembered() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> list[str]:
        handles = ("123", FRIEND_ONLINE_ID, FRIEND_ONLINE_ID.upper(), "me")
        return [await client.account_id(handle) for handle in handles]

    found = ask(question, sandbox)
    assert found == ["123", FRIEND_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID]
    assert calls(sandbox) == {f"{NAMED}/{FRIEND_ONLINE_ID}/profile2": 1, DMS: 1}


@pytest.mark.parametrize("handle", ["me", "abc", "A-b_9", "a" * 16, "1", "9" * 20])
def test_what_an_account_can_be_called_is_accepted(handle: str) -> None:
    async def question(client: PsnClient) -> None:
        client.check_handle(handle)

    ask(question)


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
def test_what_no_account_can_be_called_is_refused_before_any_call(handle: str) -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        client.check_handle(handle)

    with pytest.raises(BadInput) as caught:
        ask(question, sandbox)
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
    assert country(np_id) == expected
