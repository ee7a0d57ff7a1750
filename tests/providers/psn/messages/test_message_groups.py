"""The viewer's message groups."""

from typing import Any

import pytest

from providers.capabilities import HasMessages
from providers.errors import BadInput, NotFound, ProviderError
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import (
    DIRECT_GROUP_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    NAMED_GROUP_ID,
    OWNER_ACCOUNT_ID,
    OWNER_ONLINE_ID,
    UNNAMED_GROUP_ID,
)
from providers.psn.sandbox.models import MessageGroup
from providers.psn_records import PsnGroupMember, PsnMessageGroup, PsnMessageGroupPage
from tests.providers.psn.harness import DMS, JSON, MOBILE, count_calls, run_with_client, unwrap
from tests.providers.psn.messages.invalid_ids import INVALID_GROUP_IDS

LIST = f"{MOBILE}/api/gamingLoungeGroups/v1/members/me/groups"


def load_page(offset: int = 0, sandbox: PsnSandbox | None = None) -> PsnMessageGroupPage:
    async def scenario(client: PsnClient) -> PsnMessageGroupPage:
        assert isinstance(client, HasMessages)
        return unwrap((await client.get_message_groups([offset]))[0])

    return run_with_client(scenario, sandbox)


def load_group(group_id: str, sandbox: PsnSandbox | None = None) -> PsnMessageGroup:
    async def scenario(client: PsnClient) -> PsnMessageGroup:
        return unwrap((await client.get_message_groups_by_id([group_id]))[0])

    return run_with_client(scenario, sandbox)


def create_groups(sandbox: PsnSandbox, count: int, *, favourites: int = 0) -> None:
    """Replace the owner's groups by `count` others, each a second older than the previous one."""
    sandbox.database.message_groups.clear()
    for number in range(count):
        group_id = f"{number:040x}-{number}"
        favourite = {OWNER_ACCOUNT_ID} if number % count < favourites else set[str]()
        members = [OWNER_ACCOUNT_ID, FRIEND_ACCOUNT_ID]
        started = 1777000000000 - 1000 * number
        message_group = MessageGroup(
            group_id, members, started, name=f"{number}", favourite_of=favourite
        )
        sandbox.database.message_groups[group_id] = message_group


def test_favourites_and_others_are_merged_newest_first_by_two_calls() -> None:
    sandbox = create_sandbox()
    found = load_page(sandbox=sandbox)
    ids = [group.native_id for group in found.groups]
    assert ids == [DIRECT_GROUP_ID, UNNAMED_GROUP_ID, NAMED_GROUP_ID]
    assert (found.total, found.next_offset) == (3, None)
    # The label of an unnamed group needs the own account id, which is loaded once.
    assert count_calls(sandbox) == {LIST: 2, DMS: 1}


def test_a_group_without_a_name_is_named_after_its_other_members() -> None:
    assert [group.name for group in load_page().groups] == [
        FRIEND_ONLINE_ID,
        "second_player, extra_001",
        "Trophy Hunters",
    ]


def test_without_the_own_account_id_there_is_no_label() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("devices/accounts/me", 503, {}, JSON))
    assert [group.name for group in load_page(sandbox=sandbox).groups] == [
        None,
        None,
        "Trophy Hunters",
    ]


def test_a_group_has_members_a_thread_and_a_latest_message() -> None:
    sandbox = create_sandbox()
    direct = load_group(DIRECT_GROUP_ID, sandbox)
    assert direct.members == (
        PsnGroupMember(account_id=OWNER_ACCOUNT_ID, online_id=OWNER_ONLINE_ID),
        PsnGroupMember(account_id=FRIEND_ACCOUNT_ID, online_id=FRIEND_ONLINE_ID),
    )
    assert direct.main_thread_id == DIRECT_GROUP_ID
    assert direct.latest_message is not None
    assert direct.latest_message.body == "message 45"
    assert direct.modified_at == direct.latest_message.created_at
    named = load_group(NAMED_GROUP_ID, sandbox)
    assert (named.name, named.native_id) == ("Trophy Hunters", NAMED_GROUP_ID)


def test_a_listed_group_is_cached_for_loading_it_alone() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> None:
        listed = unwrap((await client.get_message_groups([0]))[0]).groups
        found = await client.get_message_groups_by_id([group.native_id for group in listed])
        assert [unwrap(outcome) for outcome in found] == list(listed)

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox)[LIST] == 2


@pytest.mark.parametrize(("count", "favourites"), [(450, 0), (450, 230), (601, 3), (400, 200)])
def test_many_groups_are_several_pages_in_one_order(count: int, favourites: int) -> None:
    sandbox = create_sandbox()
    create_groups(sandbox, count, favourites=favourites)

    async def scenario(client: PsnClient) -> list[PsnMessageGroupPage]:
        pages = [unwrap((await client.get_message_groups([0]))[0])]
        while (offset := pages[-1].next_offset) is not None:
            pages.append(unwrap((await client.get_message_groups([offset]))[0]))
        return pages

    pages = run_with_client(scenario, sandbox)
    names = [group.name for page in pages for group in page.groups]
    assert names == [str(number) for number in range(count)]
    assert pages[-1].total == count
    assert max(len(page.groups) for page in pages) <= 200


def test_an_empty_page_ends_the_list() -> None:
    sandbox = create_sandbox()
    rows: list[Any] = [{"groupId": NAMED_GROUP_ID}, {"members": []}, "?"]
    last = InjectedFault("offset=3", 200, {"groups": []}, JSON)
    sandbox.faults += [last, InjectedFault("groups[?]", 200, {"groups": rows}, JSON)]
    found = load_page(sandbox=sandbox)
    assert [group.native_id for group in found.groups] == [NAMED_GROUP_ID]
    (bare,) = found.groups
    assert bare == PsnMessageGroup(native_id=NAMED_GROUP_ID)
    assert found.next_offset == 1
    assert load_page(1, sandbox) == PsnMessageGroupPage(groups=(), total=1)


def test_a_group_without_the_viewer_is_not_found() -> None:
    with pytest.raises(NotFound):
        load_group("~0000000000000000.0000000000000000")


@pytest.mark.parametrize("group_id", INVALID_GROUP_IDS)
def test_invalid_group_ids_are_rejected_before_any_call(group_id: str) -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[ProviderError]:
        with pytest.raises(BadInput):
            client.check_group(group_id)
        found = await client.get_message_groups_by_id([group_id])
        return [outcome for outcome in found if isinstance(outcome, ProviderError)]

    (refused,) = run_with_client(scenario, sandbox)
    assert isinstance(refused, BadInput)
    assert (refused.argument, refused.source) == ("groupId", "PSN")
    assert not sandbox.calls


def test_an_invalid_offset_is_bad_input() -> None:
    with pytest.raises(BadInput):
        load_page(-1)


def test_every_request_for_groups_has_a_language() -> None:
    sandbox = create_sandbox()
    load_page(sandbox=sandbox)
    load_group(NAMED_GROUP_ID, sandbox)
    requests = [request for request in sandbox.log if "gamingLounge" in request.url.path]
    assert {request.headers["accept-language"] for request in requests} == {"en-US"}
