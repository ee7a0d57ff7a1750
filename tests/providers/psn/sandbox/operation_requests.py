"""Requests of persisted operations by name."""

import json
from typing import Any

from providers.psn.sandbox.graphql_routes import OPERATIONS
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller

PATH = "/api/graphql/v1/op"
JSON_TYPE = {"Content-Type": "application/json"}


def find_hash(operation: str, host: str = "mobile", index: int = 0) -> str:
    """Return one of an operation's hashes on a host."""
    rows = [row for row in OPERATIONS.values() if row.operation == operation]
    return [row.hash for row in rows if host in row.hosts][index]


def build_query(operation: str, variables: dict[str, Any], digest: str) -> dict[str, str]:
    """Build the query parameters of a GET."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return {
        "operationName": operation,
        "variables": json.dumps(variables),
        "extensions": json.dumps(persisted),
    }


def build_body(operation: str, variables: dict[str, Any], digest: str) -> dict[str, Any]:
    """Build the body of a POST."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return {"operationName": operation, "variables": variables, "extensions": persisted}


def run_operation(
    caller: Caller, operation: str, variables: dict[str, Any] | None = None, index: int = 0
) -> Any:
    """Run an operation of the mobile host; return its body."""
    params = build_query(operation, variables or {}, find_hash(operation, index=index))
    response = caller.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert response.status_code == 200, response.text
    return response.json()
