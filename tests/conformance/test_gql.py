"""gql, the Python client, against the real server."""

from collections.abc import Iterator
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.client import SyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from graphql import GraphQLError

from providers.registry import Source
from tests.conformance.processes import TIMEOUT_SECONDS

TITLES_QUERY = """
query Titles($accounts: [AccountInput!]!, $first: Int!) {
  user(accounts: $accounts) {
    trophyTitles(first: $first) { edges { node { id name source } } }
  }
}
"""
PARTIAL_QUERY = """
{
  sources { source }
  user(accounts: [{ source: PSN, handle: "quiet_stranger" }]) {
    trophyTitle(nativeId: "NPWR00002_00") { name }
  }
}
"""
VEGA_ACCOUNTS = [{"source": "RETRO_ACHIEVEMENTS", "handle": "VegaNorth"}]


@pytest.fixture
def session(address: str) -> Iterator[SyncClientSession]:
    """Return a session that has fetched the schema and validates every request."""
    transport = HTTPXTransport(url=address, timeout=TIMEOUT_SECONDS)
    client = Client(transport=transport, fetch_schema_from_transport=True)
    with client as session:
        yield session


def execute_query(session: SyncClientSession, text: str, **variables: Any) -> dict[str, Any]:
    return session.execute(GraphQLRequest(text, variable_values=variables))


def test_gql_sends_variables(session: SyncClientSession) -> None:
    answer = execute_query(session, TITLES_QUERY, accounts=VEGA_ACCOUNTS, first=2)

    found = [edge["node"] for edge in answer["user"]["trophyTitles"]["edges"]]
    assert len(found) == 2
    assert {title["source"] for title in found} == {"RETRO_ACHIEVEMENTS"}


def test_gql_reads_the_whole_schema(session: SyncClientSession) -> None:
    schema = session.client.schema
    assert schema
    assert schema.query_type
    assert {"viewer", "user", "sources"} <= set(schema.query_type.fields)
    assert schema.mutation_type


def test_gql_rejects_an_invalid_query_by_the_fetched_schema(session: SyncClientSession) -> None:
    with pytest.raises(GraphQLError, match="Cannot query field 'nothing'"):
        session.client.validate(GraphQLRequest("{ viewer { nothing } }"))

    with pytest.raises(GraphQLError, match="Cannot query field 'nothing'"):
        execute_query(session, "{ viewer { nothing } }")


def test_gql_raises_the_errors_with_the_partial_data(session: SyncClientSession) -> None:
    with pytest.raises(TransportQueryError) as raised:
        execute_query(session, PARTIAL_QUERY)

    assert raised.value.data
    assert len(raised.value.data["sources"]) == len(Source)
    assert raised.value.data["user"] == {"trophyTitle": None}
    (error,) = raised.value.errors or []
    assert error["path"] == ["user", "trophyTitle"]
    assert error["extensions"]["code"] == "PRIVATE"
