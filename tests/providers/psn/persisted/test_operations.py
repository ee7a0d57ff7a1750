"""Persisted operations: hashes that PSN stops accepting, and operations without sign-in."""

import pytest

from providers.errors import ProviderError, SourceRetired
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import create_sandbox
from tests.providers.psn.harness import GRAPHQL, JSON, count_calls, run_with_client

NEWER = "88fd82cc7cb8c0f5b29548f34b9b2aced1f028fe7a18ad0133c6170af5b6d37b"


@pytest.mark.parametrize("shape", ["newer", "older"])
def test_a_hash_that_psn_rejects_falls_back_to_the_next_which_is_used_from_then_on(
    shape: str,
) -> None:
    sandbox = create_sandbox()
    if shape == "newer":
        sandbox.settings["retired_hashes"] = [NEWER]
    else:
        body = {"errors": [{"message": f"Query {NEWER} not whitelisted"}]}
        sandbox.faults.append(InjectedFault(NEWER, 200, body, JSON))

    async def scenario(client: PsnClient) -> None:
        for _ in range(2):
            await client.campaigns.operations.run("metGetCampaignGroup", {})

    run_with_client(scenario, sandbox)
    assert count_calls(sandbox) == {GRAPHQL: 3}
    assert NEWER not in sandbox.log[-1].url.params["extensions"]


def test_store_operations_are_sent_without_a_token() -> None:
    sandbox = create_sandbox()

    async def scenario(client: PsnClient) -> int:
        reply = await client.campaigns.operations.run(
            "metGetConceptById", {"conceptId": "10000001"}
        )
        return reply.status

    assert run_with_client(scenario, sandbox) == 200
    assert "authorization" not in sandbox.log[-1].headers
    assert sandbox.log[-1].url.host == "web.np.playstation.com"


def test_an_unknown_operation_is_retired() -> None:
    async def scenario(client: PsnClient) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            await client.campaigns.operations.run("noSuchOperation", {})
        return caught.value

    assert isinstance(run_with_client(scenario), SourceRetired)
