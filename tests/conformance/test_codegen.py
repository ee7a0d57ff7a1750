"""TypeScript types generated from the schema."""

import pytest

from tests.conformance.running import said, sdl


@pytest.mark.usefixtures("modules")
def test_generated_types_pass_a_strict_compiler() -> None:
    assert said("codegen.mjs", given={"sdl": sdl()}) == {"files": 4, "said": ""}
