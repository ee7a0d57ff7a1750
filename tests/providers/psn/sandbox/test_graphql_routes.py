"""Persisted operations: the checks before one runs, and the echo."""

from typing import Any

import httpx
import pytest

from providers.psn.sandbox.app import PsnSandbox
from providers.psn.sandbox.constants import OWNER_ACCOUNT_ID, SECOND_ACCOUNT_ID
from providers.psn.sandbox.graphql_routes import OPERATIONS
from tests.providers.psn.sandbox.operation_requests import (
    JSON_TYPE,
    PATH,
    build_body,
    build_query,
    find_hash,
    run_operation,
)
from tests.providers.psn.sandbox.signed_in_caller import MOBILE, Caller, send_request

WEB = "https://web.np.playstation.com"
CAMPAIGNS = "metGetCampaignGroup"
LIBRARY, WISHLIST = "getUserGameList", "wcaAddItemToStoreWishlist"


def get_first_message(response: httpx.Response) -> str:
    return response.json()["errors"][0]["message"]


def build_echo(
    root: str, operation: str, variables: dict[str, Any], account_id: str | None
) -> dict[str, Any]:
    echo = {"operationName": operation, "variables": variables, "accountId": account_id}
    return {"data": {root: echo}}


def test_an_operation_that_is_not_imitated_is_echoed(owner: Caller, second: Caller) -> None:
    variables = {"categories": "ps4_game", "limit": 3, "nested": {"ä": [None, 1.5]}}
    for caller, account_id in ((owner, OWNER_ACCOUNT_ID), (second, SECOND_ACCOUNT_ID)):
        body = run_operation(caller, LIBRARY, variables)
        assert body == build_echo("gameLibraryTitlesRetrieve", LIBRARY, variables, account_id)


def test_an_operation_of_the_store_needs_no_token(sandbox: PsnSandbox, owner: Caller) -> None:
    operation, variables = "metGetConceptById", {"conceptId": "10000001"}
    params = build_query(operation, variables, find_hash(operation, "web"))
    anonymous = send_request(sandbox, "GET", WEB + PATH, params=params, headers=JSON_TYPE)
    signed_in = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    for response in (anonymous, signed_in):
        assert response.status_code == 200
        assert response.json() == build_echo("conceptRetrieve", operation, variables, None)


def test_an_operation_that_writes_is_accepted_by_post_alone(owner: Caller) -> None:
    variables, digest = {"input": {"itemId": "10000003"}}, find_hash(WISHLIST, "web")
    params = build_query(WISHLIST, variables, digest)
    assert owner.request("GET", WEB + PATH, JSON_TYPE, params=params).status_code == 405
    body = build_body(WISHLIST, variables, digest)
    response = owner.request("POST", WEB + PATH, json=body)
    assert response.status_code == 200
    assert response.json() == build_echo(WISHLIST, WISHLIST, variables, OWNER_ACCOUNT_ID)


def test_a_hash_can_retire(sandbox: PsnSandbox, owner: Caller) -> None:
    sandbox.settings["retired_hashes"] = [find_hash(CAMPAIGNS)]
    body = run_operation(owner, CAMPAIGNS)
    assert body == {
        "errors": [
            {
                "message": "PersistedQueryNotFound",
                "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
            }
        ]
    }
    assert "data" in run_operation(owner, CAMPAIGNS, index=1)


def test_a_hash_that_is_unknown_or_of_another_host_is_not_found(owner: Caller) -> None:
    for digest in ("0" * 64, find_hash("metGetProductById", "web")):
        params = build_query(CAMPAIGNS, {}, digest)
        response = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
        assert response.status_code == 200
        assert get_first_message(response) == "PersistedQueryNotFound"


def test_without_any_of_three_headers_a_call_is_blocked(owner: Caller) -> None:
    params = build_query(CAMPAIGNS, {}, find_hash(CAMPAIGNS))
    for headers in ({}, {"Content-Type": "text/plain"}):
        response = owner.request("GET", MOBILE + PATH, headers, params=params)
        assert response.status_code == 400
        assert response.text.startswith(
            "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF)"
        )
    for headers in (
        JSON_TYPE,
        {"x-apollo-operation-name": CAMPAIGNS},
        {"apollo-require-preflight": "true"},
    ):
        assert owner.request("GET", MOBILE + PATH, headers, params=params).status_code == 200


