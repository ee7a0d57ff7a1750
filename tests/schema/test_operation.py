"""PSN's own operations run as they are, as far as they are of a size to be run."""

from typing import Any

import pytest

from providers.registry import Source
from tests.asking import NOTHING, Server

PASSED = "graphql/v1/op"
NAME = "metGetCampaignGroup"
ONE = f'query ($v: JSON) {{ psnOperation(name: "{NAME}", variables: $v) }}'


def aliased(count: int) -> str:
    """Several questions that are not the same."""
    fields = (
        f'a{number}: psnOperation(name: "{NAME}", variables: {{ n: {number} }})'
        for number in range(count)
    )
    return f"{{ {' '.join(fields)} }}"


def answering(server: Server, size: int) -> dict[str, Any]:
    body = {"data": "x" * (size - len('{"data":""}'))}
    server.fail(PASSED, status=200, body=body)
    return body


@pytest.mark.parametrize("text", ["x" * 70_000, "é" * 15_000, '"' * 15_000, "x" * 1_400_000])
def test_variables_that_no_address_can_hold_are_refused(server: Server, text: str) -> None:
    answer = server.ask(ONE, {"v": {"a": text}})
    assert answer.partial == {"psnOperation": None}
    assert (answer.error["code"], answer.error["argument"]) == ("BAD_USER_INPUT", "variables")
    assert answer.calls == NOTHING == server.asked()


def test_they_are_refused_by_the_operations_hash_as_well(server: Server) -> None:
    known = server.services[Source.PSN].operator().persisted_queries()
    digest = next(each.sha256_hash for each in known if each.name == NAME)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    members = {"variables": {"a": "x" * 70_000}, "extensions": extensions}
    answer = server.request("POST", "/graphql", json=members)
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert server.asked() == NOTHING


def test_long_variables_are_sent(server: Server) -> None:
    assert server.data(ONE, {"v": {"a": "x" * 50_000}})["psnOperation"]


def test_answers_of_several_are_given_up_to_eight_megabytes(server: Server) -> None:
    body = answering(server, 3 * 1024 * 1024)
    answer = server.ask(aliased(5))
    given = [each for each in answer.partial.values() if each is not None]
    assert given == [body] * 2
    assert [error["extensions"]["code"] for error in answer.errors] == ["OPERATION_TOO_COSTLY"] * 3
    assert answer.errors[0]["extensions"]["source"] == "PSN"


def test_empty_objects_count_as_what_they_take(server: Server) -> None:
    server.fail(PASSED, status=200, body=b'{"data":[' + b"{}," * 1_000_000 + b"{}]}")
    assert server.ask(aliased(1)).error["code"] == "OPERATION_TOO_COSTLY"


def test_each_operation_is_given_its_own(server: Server) -> None:
    body = answering(server, 3 * 1024 * 1024)
    for _ in range(3):
        assert server.data(aliased(2)) == {"a0": body, "a1": body}
