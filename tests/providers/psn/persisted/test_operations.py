"""The registry of persisted operations, and hashes that PSN stops accepting."""

import json
from pathlib import Path

import pytest

from providers.errors import ProviderError, SourceRetired
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.persisted.operations import DEFAULT_REGISTRY_PATH, build_headers, load_registry
from providers.psn.sandbox.app import create_sandbox
from tests.providers.psn.harness import GRAPHQL, JSON, count_calls, run_with_client

NEWER = "88fd82cc7cb8c0f5b29548f34b9b2aced1f028fe7a18ad0133c6170af5b6d37b"
OLDER = "eabc9a2d92e6c8604eb611c22bbc0f8ffce673dee29b0c1f82040f5a4918264b"
ROW = {"name": "op", "hashes": ["0" * 64], "host": "web"}


def test_the_shipped_registry_is_valid() -> None:
    registry = load_registry("")
    assert len(registry.operations) == 76
    found = registry.find_by_hash(OLDER)
    assert found is not None
    assert (found.name, found.host, found.hashes) == (
        "metGetCampaignGroup",
        "mobile",
        (NEWER, OLDER),
    )
    assert found.retired
    writing = {operation.name for operation in registry.operations if operation.writes}
    assert "wcaAddItemToStoreWishlist" in writing
    anonymous = registry.find_by_name("metGetProductById")
    assert anonymous is not None
    assert not anonymous.needs_sign_in
    assert "apollographql-client-name" not in build_headers(anonymous)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        json.dumps([{**ROW, "hashes": []}]),
        json.dumps([{**ROW, "hashes": ["abc"]}]),
        json.dumps([{**ROW, "hashes": ["0" * 64 + "\n"]}]),
        json.dumps([{**ROW, "host": "evil.invalid"}]),
        json.dumps([{**ROW, "name": ""}]),
        json.dumps([ROW, ROW]),
    ],
)
def test_an_invalid_registry_is_rejected_at_startup(tmp_path: Path, content: str) -> None:
    path = tmp_path / "queries.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="PSN_PERSISTED_QUERIES"):
        load_registry(str(path))


def test_a_missing_registry_is_rejected_at_startup(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PSN_PERSISTED_QUERIES"):
        run_with_client(
            lambda client: client.get_campaigns(), PSN_PERSISTED_QUERIES=str(tmp_path / "none.json")
        )


def test_a_configured_registry_replaces_the_shipped_one(tmp_path: Path) -> None:
    rows = json.loads(DEFAULT_REGISTRY_PATH.read_text())
    path = tmp_path / "queries.json"
    path.write_text(json.dumps([row for row in rows if row["name"] != "metGetCampaignGroup"]))
    with pytest.raises(SourceRetired):
        run_with_client(lambda client: client.get_campaigns(), PSN_PERSISTED_QUERIES=str(path))


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
