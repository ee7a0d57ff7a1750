"""A request with its key and parameters, and the errors that the API answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.retroachievements.sandbox.database import Database
from providers.retroachievements.sandbox.models import Game, Json, Member

MAX_ROWS = 500
HANDLE_PATTERN = re.compile(r"[0-9A-Za-z]{2,20}|[0-9A-Za-z]{26}")


class ApiError(Exception):
    """Ends a request with an error response."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.response = SandboxResponse(status, body)


@dataclass(frozen=True)
class ApiRequest:
    """A request with a valid key."""

    database: Database
    caller: Member
    parameters: Mapping[str, str]

    def get_text(self, name: str) -> str:
        """Return a required parameter."""
        value = self.parameters.get(name, "")
        if not value:
            raise build_validation_error(name, f"The {name} field is required.")
        return value

    def get_number(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.parameters.get(name, "")
        if not value:
            return default
        if re.fullmatch(r"-?[0-9]{1,18}", value) is None:
            raise build_validation_error(name, f"The {name} field must be an integer.")
        return int(value)

    def get_bounded_number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number within bounds; raise for one outside."""
        value = self.get_number(name, default)
        if not lowest <= value <= highest:
            message = f"The {name} field must be between {lowest} and {highest}."
            raise build_validation_error(name, message)
        return value

    def find_member(self) -> Member | None:
        """Find the member named by the parameter `u`."""
        handle = self.get_text("u")
        if HANDLE_PATTERN.fullmatch(handle) is None:
            raise build_validation_error("u", "The u field must only contain letters and numbers.")
        return self.database.find_member(handle)

    def find_game(self, name: str) -> Game | None:
        """Find the game whose id is in a parameter."""
        self.get_text(name)
        return self.database.games.get(self.get_number(name, 0))


def authenticate(database: Database, request: SandboxRequest) -> ApiRequest:
    """Read a request; GET and POST are the same, and the key alone identifies the caller."""
    form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    parameters = {**form, **request.query}
    _, _, bearer = request.headers.get("authorization", "").partition(" ")
    caller = database.find_key_owner(parameters.get("y") or bearer)
    if caller is None:
        raise ApiError(401, build_error_document("Unauthenticated.", 401, "unauthorized"))
    return ApiRequest(database, caller, parameters)


def page_rows(request: ApiRequest, rows: list[Json], default: int = 100) -> SandboxResponse:
    """Return the requested page of a list, with the number of its rows and of all."""
    count = request.get_bounded_number("c", default, 1, MAX_ROWS)
    start = max(request.get_number("o", 0), 0)
    shown = rows[start : start + count]
    body: Json = {"Count": len(shown), "Total": len(rows), "Results": shown}
    return SandboxResponse(200, body)


def build_validation_error(name: str, message: str) -> ApiError:
    """Build the error of an invalid parameter."""
    return ApiError(422, {"message": message, "errors": {name: [message]}})


def build_error_document(title: str, status: int, code: str) -> Any:
    """Build the body of an error about the request itself."""
    return {"message": title, "errors": [{"status": str(status), "code": code, "title": title}]}
