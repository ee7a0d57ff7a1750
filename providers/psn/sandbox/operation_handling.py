"""What the persisted operations share: their question, and the ways in which they fail."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from providers.kit.sandbox import SandboxRequest
from providers.psn.sandbox.models import Account, Json
from providers.psn.sandbox.request_handling import negotiate_language


@dataclass(frozen=True)
class OperationRequest:
    http_request: SandboxRequest
    account: Account | None
    variables: Json

    @property
    def caller(self) -> Account:
        """Operations about an account are only reached with one."""
        if self.account is None:
            raise LookupError("an anonymous call reached an account's operation")
        return self.account

    @property
    def language(self) -> str:
        return negotiate_language(self.http_request)


Resolver = Callable[[OperationRequest], Json]


def build_failure(root: str, message: str) -> Json:
    error = {"message": message, "path": [root], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    return {"errors": [error], "data": {root: None}}


def build_nimbus_error(root: str, api: str, status: int, reason: str, message: str) -> Json:
    """A service behind GraphQL failed; the HTTP status does not say so."""
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
