"""The audit that the authors of the GraphQL-over-HTTP specification publish."""

import pytest

from tests.conformance.processes import run_script


@pytest.mark.usefixtures("modules")
def test_every_audit_of_graphql_http_passes(address: str) -> None:
    assert run_script("audit.mjs", address) == {"audits": 61, "failed": []}
