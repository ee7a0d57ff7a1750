"""One call of a persisted operation, and the ways in which GraphQL reports a failure."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from providers.kit.sandbox import SandboxResponse
from providers.psn.sandbox.models import Account, Json
from providers.psn.sandbox.request_handling import NO_STORE_HEADERS, ApiError


@dataclass(frozen=True)
class OperationRequest:
    """A call whose hash, name and credential have been checked."""

    operation_name: str
    root: str
    variables: Json
    account: Account | None

    @property
    def caller(self) -> Account:
        """Return the account of the token; an operation that needs one is not reached without."""
        if self.account is None:
            raise LookupError("an anonymous call reached an account's operation")
        return self.account


Resolver = Callable[[OperationRequest], Json]


def build_error(message: str, status: int = 400) -> ApiError:
    """Build an error of GraphQL itself: the operation did not run."""
    body = {"errors": [{"message": message}]}
    return ApiError(SandboxResponse(status, body, dict(NO_STORE_HEADERS)))


def build_failure(root: str, message: str) -> Json:
    """Build the answer of an operation that failed; its HTTP status is 200."""
    error = {"message": message, "path": [root], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    return {"errors": [error], "data": {root: None}}


def build_service_failure(root: str, api: str, status: int, reason: str, message: str) -> Json:
    """Build the answer for a failed service behind GraphQL; the HTTP status is 200 as well."""
    error: Json = {
        "message": message,
        "type": "NimbusNormalizedError",
        "error": {
            "reason": reason,
            "code": -1,
            "source": "-1",
            "message": message,
            "referenceId": str(uuid.uuid4()),
        },
        "statusCode": status,
        "errorCode": -1,
        "humanReadableCode": "",
        "humanReadableValidationErrors": [],
        "apiName": api,
    }
    return {"errors": [error], "data": {root: None}}
