"""Who is online."""

import pytest

from providers.capabilities import HasPresence
from providers.errors import (
    BadResponse,
    NotFound,
    Private,
    ProviderError,
    RateLimited,
    Unavailable,
)
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, psn_sandbox
from providers.psn.sandbox.world import (
    FRESH_ACCOUNT_ID,
    FRIEND_ACCOUNT_ID,
    FRIEND_ONLINE_ID,
    SECOND_ACCOUNT_ID,
    STRANGER_ACCOUNT_ID,
    extra_account_id,
)
from providers.records import PsnPresence
from tests.providers.psn.asking import DMS, MOBILE, NAMED, ask, calls

USERS = f"{MOBILE}/api/userProfile/v2/internal/users"
JSON = {"content-type": "application/json"}

Found = list[PsnPresence | ProviderError | None]


def presences(*handles: str, sandbox: PsnSandbox | None = None) -> Found:
    async def question(client: PsnClient) -> Found:
        assert isinstance(client, HasPresence)
        found = await client.presences(handles)
        return [one if isinstance(one, ProviderError) else one.value for one in found]

    return ask(question, sandbox)


def test_one_account_is_asked_for_alone() -> None:
    sandbox = psn_sandbox()
    (friend,) = presences(FRIEND_ACCOUNT_ID, sandbox=sandbox)
    assert friend == PsnPresence(
        online_status="online",
        platform="PS5",
        title_name="Sample Quest",
        np_title_id="PPSA00001_00",
    )
    assert calls(sandbox) == {f"{USERS}/{FRIEND_ACCOUNT_ID}/basicPresences": 1}


def test_who_is_offline_was_online_before() -> None:
    (fresh,) = presences(FRESH_ACCOUNT_ID)
    assert isinstance(fresh, PsnPresence)
    assert (fresh.online_status, fresh.platform, fresh.title_name) == ("offline", "PS4", None)
    assert fresh.last_online_at is not None
    assert fresh.last_online_at.isoformat() == "2026-10-31T23:59:59.999000+00:00"


def test_many_accounts_are_one_call_for_a_hundred_whatever_their_order() -> None:
    sandbox = psn_sandbox()
    sandbox.settings["shuffle_batches"] = True
    ids = [FRIEND_ACCOUNT_ID, *(extra_account_id(number) for number in range(1, 121))]
    found = presences(*ids, sandbox=sandbox)
    assert all(isinstance(one, PsnPresence) for one in found)
    assert isinstance(found[0], PsnPresence)
    assert found[0].title_name == "Sample Quest"
    assert calls(sandbox) == {f"{USERS}/basicPresences": 2}


def test_names_and_me_are_asked_for_with_the_rest() -> None:
    sandbox = psn_sandbox()
    found = presences("me", FRIEND_ONLINE_ID, SECOND_ACCOUNT_ID, sandbox=sandbox)
    names = [one.title_name for one in found if isinstance(one, PsnPresence)]
    assert names == [None, "Sample Quest", "Harbor Lights"]
    profile = f"{NAMED}/{FRIEND_ONLINE_ID}/profile2"
    assert calls(sandbox) == {f"{USERS}/basicPresences": 1, DMS: 1, profile: 1}


def test_who_is_missing_in_a_batch_is_unknown() -> None:
    friend, stranger = presences(FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID)
    assert isinstance(friend, PsnPresence)
    assert stranger is None


def test_who_hides_is_private_and_nobody_is_not_found() -> None:
    assert isinstance(presences(STRANGER_ACCOUNT_ID)[0], Private)
    nobody, friend = presences("nobody_here", FRIEND_ACCOUNT_ID)
    assert isinstance(nobody, NotFound)
    assert isinstance(friend, PsnPresence)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("users/basicPresences", 429, {}, {"retry-after": "900"}), RateLimited),
        (Fault("users/basicPresences", 503, {}, JSON), Unavailable),
        (Fault("users/basicPresences", 200, {"basicPresences": 3}, JSON), BadResponse),
    ],
)
def test_a_failing_batch_is_not_repeated_one_by_one(
    fault: Fault, kind: type[ProviderError]
) -> None:
    sandbox = psn_sandbox()
    sandbox.faults.append(fault)
    found = presences(FRIEND_ACCOUNT_ID, SECOND_ACCOUNT_ID, sandbox=sandbox)
    assert [type(one) for one in found] == [kind, kind]
    assert calls(sandbox) == {f"{USERS}/basicPresences": 1}


def test_a_batch_that_one_of_them_spoils_is_asked_one_by_one() -> None:
    sandbox = psn_sandbox()
    body = {"error": {"code": 2281473, "message": "Bad Request (query: accountIds)"}}
    sandbox.faults.append(Fault("users/basicPresences", 400, body, JSON))
    friend, nobody = presences(FRIEND_ACCOUNT_ID, "9" * 20, sandbox=sandbox)
    assert isinstance(friend, PsnPresence)
    assert isinstance(nobody, NotFound)


def test_a_presence_is_believed_for_a_moment() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> None:
        for _ in range(2):
            await client.presences([FRIEND_ACCOUNT_ID, STRANGER_ACCOUNT_ID])
        await client.presences([FRIEND_ACCOUNT_ID])

    ask(question, sandbox)
    assert calls(sandbox) == {f"{USERS}/basicPresences": 1}
