"""Persisted GraphQL operations: the checks before one runs, and an echo where none is imitated."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.psn.sandbox.campaign_operations import CampaignOperations
from providers.psn.sandbox.models import Account, Json, cast_to_object
from providers.psn.sandbox.operation_handling import OperationRequest, build_error, build_failure
from providers.psn.sandbox.request_handling import (
    MOBILE_HOST,
    NO_STORE_HEADERS,
    WEB_HOST,
    ApiError,
    Routes,
)
from providers.psn.sandbox.state import SandboxState

_OPERATION_PATH = "api/graphql/v1/op"
_OPERATIONS_FILE = Path(__file__).with_name("persisted_operations.json")
_CSRF_MESSAGE = (
    "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please"
    " either specify a 'content-type' header (with a type that is not one of"
    " application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty"
    " value for one of the following headers: x-apollo-operation-name, apollo-require-preflight\n"
)
_SIMPLE_CONTENT_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_ACCESS_DENIED_MESSAGE = "Access denied! You need to be authorized to perform this action!"


@dataclass(frozen=True)
class PersistedOperation:
    """An operation under one of its hashes.

    `root` is its field, unless that has the operation's name. `account` tells that it needs a
    token, `oracle` that it needs the website's client name, and `dead` that its field is gone from
    the upstream's schema.
    """

    operation: str
    hash: str
    hosts: list[str]
    family: str
    root: str | None = None
    account: bool = False
    mutation: bool = False
    oracle: bool = False
    dead: bool = False

    @property
    def root_field(self) -> str:
        return self.root or self.operation


def _read_operations() -> dict[str, PersistedOperation]:
    rows = json.loads(_OPERATIONS_FILE.read_text("utf-8"))
    return {row["hash"]: PersistedOperation(**row) for row in rows}


OPERATIONS = _read_operations()


class GraphQLRoutes:
    """The operations on both hosts.

    Only the campaigns are imitated. The product passes all other operations through without
    reading the results, so their root field is an echo of the request.
    """

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.resolvers = CampaignOperations(state).get_resolvers()

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
        resolve = self.resolvers.get(operation.operation, _echo)
        name, root, variables = operation.operation, operation.root_field, _read_variables(payload)
        body = resolve(OperationRequest(name, root, variables, account))
        digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]
        return SandboxResponse(200, body, {**NO_STORE_HEADERS, "ETag": f'W/"{digest}"'})

    def _find_operation(self, request: SandboxRequest, payload: Json) -> PersistedOperation:
        operation = OPERATIONS.get(_read_hash(payload))
        host = "mobile" if request.host == MOBILE_HOST else "web"
        if operation is None or host not in operation.hosts or self._is_retired(operation):
            raise _build_not_found()
        if payload.get("operationName") != operation.operation:
            raise build_error(f'Unknown operation named "{payload.get("operationName")}".')
        if operation.mutation and request.method == "GET":
            raise build_error("GET supports only query operation", 405)
        is_oracle_client = request.headers.get("apollographql-client-name") == "oracle"
        if operation.dead or (operation.oracle and not is_oracle_client):
            raise build_error(f'Cannot query field "{operation.operation}" on type "Query".')
        return operation

    def _is_retired(self, operation: PersistedOperation) -> bool:
        if operation.hash in self.state.settings["retired_hashes"]:
            return True
        is_program_gone = self.state.settings["stars"] == "closed_not_found"
        return is_program_gone and operation.family == "stars"

    def _authenticate(
        self, request: SandboxRequest, operation: PersistedOperation
    ) -> Account | None:
        if not operation.account:
            return None
        header = request.headers.get("authorization")
        if header is None:
            body = build_failure(operation.root_field, _ACCESS_DENIED_MESSAGE)
            raise ApiError(_build_response(body))
        scheme, _, token = header.partition(" ")
        account = self.state.find_token_owner(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise build_error("Unauthorized", 401)
        return account


def _echo(request: OperationRequest) -> Json:
    echo = {
        "operationName": request.operation_name,
        "variables": request.variables,
        "accountId": None if request.account is None else request.account.account_id,
    }
    return {"data": {request.root: echo}}


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
        raise build_error("POST body missing, invalid Content-Type, or JSON object has no keys.")
    return body


def _decode_json(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise build_error("The request's variables or extensions are invalid JSON.") from None


def _read_hash(payload: Json) -> str:
    extensions: Any = payload.get("extensions")
    try:
        return str(extensions["persistedQuery"]["sha256Hash"])
    except (TypeError, KeyError):
        raise build_error("GraphQL operations must contain a persisted query.") from None


def _read_variables(payload: Json) -> Json:
    variables = cast_to_object(payload.get("variables"))
    if variables is None:
        raise build_error("`variables` in a request must be an object.")
    return variables


def _build_not_found() -> ApiError:
    error = {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    return ApiError(_build_response({"errors": [error]}))


def _build_response(body: Json) -> SandboxResponse:
    return SandboxResponse(200, body, dict(NO_STORE_HEADERS))
