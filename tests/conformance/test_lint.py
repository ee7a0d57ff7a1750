"""Published schema linters on the graph; `lint.mjs` lists the rules that are off."""

import pytest

from tests.conformance.processes import print_sdl, run_script


@pytest.mark.usefixtures("modules")
def test_two_linters_find_nothing_in_the_schema() -> None:
    found = run_script("lint.mjs", payload={"sdl": print_sdl()})
    assert found == {"linter": {"rules": 15, "found": []}, "eslint": {"rules": 24, "found": []}}
