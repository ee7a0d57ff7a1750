"""Loads messages over the sandbox."""

from typing import Any

from providers.capabilities import MessagePageKey
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import NAMED_GROUP_ID
from providers.psn_records import PsnMessagePage
from tests.providers.psn.harness import JSON, run_with_client, unwrap


def load_messages(
    group_id: str,
    thread_id: str | None = None,
    before: str | None = None,
    sandbox: PsnSandbox | None = None,
) -> PsnMessagePage:
    async def scenario(client: PsnClient) -> PsnMessagePage:
        return unwrap((await client.get_messages([MessagePageKey(group_id, thread_id, before)]))[0])

    return run_with_client(scenario, sandbox)


def load_messages_from(body: Any, before: str | None = None) -> PsnMessagePage:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("/messages", 200, body, JSON))
    return load_messages(NAMED_GROUP_ID, before=before, sandbox=sandbox)


def make_uid(number: int) -> str:
    return f"1#{447000000000000 + number}"
