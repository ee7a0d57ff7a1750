"""Persisted GraphQL: who may call which operation how, before any of them answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox.library_operations import LibraryOperations
from providers.psn.sandbox.models import Account, Json, cast_to_object
from providers.psn.sandbox.operation_handling import OperationRequest, Resolver, build_failure
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    NO_STORE_HEADERS,
    WEB_HOST,
    ApiError,
    Routes,
)
from providers.psn.sandbox.search_operations import SearchOperations
from providers.psn.sandbox.stars_operations import StarsOperations
from providers.psn.sandbox.state import SandboxState
from providers.psn.sandbox.store_operations import StoreOperations

_OPERATION_PATH = "api/graphql/v1/op"
_FOLDER = Path(__file__).parent
_CSRF_MESSAGE = (
    "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please"
    " either specify a 'content-type' header (with a type that is not one of"
    " application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty"
    " value for one of the following headers: x-apollo-operation-name, apollo-require-preflight\n"
)
_SIMPLE_CONTENT_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
# What an operation cannot do without, and of which kind it is.
_REQUIRED_VARIABLES: Mapping[str, Mapping[str, type]] = {
    "metLoyaltyCampaignByIdRetrieve": {"campaignId": str},
    "metGetAccount": {"accountId": str},
    "metGetCollectibleDisplay": {"accountId": str},
    "metLoyaltyRewardbyId": {"id": str},
    "metLoyaltyGetOwnedCollectibleById": {"collectibleId": str, "accountId": str},
    "getUserGameList": {"limit": int},
    "getPurchasedGameList": {"size": int, "start": int, "platform": list},
    "metGetRecentPlayedTitles": {"accountId": str, "count": int},
    "metGetHintAvailability": {"npCommId": str, "trophyIds": list},
    "metGetContextSearchResults": {"searchTerm": str, "searchContext": str},
    "metGetDomainSearchResults": {"searchTerm": str, "searchDomain": str, "nextCursor": str},
    "metGetProductById": {"productId": str},
    "metGetConceptById": {"conceptId": str},
    "metGetConceptByProductIdQuery": {"productId": str},
    "metGetPricingDataByConceptId": {"conceptId": str},
    "wcaAddItemToStoreWishlist": {"input": dict},
    "wcaRemoveItemFromStoreWishlist": {"input": dict},
}
_LIMITED_OPERATIONS = ("getUserGameList",)
_GRAPHQL_TYPES = {str: "String!", int: "Int!", list: "[String]!", dict: "Input!"}


@dataclass(frozen=True)
class PersistedOperation:
    operation: str
    hash: str
    hosts: list[str]
    root: str | None
    family: str
    account: bool = False
    mutation: bool = False
    oracle: bool = False
    dead: bool = False


def _read_operations() -> dict[str, PersistedOperation]:
    rows = json.loads((_FOLDER / "persisted_operations.json").read_text("utf-8"))
    return {row["hash"]: PersistedOperation(**row) for row in rows}


OPERATIONS = _read_operations()


class GraphQLRoutes:
    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.stars = StarsOperations(state)
        areas = (
            self.stars,
            LibraryOperations(state),
            SearchOperations(state),
            StoreOperations(state),
        )
        self.resolvers: dict[str, Resolver] = {}
        for area in areas:
            self.resolvers.update(area.get_resolvers())

    def list_routes(self) -> Routes:
        return [
            (method, f"{host}/{_OPERATION_PATH}", self.execute)
            for host in (MOBILE_HOST, WEB_HOST)
            for method in ("GET", "POST")
        ]

    def execute(self, request: SandboxRequest) -> SandboxResponse:
        _check_csrf(request)
        payload = _read_payload(request)
        operation = self._find_operation(request, payload)
        account = self._authenticate(request, operation)
        variables = _read_variables(payload)
        _check_variables(operation, variables)
        body = self._resolve(operation, OperationRequest(request, account, variables))
        digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]
        return SandboxResponse(200, body, {**NO_STORE_HEADERS, "ETag": f'W/"{digest}"'})

    def _find_operation(self, request: SandboxRequest, payload: Json) -> PersistedOperation:
        operation = OPERATIONS.get(_read_hash(payload))
        host = "mobile" if request.host == MOBILE_HOST else "web"
        if operation is None or host not in operation.hosts or self._is_retired(operation):
            raise _build_not_found()
        if payload.get("operationName") != operation.operation:
            raise _build_error(f'Unknown operation named "{payload.get("operationName")}".')
        if operation.mutation and request.method == "GET":
            raise _build_error("GET supports only query operation", 405)
        is_oracle_client = request.headers.get("apollographql-client-name") == "oracle"
        if operation.dead or (operation.oracle and not is_oracle_client):
            raise _build_error(f'Cannot query field "{operation.operation}" on type "Query".')
        return operation

    def _is_retired(self, operation: PersistedOperation) -> bool:
        if operation.hash in self.state.settings["retired_hashes"]:
            return True
        is_program_closed = self.state.settings["stars"] == "closed_not_found"
        return is_program_closed and operation.family == "stars"

    def _authenticate(
        self, request: SandboxRequest, operation: PersistedOperation
    ) -> Account | None:
        header = request.headers.get("authorization")
        if not operation.account:
            return None
        if header is None:
            raise ApiError(_build_response(_build_access_denied(operation)))
        scheme, _, token = header.partition(" ")
        account = self.state.find_token_owner(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise _build_error("Unauthorized", 401)
        return account

    def _resolve(self, operation: PersistedOperation, request: OperationRequest) -> Json:
        root = operation.root or operation.operation
        if operation.family == "stars" and self.state.settings["stars"] != "open":
            return self.stars.build_closed_response(root, operation.operation)
        resolve = self.resolvers.get(operation.operation)
        if resolve is None:
            return {"data": {root: None}}
        answer = resolve(request)
        return answer if "errors" in answer or "data" in answer else {"data": answer}


def _check_csrf(request: SandboxRequest) -> None:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type not in _SIMPLE_CONTENT_TYPES:
        return
    names = ("x-apollo-operation-name", "apollo-require-preflight")
    if not any(request.headers.get(name) for name in names):
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        raise ApiError(SandboxResponse(400, _CSRF_MESSAGE, plain))


def _read_payload(request: SandboxRequest) -> Json:
    if request.method == "GET":
        payload: Json = dict(request.query)
        for name in ("variables", "extensions"):
            payload[name] = _decode_json(request.query.get(name))
        return payload
    body = cast_to_object(_decode_json(request.body.decode(errors="replace")))
    if body is None:
        raise _build_error("POST body missing, invalid Content-Type, or JSON object has no keys.")
    return body


def _decode_json(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise _build_error("The request's variables or extensions are invalid JSON.") from None


def _read_hash(payload: Json) -> str:
    extensions: Any = payload.get("extensions")
    try:
        return str(extensions["persistedQuery"]["sha256Hash"])
    except (TypeError, KeyError):
        raise _build_error("GraphQL operations must contain a persisted query.") from None


def _read_variables(payload: Json) -> Json:
    variables = cast_to_object(payload.get("variables"))
    if variables is None:
        raise _build_error("`variables` in a request must be an object.")
    return variables


def _check_variables(operation: PersistedOperation, variables: Json) -> None:
    for name, kind in _REQUIRED_VARIABLES.get(operation.operation, {}).items():
        value = variables.get(name)
        if value is None:
            raise _build_error(
                f'Variable "${name}" of required type "{_GRAPHQL_TYPES[kind]}" was not provided.'
            )
        if not isinstance(value, kind) or isinstance(value, bool):
            raise _build_error(f'Variable "${name}" got invalid value {json.dumps(value)}.')
    is_limited = operation.operation in _LIMITED_OPERATIONS
    if is_limited and not 1 <= variables["limit"] <= 100:
        root = operation.root or operation.operation
        raise ApiError(_build_response(build_failure(root, "Argument Validation Error")))


def _build_access_denied(operation: PersistedOperation) -> Json:
    root = operation.root or operation.operation
    return build_failure(root, "Access denied! You need to be authorized to perform this action!")


def _build_not_found() -> ApiError:
    error = {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    return ApiError(_build_response({"errors": [error]}))


def _build_error(message: str, status: int = 400) -> ApiError:
    return ApiError(
        SandboxResponse(status, {"errors": [{"message": message}]}, dict(NO_STORE_HEADERS))
    )


def _build_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, dict(NO_STORE_HEADERS))
