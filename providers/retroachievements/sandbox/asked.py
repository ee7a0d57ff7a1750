"""One call as a route sees it: whose key, which parameters; and the ways to refuse it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from providers.kit.sandbox import Call, Reply
from providers.retroachievements.sandbox.model import Game, Member
from providers.retroachievements.sandbox.world import World

HANDLE = re.compile(r"[0-9A-Za-z]{2,20}|[0-9A-Za-z]{26}")


class RefusedError(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.reply = Reply(status, body)


@dataclass(frozen=True)
class Asked:
    """A call with a good key."""

    world: World
    owner: Member
    parameters: Mapping[str, str]

    def text(self, name: str) -> str:
        """A parameter that must be there."""
        value = self.parameters.get(name, "")
        if not value:
            raise unprocessable(name, f"The {name} field is required.")
        return value

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.parameters.get(name, "")
        if not value:
            return default
        if re.fullmatch(r"-?[0-9]{1,18}", value) is None:
            raise unprocessable(name, f"The {name} field must be an integer.")
        return int(value)

    def between(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A number that is refused outside of its bounds."""
        value = self.number(name, default)
        if not lowest <= value <= highest:
            message = f"The {name} field must be between {lowest} and {highest}."
            raise unprocessable(name, message)
        return value

    def member(self) -> Member | None:
        """The account in `u`."""
        handle = self.text("u")
        if HANDLE.fullmatch(handle) is None:
            raise unprocessable("u", "The u field must only contain letters and numbers.")
        return self.world.member(handle)

    def game(self, name: str) -> Game | None:
        """The game in a parameter."""
        self.text(name)
        return self.world.games.get(self.number(name, 0))


def asked(world: World, call: Call) -> Asked:
    """Read a call: GET and POST are the same, and only the key decides."""
    form = dict(parse_qsl(call.body.decode("latin-1"), keep_blank_values=True))
    parameters = {**form, **call.query}
    _, _, bearer = call.headers.get("authorization", "").partition(" ")
    owner = world.holder(parameters.get("y") or bearer)
    if owner is None:
        raise RefusedError(401, error_document("Unauthenticated.", 401, "unauthorized"))
    return Asked(world, owner, parameters)


def unprocessable(name: str, message: str) -> RefusedError:
    """The error of a parameter."""
    return RefusedError(422, {"message": message, "errors": {name: [message]}})


def error_document(title: str, status: int, code: str) -> Any:
    """How the service words an error of its own."""
    return {"message": title, "errors": [{"status": str(status), "code": code, "title": title}]}
