"""The registry of persisted operations, and files that are rejected as one."""

import json
from pathlib import Path

import pytest

from providers.errors import SourceRetired
from providers.psn.persisted.operations import build_headers
from providers.psn.persisted.registry import DEFAULT_REGISTRY_PATH, load_registry
from tests.providers.psn.harness import run_with_client

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
