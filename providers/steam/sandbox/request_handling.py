"""A request with its key and parameters, and the responses that are not a method's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.steam.sandbox.database import Database
from providers.steam.sandbox.models import Game, Json, Player

STEAM_ID_PATTERN = re.compile(r"[0-9]{17}")


class ApiError(Exception):
    """Ends a request with an error response."""

    def __init__(self, response: SandboxResponse) -> None:
        super().__init__(response.status)
        self.response = response


def build_page(status: int, title: str, text: str) -> SandboxResponse:
    """Build a page in HTML, as the gateway in front of the methods sends it."""
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"
    return SandboxResponse(status, body)


FORBIDDEN_PAGE = "Access is denied. Retrying will not help. Please verify your <pre>key=</pre>."


@dataclass(frozen=True)
class ApiRequest:
    """A request; `caller` is the owner of its key, if it has one."""

    database: Database
    request: SandboxRequest
    settings: Json
    caller: Player | None

    def get_text(self, name: str) -> str:
        """Return a required parameter; a page with 400 without it."""
        value = self.request.query.get(name, "")
        if not value:
            text = f"Required parameter '{name}' is missing"
            raise ApiError(build_page(400, "Bad Request", text))
        return value

    def get_flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean parameter."""
        value = self.request.query.get(name, "").lower()
        return default if not value else value in ("1", "true")

    def get_app_id(self, name: str) -> int:
        """Return the id of an app; 0 for what is no number."""
        value = self.get_text(name)
        return int(value) if re.fullmatch(r"[0-9]{1,10}", value) else 0

    def get_list(self, name: str) -> list[str]:
        """Return a repeated parameter, `name[0]=…&name[1]=…`; plain repetition is ignored."""
        pattern = re.compile(rf"{re.escape(name)}\[[0-9]+\]")
        return [value for key, value in self.request.query_items if pattern.fullmatch(key)]

    @property
    def language(self) -> str:
        query = self.request.query
        return query.get("language") or query.get("l") or "english"

    def find_game(self, name: str) -> Game | None:
        """Find the game whose id is in a parameter."""
        return self.database.games.get(self.get_app_id(name))

    def find_player(self) -> Player | None:
        """Find the player of the parameter `steamid`; a page with 400 for no id at all."""
        steam_id = self.get_text("steamid")
        if STEAM_ID_PATTERN.fullmatch(steam_id) is None:
            raise ApiError(build_page(400, "Bad Request", "Please verify that all required"))
        return self.database.players.get(steam_id)

    def can_see(self, player: Player, *, shown: bool) -> bool:
        """Return whether the caller sees what a player shows to others, or is that player."""
        return shown or self.caller is player


Endpoint = Callable[[ApiRequest], SandboxResponse]


def read_request(
    database: Database, request: SandboxRequest, settings: Json, *, needs_key: bool
) -> ApiRequest:
    """Read a request; the key may be in a header or in the query."""
    key = request.headers.get("x-webapi-key") or request.query.get("key", "")
    caller = database.find_key_owner(key) if key else None
    if needs_key and not key:
        text = "Required parameter 'key' is missing"
        raise ApiError(build_page(400, "Bad Request", text))
    if key and caller is None:
        raise ApiError(build_page(403, "Forbidden", FORBIDDEN_PAGE))
    return ApiRequest(database, request, settings, caller)
