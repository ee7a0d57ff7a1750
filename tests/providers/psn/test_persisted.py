"""The registry of persisted operations, and hashes that come and go."""

import json
from pathlib import Path

import pytest

from providers.errors import ProviderError, Retired
from providers.kit.sandbox import Fault
from providers.psn.client import PsnClient
from providers.psn.persisted.operations import SHIPPED, headers, load
from providers.psn.sandbox.app import psn_sandbox
from tests.providers.psn.asking import GRAPHQL, ask, calls

NEWER = "88fd82cc7cb8c0f5b29548f34b9b2aced1f028fe7a18ad0133c6170af5b6d37b"
OLDER = "eabc9a2d92e6c8604eb611c22bbc0f8ffce673dee29b0c1f82040f5a4918264b"
JSON = {"content-type": "application/json"}
ROW = {"name": "op", "hashes": ["0" * 64], "host": "web"}


def test_the_shipped_registry_is_sound() -> None:
    registry = load("")
    assert len(registry.operations) == 76
    found = registry.hashed(OLDER)
    assert found is not None
    assert (found.name, found.host, found.hashes) == (
        "metGetCampaignGroup",
        "mobile",
        (NEWER, OLDER),
    )
    assert found.retired
    writing = {operation.name for operation in registry.operations if operation.writes}
    assert "wcaAddItemToStoreWishlist" in writing
    anonymous = registry.named("metGetProductById")
    assert anonymous is not None
    assert not anonymous.needs_sign_in
    assert "apollographql-client-name" not in headers(anonymous)


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
def test_a_broken_registry_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "queries.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="PSN_PERSISTED_QUERIES"):
        load(str(path))


def test_a_missing_registry_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PSN_PERSISTED_QUERIES"):
        ask(lambda client: client.campaigns(), PSN_PERSISTED_QUERIES=str(tmp_path / "none.json"))


def test_a_registry_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    rows = json.loads(SHIPPED.read_text())
    path = tmp_path / "queries.json"
    path.write_text(json.dumps([row for row in rows if row["name"] != "metGetCampaignGroup"]))
    with pytest.raises(Retired):
        ask(lambda client: client.campaigns(), PSN_PERSISTED_QUERIES=str(path))


@pytest.mark.parametrize("shape", ["newer", "older"])
def test_a_retired_hash_gives_way_to_the_next_which_is_remembered(shape: str) -> None:
    sandbox = psn_sandbox()
    if shape == "newer":
        sandbox.settings["retired_hashes"] = [NEWER]
    else:
        body = {"errors": [{"message": f"Query {NEWER} not whitelisted"}]}
        sandbox.faults.append(Fault(NEWER, 200, body, JSON))

    async def question(client: PsnClient) -> None:
        for _ in range(2):
            await client.persisted.ask("metGetCampaignGroup", {})

    ask(question, sandbox)
    assert calls(sandbox) == {GRAPHQL: 3}
    assert NEWER not in sandbox.log[-1].url.params["extensions"]


def test_the_store_is_asked_without_a_name() -> None:
    sandbox = psn_sandbox()

    async def question(client: PsnClient) -> int:
        reply = await client.persisted.ask("metGetConceptById", {"conceptId": "10000001"})
        return reply.status

    assert ask(question, sandbox) == 200
    assert "authorization" not in sandbox.log[-1].headers
    assert sandbox.log[-1].url.host == "web.np.playstation.com"


def test_an_operation_nobody_knows_is_retired() -> None:
    async def question(client: PsnClient) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            await client.persisted.ask("noSuchOperation", {})
        return caught.value

    assert isinstance(ask(question), Retired)
