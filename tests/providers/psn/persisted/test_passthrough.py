"""Persisted operations that are passed through: unchanged, signed where needed, and bounded."""

from typing import Any

import pytest

from providers.errors import (
    BadInput,
    BadResponse,
    CallerUnauthenticated,
    Private,
    ProviderError,
    TooCostly,
    Unavailable,
)
from providers.kit.sandbox import InjectedFault
from providers.psn.client import PsnClient
from providers.psn.sandbox.app import PsnSandbox, create_sandbox
from providers.psn.sandbox.constants import CLIENT_ID, CLIENT_SECRET
from providers.psn_records import PersistedQuery
from tests.providers.psn.harness import JSON, TOKEN, count_calls, run_with_client

INVALID_CALLER = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET, "x-npsso": "x" * 64}
MEBIBYTE = 1024 * 1024
GRAPHQL_POST = "POST web.np.playstation.com/api/graphql/v1/op"


def find_query(client: PsnClient, name: str) -> PersistedQuery:
    return next(query for query in client.get_persisted_queries() if query.name == name)


def execute(
    name: str,
    sandbox: PsnSandbox,
    variables: dict[str, Any] | None = None,
    caller: dict[str, str] | None = None,
) -> Any:
    async def scenario(client: PsnClient) -> Any:
        return await client.execute_persisted_query(find_query(client, name), variables or {})

    return run_with_client(scenario, sandbox, caller=caller)


def test_every_hash_of_an_operation_is_listed() -> None:
    async def scenario(client: PsnClient) -> list[PersistedQuery]:
        queries = client.get_persisted_queries()
        return [query for query in queries if query.name == "metGetCampaignGroup"]

    newer, older = run_with_client(scenario)
    assert newer.sha256_hash != older.sha256_hash
    assert (newer.host, newer.needs_sign_in, newer.writes) == ("mobile", True, False)


@pytest.mark.parametrize("status", [200, 400, 404, 503])
def test_a_response_is_returned_as_it_is(status: int) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("graphql", status, b'{"data" :null} ', JSON))

    async def scenario(client: PsnClient) -> tuple[int, bytes]:
        query = find_query(client, "metGetCampaignGroup")
        reply = await client.pass_through(query, {})
        return reply.status, reply.body

    assert run_with_client(scenario, sandbox) == (status, b'{"data" :null} ')


def test_an_operation_that_writes_is_sent_once_by_post() -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("graphql", 503, {}, JSON))

    async def scenario(client: PsnClient) -> int:
        query = find_query(client, "wcaAddItemToStoreWishlist")
        return (await client.pass_through(query, {"skuId": "x"})).status

    assert run_with_client(scenario, sandbox) == 503
    assert list(count_calls(sandbox).items()) == [(GRAPHQL_POST, 1)]


@pytest.mark.parametrize(
    ("name", "is_signed"), [("metGetCampaignGroup", True), ("metGetConceptById", False)]
)
def test_the_token_is_sent_only_where_it_is_needed(name: str, is_signed: bool) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(InjectedFault("graphql", 200, {"data": None}, JSON))
    assert execute(name, sandbox) == {"data": None}
    assert ("authorization" in sandbox.log[-1].headers) is is_signed
    assert (TOKEN in sandbox.calls) is is_signed


def test_a_caller_must_be_signed_in_even_for_public_operations() -> None:
    sandbox = create_sandbox()
    with pytest.raises(CallerUnauthenticated):
        execute("metGetConceptById", sandbox, caller=INVALID_CALLER)
    assert not count_calls(sandbox)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (InjectedFault("graphql", 200, [1], JSON), BadResponse),
        (InjectedFault("graphql", 200, b"{", JSON), BadResponse),
        (InjectedFault("graphql", 403, {}, JSON), Private),
        (InjectedFault("graphql", 403, "<html>"), Unavailable),
    ],
)
def test_anything_but_data_and_errors_is_an_error(
    fault: InjectedFault, kind: type[ProviderError]
) -> None:
    sandbox = create_sandbox()
    sandbox.faults.append(fault)
    with pytest.raises(kind):
        execute("metGetCampaignGroup", sandbox)


def test_variables_that_do_not_fit_into_a_url_are_rejected() -> None:
    sandbox = create_sandbox()
    with pytest.raises(BadInput) as caught:
        execute("metGetConceptById", sandbox, {"conceptId": "ä" * 20_000})
    assert caught.value.argument == "variables"
    assert not count_calls(sandbox)


@pytest.mark.slow
def test_responses_of_one_request_are_limited_together() -> None:
    sandbox = create_sandbox()
    body = b'{"data": "' + b"x" * (3 * MEBIBYTE) + b'"}'
    sandbox.faults.append(InjectedFault("graphql", 200, body, JSON))

    async def scenario(client: PsnClient) -> None:
        query = find_query(client, "metGetConceptById")
        for _ in range(2):
            await client.execute_persisted_query(query, {})
        with pytest.raises(TooCostly):
            await client.execute_persisted_query(query, {})

    run_with_client(scenario, sandbox)
