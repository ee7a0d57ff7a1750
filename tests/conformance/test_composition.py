"""Our subgraph composes with another one in every published composer, without a warning."""

from typing import Any

import pytest

from tests.conformance.processes import print_sdl, run_script

NO_FINDINGS: dict[str, Any] = {"composed": True, "said": []}


@pytest.mark.usefixtures("modules")
def test_it_composes_with_another_subgraph_without_remarks(subgraph_sdl: str) -> None:
    assert "achievementUnlocked(" in subgraph_sdl
    composed = run_script("compose.mjs", payload={"sdl": subgraph_sdl})
    assert composed == {"apollo": NO_FINDINGS, "hive": NO_FINDINGS, "cosmo": NO_FINDINGS}


@pytest.mark.usefixtures("modules")
def test_its_costs_tags_and_cache_hints_compose_as_well() -> None:
    sdl = print_sdl("--annotated", TROPHYCASE_NODE="off")
    assert "viewer: User @cacheControl(" in sdl
    assert '@cost(weight: 1) @listSize(slicingArguments: ["first"]' in sdl
    composed = run_script("compose.mjs", payload={"sdl": sdl})
    assert composed == {"apollo": NO_FINDINGS, "hive": NO_FINDINGS, "cosmo": NO_FINDINGS}


@pytest.mark.usefixtures("modules")
def test_two_relay_subgraphs_collide_only_in_their_node_roots() -> None:
    """Holds that `TROPHYCASE_NODE=off` is needed where another subgraph has `node` as well."""
    composed = run_script("compose.mjs", payload={"sdl": print_sdl("--federation")})
    assert composed["apollo"]["composed"] is False
    fields = sorted(error.split('"')[1] for error in composed["apollo"]["said"])
    assert fields == ["Query.node", "Query.nodes"]
