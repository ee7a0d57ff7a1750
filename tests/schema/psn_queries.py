"""Queries and mutations for PlayStation accounts and conversations."""

import base64
from collections.abc import Mapping
from typing import Any

import httpx

from tests.harness import GraphQLResponse, RunningServer

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture"
JPEG = b"\xff\xd8\xff" + b"another picture"


def build_account_query(fields: str, variables: str = "") -> str:
    """Build a query for fields of one account."""
    declared = f"($handle: String!{variables})"
    user = "user(accounts: [{ source: PSN, handle: $handle }])"
    return f"query {declared} {{ {user} {{ accounts {{ ... on PsnAccount {{ {fields} }} }} }} }}"


def query_account(
    server: RunningServer, fields: str, handle: str = "me", headers: Mapping[str, str] | None = None
) -> GraphQLResponse:
    """Query fields of one account, and return the response."""
    return server.execute(build_account_query(fields), {"handle": handle}, headers)


def read_account(
    server: RunningServer, fields: str, handle: str = "me", headers: Mapping[str, str] | None = None
) -> Any:
    """Query fields of one account, and return the account; fail if there are errors."""
    return query_account(server, fields, handle, headers).data["user"]["accounts"][0]


def get_nodes(connection: Any) -> list[Any]:
    """Return the nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def read_all_nodes(
    server: RunningServer, field: str, fields: str, first: int, handle: str = "me"
) -> list[Any]:
    """Read all nodes of an account's connection, page by page."""
    nodes: list[Any] = []
    paging = "pageInfo { hasNextPage endCursor }"
    after: str | None = None
    while True:
        arguments = "(first: $first, after: $after)"
        text = f"{field}{arguments} {{ edges {{ node {{ {fields} }} }} {paging} }}"
        query = build_account_query(text, ", $first: Int!, $after: String")
        variables = {"handle": handle, "first": first, "after": after}
        found = server.fetch_data(query, variables)["user"]["accounts"][0][field]
        nodes += get_nodes(found)
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return nodes


def send_mutation(
    server: RunningServer,
    name: str,
    input_fields: Mapping[str, Any],
    fields: str,
    headers: Mapping[str, str] | None = None,
) -> GraphQLResponse:
    """Send a mutation, and return the response."""
    return server.execute(build_mutation(name, fields), {"input": input_fields}, headers)


def build_mutation(name: str, fields: str) -> str:
    """Build a mutation with its input as a variable."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {fields} }} }}"


def encode_base64(content: bytes) -> str:
    """Encode bytes as base64 text."""
    return base64.b64encode(content).decode()


def list_write_requests(server: RunningServer) -> list[httpx.Request]:
    """Return the requests that PSN has received for writes."""
    return [request for request in server.psn.log if _is_write(request)]


def _is_write(request: httpx.Request) -> bool:
    reads = ("/oauth/", "/universalSearch")
    return request.method != "GET" and not any(part in request.url.path for part in reads)
