"""Account ids by every kind of handle."""

from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from providers.psn.sandbox.constants import FRIEND_ACCOUNT_ID, FRIEND_ONLINE_ID, OWNER_ACCOUNT_ID
from tests.providers.psn.harness import DMS, LEGACY_USERS, count_calls, run_with_client


def test_an_account_id_is_trusted_and_that_of_a_name_cached() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> list[str]:
        handles = ("123", FRIEND_ONLINE_ID, FRIEND_ONLINE_ID.upper(), "me")
        return [await client.get_account_id(handle) for handle in handles]

    found = run_with_client(scenario, sandbox)
    assert found == ["123", FRIEND_ACCOUNT_ID, FRIEND_ACCOUNT_ID, OWNER_ACCOUNT_ID]
    assert count_calls(sandbox) == {f"{LEGACY_USERS}/{FRIEND_ONLINE_ID}/profile2": 1, DMS: 1}
