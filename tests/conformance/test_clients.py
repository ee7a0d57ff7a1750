"""Published clients against the real server."""

from typing import Any

import pytest

from providers.registry import Source
from tests.conformance.processes import run_script

VALIDATION_ERROR_CODE = "GRAPHQL_VALIDATION_FAILED"
PARTIAL_RESULT = [len(Source), None, "BAD_USER_INPUT"]


@pytest.fixture(scope="module")
def clients(modules: str, address: str) -> Any:
    assert modules
    return run_script("clients.mjs", address)


@pytest.mark.parametrize("client", ["apollo", "urql POST", "urql GET", "graphqlRequest"])
def test_a_client_distinguishes_errors_from_data(clients: Any, client: str) -> None:
    name, _, method = client.partition(" ")
    outcome = clients[name][method] if method else clients[name]
    assert outcome["wrong"] == VALIDATION_ERROR_CODE
    assert outcome["half"] == PARTIAL_RESULT


def test_apollo_client_normalizes_entities_by_id(clients: Any) -> None:
    apollo = clients["apollo"]
    assert apollo["alone"] == apollo["first"]
    assert len(apollo["held"]) == 2
    assert f"TrophyTitle:{apollo['first']['id']}" in apollo["held"]
    assert apollo["requests"] == 2


def test_apollo_client_joins_the_pages(clients: Any) -> None:
    assert clients["apollo"]["merged"] == 4


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_apollo_client_sends_a_text_once_and_then_its_hash(clients: Any, method: str) -> None:
    learning, knowing = clients["persisted"][method]
    assert learning == [len(Source), f"{method} hash", "POST text"]
    assert knowing == [len(Source), f"{method} hash"]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_urql_requests_once_and_caches(clients: Any, method: str) -> None:
    assert clients["urql"][method]["titles"] == 2
    assert clients["urql"][method]["sent"] == [f"{method} text"] * 3


def test_graphql_request_reads_status_data_and_extensions(clients: Any) -> None:
    outcome = clients["graphqlRequest"]
    assert (outcome["status"], outcome["titles"], outcome["byGet"]) == (200, 2, 2)
    assert outcome["upstream"] == ["calls", "cached", "coalesced"]
