"""Apollo's subgraph compatibility suite, with its products behind our view and schema class."""

import sys
from typing import Any

import pytest

from tests.conformance.processes import listen_on_free_port, run_script, start_program

SUPPORTED = [
    "introspection",
    "@key single",
    "@key multiple",
    "@key composite",
    "repeatable @key",
    "@requires",
    "@provides",
    "@link",
    "@shareable",
    "@tag",
    "@override",
    "@inaccessible",
    "@composeDirective",
    "@interfaceObject",
]
# The suite accepts nothing but a trace in `extensions`, where ours always count upstream calls.
NOT_OFFERED = ["ftv1"]


@pytest.fixture(scope="module")
def outcome(modules: str) -> Any:
    """Return the outcome of each assertion of the suite."""
    assert modules
    (one, users), (other, inventory) = listen_on_free_port(), listen_on_free_port()
    one.close()
    other.close()
    with start_program(
        [sys.executable, "-m", "tests.conformance.compatibility_subgraph"]
    ) as products:
        ports = {"users": users, "inventory": inventory}
        return run_script("compatibility/run.mjs", payload={"products": products, **ports})


@pytest.mark.parametrize("assertion", SUPPORTED)
def test_the_suite_finds_it_supported(outcome: Any, assertion: str) -> None:
    assert outcome[assertion] == "passed"


def test_nothing_else_is_in_the_suite(outcome: Any) -> None:
    assert sorted(outcome) == sorted([*SUPPORTED, *NOT_OFFERED])
