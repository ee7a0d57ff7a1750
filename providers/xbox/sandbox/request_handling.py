"""A request with its key, the envelope of its response, and the responses that are no content."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.xbox.sandbox.database import Database
from providers.xbox.sandbox.models import Json, Player

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ApiError(Exception):
    """Ends a request with an error response."""

    def __init__(self, response: SandboxResponse) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True)
class ApiRequest:
    """A request; `owner` is whose key it has."""

    database: Database
    request: SandboxRequest
    owner: Player
    page_size: int

    @property
    def language(self) -> str:
        return self.request.headers.get("accept-language", "")

    def find_player(self) -> Player:
        """Find the player of the path, by default the key's owner; 404 for an unknown one."""
        xuid = self.request.parameters.get("xuid", self.owner.xuid)
        player = self.database.players.get(xuid)
        if player is None:
            raise ApiError(SandboxResponse(404, {"code": "ERROR", "message": "User not found."}))
        return player

    def list_players(self) -> list[Player]:
        """Find the players of a list of ids, without the unknown ones."""
        xuids = self.request.parameters["xuids"].split(",")
        players = self.database.players
        return [players[xuid] for xuid in xuids if xuid in players]

    def can_see(self, player: Player) -> bool:
        """Return whether the owner sees a player's titles; raise 403 where that is refused."""
        if player is self.owner:
            return True
        if player.is_closed:
            raise ApiError(SandboxResponse(403, {"code": "ERROR", "message": "Forbidden."}))
        return not player.is_private


Endpoint = Callable[[ApiRequest], Any]


def read_request(database: Database, request: SandboxRequest, settings: Json) -> ApiRequest:
    """Read a request; the key is in its own header alone."""
    if request.headers.get("user-agent", "python").lower().startswith("python"):
        raise ApiError(SandboxResponse(403, "<html><title>Just a moment...</title></html>"))
    owner = database.find_key_owner(request.headers.get("x-authorization", ""))
    if owner is None:
        raise ApiError(SandboxResponse(401, {"code": "ERROR", "message": "Invalid API key."}))
    return ApiRequest(database, request, owner, settings["page_size"])


def build_response(content: Any, settings: Json) -> SandboxResponse:
    """Put a content into the envelope that the settings ask for."""
    if settings["envelope"] == "none":
        body = content
    elif settings["envelope"] == "text":
        body = {"content": json.dumps(content), "code": 200}
    else:
        body = {"content": content, "code": 200}
    encoded = json.dumps(body, ensure_ascii=False).encode()
    mark = BYTE_ORDER_MARK if settings["byte_order_mark"] else b""
    return SandboxResponse(200, mark + encoded, {"content-type": "application/json"})


def build_failure(code: int, text: str) -> SandboxResponse:
    """Build a failure whose status is 200."""
    return SandboxResponse(200, {"content": text, "code": code})
