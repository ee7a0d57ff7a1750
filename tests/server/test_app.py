"""The routes of the application."""

import pytest

from tests.harness import RunningServer


@pytest.mark.parametrize("path", ["/livez/", "/sandbox/calls/", "/api/graphql/v1/op/"])
def test_a_path_with_a_trailing_slash_is_not_found_and_not_redirected(
    server: RunningServer, path: str
) -> None:
    answer = server.request("GET", path)

    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
