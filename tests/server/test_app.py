"""Which addresses there are."""

import pytest

from tests.asking import Server


@pytest.mark.parametrize("path", ["/graphql/", "/livez/", "/sandbox/calls/", "/api/graphql/v1/op/"])
def test_an_address_with_a_slash_too_many_is_unknown_and_leads_nowhere(
    server: Server, path: str
) -> None:
    answer = server.request("GET", path)

    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
