"""How the service says no, and whom a key lets in."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from providers.kit.sandbox import Call, Reply
from providers.trophy_so.sandbox import fixture
from providers.trophy_so.sandbox.model import Definition, Json, Metric, User
from providers.trophy_so.sandbox.shape import Shape
from providers.trophy_so.sandbox.world import World

Routes = list[tuple[str, str, Callable[[Call], Reply]]]

HOST = "api.trophy.so/v1"


class RefusedError(Exception):
    """A route gives up; the reply says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.reply = Reply(status, {"error": message})


@dataclass(frozen=True)
class Area:
    """What all routes share: the world, its switches, and the ways to find something in it."""

    world: World
    settings: dict[str, Any]

    @property
    def shape(self) -> Shape:
        return Shape(self.world, old_form=bool(self.settings["old_form"]))

    def user(self, call: Call) -> User:
        """The user in the path, as far as the key reaches."""
        return self.known(call, call.parameters["id"])

    def known(self, call: Call, user_id: str) -> User:
        reach(call, user_id)
        if user_id not in self.world.users:
            raise RefusedError(404, "User not found")
        return self.world.users[user_id]

    def metric(self, call: Call, metrics: tuple[Metric, ...]) -> Metric:
        for metric in metrics:
            if metric.key == call.parameters["key"]:
                return metric
        raise RefusedError(404, "Metric not found")

    def definition(self, call: Call) -> Definition:
        definition = self.world.definitions.get(call.parameters["key"])
        if definition is None:
            raise RefusedError(404, "Achievement not found")
        return definition


def authenticate(call: Call) -> None:
    """Refuse a call without a known key."""
    if call.headers.get("x-api-key") not in fixture.KEYS:
        raise RefusedError(401, "Invalid API key")


def reach(call: Call, user_id: str) -> None:
    """Refuse an application key that is bound to another user."""
    bound = fixture.KEYS[call.headers["x-api-key"]]
    if bound not in (None, user_id):
        raise RefusedError(403, "This API key is bound to another user")


def number(call: Call, name: str, default: int, least: int, most: int) -> int:
    """A whole number from the query."""
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise RefusedError(422, f"{name} must be a whole number from {least} to {most}")
    return int(text)


def body(call: Call) -> Json:
    """The JSON object that was sent."""
    try:
        sent = json.loads(call.body)
    except ValueError:
        raise RefusedError(400, "Malformed JSON") from None
    if not isinstance(sent, dict):
        raise RefusedError(422, "The body must be an object")
    return cast("Json", sent)
