"""PSN's persisted operations: variables and responses are limited in size."""

from typing import Any

import pytest

from providers.registry import Source
from tests.harness import NO_CALLS, RunningServer

PASSTHROUGH_PATH = "graphql/v1/op"
NAME = "metGetCampaignGroup"
OPERATION_QUERY = f'query ($v: JSON) {{ psnOperation(name: "{NAME}", variables: $v) }}'


def build_aliased_query(count: int) -> str:
    """Several questions that are not the same."""
    fields = (
        f'a{number}: psnOperation(name: "{NAME}", variables: {{ n: {number} }})'
        for number in range(count)
    )
    return f"{{ {' '.join(fields)} }}"


def respond_with_size(server: RunningServer, size: int) -> dict[str, Any]:
    body = {"data": "x" * (size - len('{"data":""}'))}
    server.inject_fault(PASSTHROUGH_PATH, status=200, body=body)
    return body


@pytest.mark.parametrize("text", ["x" * 70_000, "é" * 15_000, '"' * 15_000, "x" * 1_400_000])
def test_variables_too_long_for_a_url_are_rejected(server: RunningServer, text: str) -> None:
    answer = server.execute(OPERATION_QUERY, {"v": {"a": text}})
    assert answer.partial_data == {"psnOperation": None}
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", "variables")
    assert answer.upstream_calls == NO_CALLS == server.count_upstream_calls()


def test_variables_too_long_for_a_url_are_rejected_by_hash_as_well(server: RunningServer) -> None:
    known = server.services[Source.PSN].get_operator_client().get_persisted_queries()
    digest = next(each.sha256_hash for each in known if each.name == NAME)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    members = {"variables": {"a": "x" * 70_000}, "extensions": extensions}
    answer = server.request("POST", "/graphql", json=members)
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert server.count_upstream_calls() == NO_CALLS


def test_long_variables_are_sent(server: RunningServer) -> None:
    assert server.fetch_data(OPERATION_QUERY, {"v": {"a": "x" * 50_000}})["psnOperation"]


@pytest.mark.slow
def test_responses_are_returned_up_to_eight_megabytes_together(server: RunningServer) -> None:
    body = respond_with_size(server, 3 * 1024 * 1024)
    answer = server.execute(build_aliased_query(5))
    given = [each for each in answer.partial_data.values() if each is not None]
    assert given == [body] * 2
    assert [error["extensions"]["code"] for error in answer.errors] == ["OPERATION_TOO_COSTLY"] * 3
    assert answer.errors[0]["extensions"]["source"] == "PSN"


def test_empty_objects_count_by_their_size_in_memory(server: RunningServer) -> None:
    server.inject_fault(
        PASSTHROUGH_PATH, status=200, body=b'{"data":[' + b"{}," * 1_000_000 + b"{}]}"
    )
    assert server.execute(build_aliased_query(1)).error["code"] == "OPERATION_TOO_COSTLY"


@pytest.mark.slow
def test_each_request_has_its_own_size_limit(server: RunningServer) -> None:
    body = respond_with_size(server, 3 * 1024 * 1024)
    for _ in range(3):
        assert server.fetch_data(build_aliased_query(2)) == {"a0": body, "a1": body}
