"""Any request gets a response or an error soon, and no internal error."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import pytest
from graphql import get_introspection_query
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from schema.graph import build_schema
from tests.harness import RunningServer, run_server
from tests.server.operation_checks import assert_quick

INPUT_ERROR_CODES = ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
GOOD_REQUEST = {"query": "{ __typename }"}
JSON_HEADERS = {"content-type": "application/json"}
FRIENDS_SELECTION = "friends(first: 100) { edges { node {"
FEW_EXAMPLES = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
BODY_KEYS = some.sampled_from(["query", "variables", "operationName", "extensions", "id"])
TOKENS = """viewer user id accounts query mutation fragment on User F $a first 1 -1 1e999 null
    99999999999999999999 PSN __schema __type @skip(if:true) node(id:1) trophyTitles ..."""
TOKEN_STRATEGY = some.sampled_from([*TOKENS.split(), *'{}()[]:!$@=|&"#,'])


@pytest.fixture(scope="module")
def sandbox() -> Generator[RunningServer]:
    """Serve to all tests of this module: no request may change the server."""
    with run_server() as running:
        yield running


def _post(server: RunningServer, body: bytes, headers: Mapping[str, str] = JSON_HEADERS) -> Any:
    """Return the response, after checking that the server still serves."""
    with assert_quick():
        response = server.request("POST", "/graphql", content=body, headers=dict(headers))
    assert response.status_code < 500, response.text
    assert "Traceback" not in response.text
    assert server.request("POST", "/graphql", json=GOOD_REQUEST).json()["data"]
    return response.json()


def _get_error_codes(server: RunningServer, query: str, variables: Any = None) -> list[str]:
    members = _post(server, json.dumps({"query": query, "variables": variables}).encode())
    return [error["extensions"]["code"] for error in members.get("errors", ())]


@pytest.mark.parametrize(
    "query",
    [
        "{" + "a " * 50_000 + "}",
        "{" + " ".join(f"a{number}: viewer {{ id }}" for number in range(10_000)) + "}",
        "{ viewer {" + "accounts { user {" * 15 + "id" + "} }" * 15 + "} }",
        "{ viewer {" + " ".join(f"a{number}: id" for number in range(61)) + "} }",
        "{" + " ".join(f"a{number}: __typename" for number in range(41)) + "}",
        "{ viewer {" + "id @include(if: true) " * 51 + "} }",
        "{ a" * 1_000,
        "{ node(id: " + "[" * 5_000,
        "# \n" * 300 + "{ __typename }",
        "{ node(id: " + "{a: " * 900 + "1" + "}" * 900 + ") { id } }",
    ],
)
def test_an_operation_over_a_limit_is_rejected_as_too_costly(
    sandbox: RunningServer, query: str
) -> None:
    before = sandbox.count_upstream_calls()
    assert _get_error_codes(sandbox, query) == ["OPERATION_TOO_COSTLY"]
    assert sandbox.count_upstream_calls() == before


@pytest.mark.parametrize("levels", [18, 40, 60])
@pytest.mark.parametrize("body", ["NEXT NEXT", "a: accounts { user { NEXT } } b: id NEXT"])
def test_a_fragment_bomb_is_rejected_quickly(
    sandbox: RunningServer, levels: int, body: str
) -> None:
    fragments = " ".join(
        f"fragment F{number} on User {{ {body.replace('NEXT', f'...F{number + 1}')} }}"
        for number in range(levels)
    )
    _get_error_codes(
        sandbox, f"{{ viewer {{ ...F0 }} }} {fragments} fragment F{levels} on User {{ id }}"
    )


def test_thirty_levels_of_friends_are_rejected(sandbox: RunningServer) -> None:
    friends = FRIENDS_SELECTION * 30 + "id" + "} } }" * 30
    query = f"{{ viewer {{ accounts {{ ... on PsnAccount {{ {friends} }} }} }} }}"
    assert _get_error_codes(sandbox, query)[0] in (
        "OPERATION_TOO_COSTLY",
        "GRAPHQL_VALIDATION_FAILED",
    )


@pytest.mark.parametrize("size", ["0", "101", "9" * 20, "9" * 5_000, "1e400", "-1"])
def test_page_sizes_out_of_range_cause_no_calls(sandbox: RunningServer, size: str) -> None:
    before = sandbox.count_upstream_calls()
    field = f"viewer {{ trophyTitles(first: {size}) {{ totalCount }} }}"
    assert _get_error_codes(sandbox, f"{{ {field} }}")[0] in INPUT_ERROR_CODES
    assert sandbox.count_upstream_calls() == before


@pytest.mark.parametrize("size", ["0", "101", "9" * 20, "9" * 5_000, "1e400", "NaN", "[" * 5_000])
def test_page_sizes_in_variables_are_checked_as_well(sandbox: RunningServer, size: str) -> None:
    query = "query ($n: Int!) { viewer { trophyTitles(first: $n) { totalCount } } }"
    body = f'{{"query": "{query}", "variables": {{"n": {size}}}}}'.encode()
    assert _post(sandbox, body)["errors"][0]["extensions"]["code"] in INPUT_ERROR_CODES


@pytest.mark.slow
def test_graphiqls_introspection_is_executed(sandbox: RunningServer) -> None:
    assert _get_error_codes(sandbox, get_introspection_query(input_value_deprecation=True)) == []


@pytest.mark.slow
def test_a_thousand_errors_are_returned_with_all_of_the_data(sandbox: RunningServer) -> None:
    fields = " ".join(f"a{number}: nodes(ids: $ids) {{ id }}" for number in range(11))
    query = f"query ($ids: [ID!]!) {{ {fields} viewer {{ __typename }} }}"
    answer = sandbox.execute(query, {"ids": ["x"] * 100})
    assert len(answer.errors) == 1_000
    assert answer.body["extensions"]["errorsLeftOut"] == 100
    assert [answer.partial_data[f"a{number}"] for number in range(11)] == [[None] * 100] * 11
    assert answer.partial_data["viewer"] == {"__typename": "User"}
    few = sandbox.execute(query.replace("a0", "b0", 1), {"ids": ["x"] * 90})
    assert len(few.errors) == 990
    assert "errorsLeftOut" not in few.body["extensions"]


@pytest.mark.slow
def test_few_variable_sets_of_a_document_are_cached(sandbox: RunningServer) -> None:
    names = [f"v{number}" for number in range(49)]
    declared = " ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"... @include(if: ${name}) {{ __typename }}" for name in names)
    query = f"query ({declared}) {{ viewer {{ {fields} }} }}"
    for number in range(20):
        assert sandbox.fetch_data(query, {name: at < number for at, name in enumerate(names)})
    schema = build_schema(with_node=True, introspection=True, live=True, sandbox_addresses=False)
    prepared = schema.documents.get(query)
    assert prepared is not None
    assert len(prepared.checked_values) == 10


def test_thirty_aliases_of_a_root_field_are_executed(sandbox: RunningServer) -> None:
    fields = " ".join(f"a{number}: viewer {{ id }}" for number in range(30))
    assert _get_error_codes(sandbox, f"{{ {fields} }}") == []


@pytest.mark.slow
def test_a_get_has_the_same_limits(sandbox: RunningServer) -> None:
    query = "{" + "a " * 5_000 + "}"
    response = sandbox.request("GET", "/graphql", params={"query": query})
    assert response.json()["errors"][0]["extensions"]["code"] == "OPERATION_TOO_COSTLY"


@pytest.mark.slow
@given(some.binary(max_size=200))
@FEW_EXAMPLES
def test_any_bytes_get_a_response(sandbox: RunningServer, body: bytes) -> None:
    _post(sandbox, body)


@pytest.mark.slow
@given(some.dictionaries(BODY_KEYS, ANY_JSON))
@FEW_EXAMPLES
def test_any_json_gets_a_response(sandbox: RunningServer, members: Any) -> None:
    _post(sandbox, json.dumps(members).encode())


@pytest.mark.slow
@given(some.lists(TOKEN_STRATEGY, max_size=40).map(" ".join), ANY_JSON)
@FEW_EXAMPLES
def test_any_tokens_get_a_response(sandbox: RunningServer, query: str, variables: Any) -> None:
    _post(sandbox, json.dumps({"query": query, "variables": variables}).encode())


@pytest.mark.slow
@given(some.text(max_size=60), some.text(alphabet=some.characters(codec="ascii"), max_size=30))
@FEW_EXAMPLES
def test_any_url_and_content_type_get_a_response(
    sandbox: RunningServer, query: str, media_type: str
) -> None:
    parameters = {"query": query, "variables": media_type}
    with assert_quick():
        response = sandbox.request("GET", "/graphql", params=parameters)
    assert response.status_code < 500
    printable = "".join(each for each in media_type if each.isprintable())
    _post(sandbox, query.encode(), {"content-type": printable})
