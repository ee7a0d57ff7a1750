"""Authentication, errors and parameters, as all routes share them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.database import Database
from providers.trophy_so.sandbox.models import Definition, Json, Metric, User
from providers.trophy_so.sandbox.serializers import Serializer

Routes = list[tuple[str, str, Callable[[SandboxRequest], SandboxResponse]]]

HOST = "api.trophy.so/v1"


class ApiError(Exception):
    """Ends a route with an error response."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.response = SandboxResponse(status, {"error": message})


@dataclass(frozen=True)
class RouteGroup:
    """Routes on the same data and settings, with the look-ups that they share."""

    database: Database
    settings: dict[str, Any]

    @property
    def serializer(self) -> Serializer:
        return Serializer(self.database, old_form=bool(self.settings["old_form"]))

    def get_path_user(self, request: SandboxRequest) -> User:
        """Return the user in the path; raise for one that the key may not read."""
        return self.find_user(request, request.parameters["id"])

    def find_user(self, request: SandboxRequest, user_id: str) -> User:
        check_access(request, user_id)
        if user_id not in self.database.users:
            raise ApiError(404, "User not found")
        return self.database.users[user_id]

    def find_metric(self, request: SandboxRequest, metrics: tuple[Metric, ...]) -> Metric:
        for metric in metrics:
            if metric.key == request.parameters["key"]:
                return metric
        raise ApiError(404, "Metric not found")

    def find_definition(self, request: SandboxRequest) -> Definition:
        definition = self.database.definitions.get(request.parameters["key"])
        if definition is None:
            raise ApiError(404, "Achievement not found")
        return definition


def authenticate(request: SandboxRequest) -> None:
    """Raise for a request without a valid key."""
    if request.headers.get("x-api-key") not in constants.USER_ID_BY_KEY:
        raise ApiError(401, "Invalid API key")


def check_access(request: SandboxRequest, user_id: str) -> None:
    """Raise for an application key that is bound to another user."""
    bound_user_id = constants.USER_ID_BY_KEY[request.headers["x-api-key"]]
    if bound_user_id not in (None, user_id):
        raise ApiError(403, "This API key is bound to another user")


def parse_number(
    request: SandboxRequest, name: str, default: int, minimum: int, maximum: int
) -> int:
    """Return a whole number of the query; raise for one outside of its bounds."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and minimum <= int(text) <= maximum):
        raise ApiError(422, f"{name} must be a whole number from {minimum} to {maximum}")
    return int(text)


def parse_body(request: SandboxRequest) -> Json:
    """Return the JSON object in the body; raise for any other body."""
    try:
        document = json.loads(request.body)
    except ValueError:
        raise ApiError(400, "Malformed JSON") from None
    if not isinstance(document, dict):
        raise ApiError(422, "The body must be an object")
    return cast("Json", document)
