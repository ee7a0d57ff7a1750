"""TypeScript types generated from the schema."""

import pytest

from tests.conformance.processes import print_sdl, run_script


@pytest.mark.usefixtures("modules")
def test_generated_types_pass_a_strict_compiler() -> None:
    assert run_script("codegen.mjs", payload={"sdl": print_sdl()}) == {"files": 4, "said": ""}
