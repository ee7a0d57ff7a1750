"""One real server for all tests of this folder; tests that need Node are skipped without it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conformance.processes import CONFORMANCE_FOLDER, find_node, print_sdl, start_server


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark all tests of this folder as slow: they start servers and Node."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def modules() -> str:
    """Return the path of Node; skip without Node or without the packages of this folder."""
    found = find_node()
    if found is None:
        pytest.skip("needs Node 20 or newer")
    if not (CONFORMANCE_FOLDER / "node_modules").is_dir():
        pytest.skip("needs `npm ci --ignore-scripts` in tests/conformance")
    return found


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Return the URL of the server's GraphQL endpoint."""
    with start_server() as found:
        yield found


@pytest.fixture(scope="session")
def subgraph_sdl() -> str:
    """Return the subgraph's SDL without `node` and `nodes`, which the tests' other subgraph has."""
    return print_sdl("--federation", TROPHYCASE_NODE="off")
