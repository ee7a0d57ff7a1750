"""Our subgraph composes with another team's, by every published composer and without a remark."""

from typing import Any

import pytest

from tests.conformance.running import said, sdl

ALL_WELL: dict[str, Any] = {"composed": True, "said": []}


@pytest.mark.usefixtures("modules")
def test_it_composes_with_a_neighbour_and_nobody_remarks_on_it(subgraph_sdl: str) -> None:
    composed = said("compose.mjs", given={"sdl": subgraph_sdl})
    assert composed == {"apollo": ALL_WELL, "hive": ALL_WELL, "cosmo": ALL_WELL}


@pytest.mark.usefixtures("modules")
def test_two_relay_subgraphs_collide_only_in_their_node_roots() -> None:
    """Which is what `TROPHYCASE_NODE=off` is for."""
    composed = said("compose.mjs", given={"sdl": sdl("--federation")})
    assert composed["apollo"]["composed"] is False
    fields = sorted(error.split('"')[1] for error in composed["apollo"]["said"])
    assert fields == ["Query.node", "Query.nodes"]
