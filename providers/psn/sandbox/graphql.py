"""Persisted GraphQL: who may call which operation how, before any of them answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.kit.sandbox import Call, Reply
from providers.psn.sandbox.answer import MOBILE, NEVER_STORED, WEB, RefusedError, Routes
from providers.psn.sandbox.library_operations import LibraryOperations
from providers.psn.sandbox.model import Account, Json, mapping
from providers.psn.sandbox.operation import Asked, Resolver, failure
from providers.psn.sandbox.search_operations import SearchOperations
from providers.psn.sandbox.stars import Stars
from providers.psn.sandbox.state import State
from providers.psn.sandbox.store import Store

_PATH = "api/graphql/v1/op"
_HERE = Path(__file__).parent
_FORGERY = (
    "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please"
    " either specify a 'content-type' header (with a type that is not one of"
    " application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty"
    " value for one of the following headers: x-apollo-operation-name, apollo-require-preflight\n"
)
_HARMLESS = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
# What an operation cannot do without, and of which kind it is.
_VARIABLES: Mapping[str, Mapping[str, type]] = {
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
_LIMITED = ("getUserGameList",)
_KINDS = {str: "String!", int: "Int!", list: "[String]!", dict: "Input!"}


@dataclass(frozen=True)
class Operation:
    operation: str
    hash: str
    hosts: list[str]
    root: str | None
    family: str
    account: bool = False
    mutation: bool = False
    oracle: bool = False
    dead: bool = False


def _operations() -> dict[str, Operation]:
    rows = json.loads((_HERE / "persisted_operations.json").read_text("utf-8"))
    return {row["hash"]: Operation(**row) for row in rows}


OPERATIONS = _operations()


class GraphQL:
    def __init__(self, state: State) -> None:
        self.state = state
        self.stars = Stars(state)
        areas = (self.stars, LibraryOperations(state), SearchOperations(state), Store(state))
        self.resolvers: dict[str, Resolver] = {}
        for area in areas:
            self.resolvers.update(area.resolvers())

    def routes(self) -> Routes:
        return [
            (method, f"{host}/{_PATH}", self.answer)
            for host in (MOBILE, WEB)
            for method in ("GET", "POST")
        ]

    def answer(self, call: Call) -> Reply:
        _check_forgery(call)
        asked = _members(call)
        operation = self._operation(call, asked)
        account = self._account(call, operation)
        variables = _variables(asked)
        _check_variables(operation, variables)
        body = self._data(operation, Asked(call, account, variables))
        digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]
        return Reply(200, body, {**NEVER_STORED, "ETag": f'W/"{digest}"'})

    def _operation(self, call: Call, asked: Json) -> Operation:
        found = OPERATIONS.get(_hash(asked))
        host = "mobile" if call.host == MOBILE else "web"
        if found is None or host not in found.hosts or self._retired(found):
            raise _not_found()
        if asked.get("operationName") != found.operation:
            raise _invalid(f'Unknown operation named "{asked.get("operationName")}".')
        if found.mutation and call.method == "GET":
            raise _invalid("GET supports only query operation", 405)
        oracle = call.headers.get("apollographql-client-name") == "oracle"
        if found.dead or (found.oracle and not oracle):
            raise _invalid(f'Cannot query field "{found.operation}" on type "Query".')
        return found

    def _retired(self, operation: Operation) -> bool:
        if operation.hash in self.state.settings["retired_hashes"]:
            return True
        closed = self.state.settings["stars"] == "closed_not_found"
        return closed and operation.family == "stars"

    def _account(self, call: Call, operation: Operation) -> Account | None:
        header = call.headers.get("authorization")
        if not operation.account:
            return None
        if header is None:
            raise RefusedError(_reply(_denied(operation)))
        scheme, _, token = header.partition(" ")
        account = self.state.holder(token) if scheme.lower() == "bearer" else None
        if account is None:
            raise _invalid("Unauthorized", 401)
        return account

    def _data(self, operation: Operation, asked: Asked) -> Json:
        root = operation.root or operation.operation
        if operation.family == "stars" and self.state.settings["stars"] != "open":
            return self.stars.closed(root, operation.operation)
        resolve = self.resolvers.get(operation.operation)
        if resolve is None:
            return {"data": {root: None}}
        answer = resolve(asked)
        return answer if "errors" in answer or "data" in answer else {"data": answer}


def _check_forgery(call: Call) -> None:
    content_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type and content_type not in _HARMLESS:
        return
    names = ("x-apollo-operation-name", "apollo-require-preflight")
    if not any(call.headers.get(name) for name in names):
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        raise RefusedError(Reply(400, _FORGERY, plain))


def _members(call: Call) -> Json:
    if call.method == "GET":
        asked: Json = dict(call.query)
        for name in ("variables", "extensions"):
            asked[name] = _decoded(call.query.get(name))
        return asked
    body = mapping(_decoded(call.body.decode(errors="replace")))
    if body is None:
        raise _invalid("POST body missing, invalid Content-Type, or JSON object has no keys.")
    return body


def _decoded(given: str | None) -> Any:
    if given is None:
        return None
    try:
        return json.loads(given)
    except ValueError:
        raise _invalid("The request's variables or extensions are invalid JSON.") from None


def _hash(asked: Json) -> str:
    extensions: Any = asked.get("extensions")
    try:
        return str(extensions["persistedQuery"]["sha256Hash"])
    except (TypeError, KeyError):
        raise _invalid("GraphQL operations must contain a persisted query.") from None


def _variables(asked: Json) -> Json:
    variables = mapping(asked.get("variables"))
    if variables is None:
        raise _invalid("`variables` in a request must be an object.")
    return variables


def _check_variables(operation: Operation, variables: Json) -> None:
    for name, kind in _VARIABLES.get(operation.operation, {}).items():
        given = variables.get(name)
        if given is None:
            raise _invalid(
                f'Variable "${name}" of required type "{_KINDS[kind]}" was not provided.'
            )
        if not isinstance(given, kind) or isinstance(given, bool):
            raise _invalid(f'Variable "${name}" got invalid value {json.dumps(given)}.')
    limited = operation.operation in _LIMITED
    if limited and not 1 <= variables["limit"] <= 100:
        root = operation.root or operation.operation
        raise RefusedError(_reply(failure(root, "Argument Validation Error")))


def _denied(operation: Operation) -> Json:
    root = operation.root or operation.operation
    return failure(root, "Access denied! You need to be authorized to perform this action!")


def _not_found() -> RefusedError:
    error = {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    return RefusedError(_reply({"errors": [error]}))


def _invalid(message: str, status: int = 400) -> RefusedError:
    return RefusedError(Reply(status, {"errors": [{"message": message}]}, dict(NEVER_STORED)))


def _reply(body: Json) -> Reply:
    return Reply(200, body, dict(NEVER_STORED))