@pytest.mark.parametrize(
    ("operation", "root"),
    [(CAMPAIGNS, "loyaltyCampaignGroupRetrieve"), ("metGetUserIdentity", "metGetUserIdentity")],
)
def test_an_anonymous_call_on_an_account_is_denied(
    sandbox: PsnSandbox, operation: str, root: str
) -> None:
    params = build_query(operation, {}, find_hash(operation))
    response = send_request(sandbox, "GET", MOBILE + PATH, params=params, headers=JSON_TYPE)
    assert response.status_code == 200
    assert response.json()["data"] == {root: None}
    assert get_first_message(response) == (
        "Access denied! You need to be authorized to perform this action!"
    )


@pytest.mark.parametrize("operation", [CAMPAIGNS, LIBRARY])
def test_an_expired_token_is_unauthorized(
    sandbox: PsnSandbox, owner: Caller, operation: str
) -> None:
    sandbox.expire_access_tokens()
    params = build_query(operation, {}, find_hash(operation))
    assert owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params).status_code == 401


def test_answers_are_never_stored(owner: Caller) -> None:
    params = build_query(CAMPAIGNS, {}, find_hash(CAMPAIGNS))
    response = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
    assert response.headers["cache-control"] == "max-age=0, no-cache, no-store"
    assert response.headers["etag"].startswith('W/"')


@pytest.mark.parametrize(
    "changed", [{"variables": None}, {"variables": "{"}, {"extensions": None}, {"extensions": "1"}]
)
@pytest.mark.parametrize("operation", [CAMPAIGNS, LIBRARY])
def test_a_malformed_call_is_refused(
    owner: Caller, operation: str, changed: dict[str, str | None]
) -> None:
    params = build_query(operation, {}, find_hash(operation)) | changed
    given = {name: value for name, value in params.items() if value is not None}
    response = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=given)
    assert response.status_code == 400
    assert response.json()["errors"]


def test_a_name_must_fit_its_hash(owner: Caller) -> None:
    for operation in (CAMPAIGNS, LIBRARY):
        params = build_query("other", {}, find_hash(operation))
        response = owner.request("GET", MOBILE + PATH, JSON_TYPE, params=params)
        assert response.status_code == 400
        assert get_first_message(response) == 'Unknown operation named "other".'


def test_a_post_must_be_an_object(owner: Caller) -> None:
    assert owner.request("POST", MOBILE + PATH, json=[]).status_code == 400
    assert owner.request("POST", MOBILE + PATH, JSON_TYPE, content=b"{").status_code == 400


def test_website_operations_require_its_client_name(owner: Caller) -> None:
    operation = "getProfileOracle"
    params = build_query(operation, {}, find_hash(operation, "web"))
    response = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    assert response.status_code == 400
    assert get_first_message(response).startswith("Cannot query field")
    headers = {**JSON_TYPE, "apollographql-client-name": "oracle"}
    response = owner.request("GET", WEB + PATH, headers, params=params)
    assert response.json() == build_echo(operation, operation, {}, OWNER_ACCOUNT_ID)


def test_an_operation_whose_field_is_gone_is_an_error(owner: Caller) -> None:
    params = build_query("getCartItemCount", {}, find_hash("getCartItemCount", "web"))
    response = owner.request("GET", WEB + PATH, JSON_TYPE, params=params)
    assert response.status_code == 400
    assert get_first_message(response).startswith("Cannot query field")


@pytest.mark.parametrize("digest", [row.hash for row in OPERATIONS.values() if not row.dead])
def test_every_registered_operation_has_its_root_field(owner: Caller, digest: str) -> None:
    operation = OPERATIONS[digest]
    variables = {"campaignId": "e9546664-aa7f-50b7-ab52-c70eda2e403d"}
    for host in operation.hosts:
        base = MOBILE if host == "mobile" else WEB
        headers = {"apollographql-client-name": "oracle"}
        body = build_body(operation.operation, variables, digest)
        response = owner.request("POST", base + PATH, headers, json=body)
        assert response.status_code == 200, response.text
        assert response.json()["data"].keys() == {operation.root_field}
