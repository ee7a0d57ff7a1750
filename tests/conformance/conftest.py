"""One real server for all of them; without Node, what needs it is skipped and says why."""

from collections.abc import Iterator

import pytest

from tests.conformance.processes import CONFORMANCE_FOLDER, find_node, print_sdl, start_server


@pytest.fixture(scope="session")
def modules() -> str:
    """Where Node is; the packages of this folder are there as well."""
    found = find_node()
    if found is None:
        pytest.skip("needs Node 20 or newer")
    if not (CONFORMANCE_FOLDER / "node_modules").is_dir():
        pytest.skip("needs `npm ci --ignore-scripts` in tests/conformance")
    return found


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the server's GraphQL endpoint."""
    with start_server() as found:
        yield found


@pytest.fixture(scope="session")
def subgraph_sdl() -> str:
    """The subgraph's SDL without the roots that other subgraphs of the tests bring."""
    return print_sdl("--federation", TROPHYCASE_NODE="off")
