"""The files of docs/examples, with a real server's address and key in their places."""

from typing import Any

import yaml

from tests.conformance.processes import REPOSITORY
from tests.conformance.recipes import fill_in

FOLDER = REPOSITORY / "docs" / "examples"


def read_example(name: str, address: str) -> str:
    """Return an example with an address like `http://127.0.0.1:8000` and a key in it."""
    return fill_in((FOLDER / name).read_text(), address)


def read_configuration(name: str, address: str) -> Any:
    """Return what an example in YAML configures."""
    return yaml.safe_load(read_example(name, address))


def find_value(content: Any, path: str) -> Any:
    """Return the value at a path like `data.edges.0.node`; raise `LookupError` without one."""
    found = content
    for key in path.split("."):
        found = found[int(key) if key.isdecimal() else key]
    return found
