"""The RetroAchievements sandbox: the API and the images in one object, in this process."""

import base64
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, cast

from providers.kit.sandbox import Sandbox, SandboxAchievement, SandboxRequest, SandboxResponse
from providers.retroachievements.sandbox import (
    award_routes,
    game_progress_routes,
    game_routes,
    leaderboard_routes,
    member_data,
    played_game_routes,
    profile_routes,
    social_routes,
    summary_routes,
    unlock_routes,
    unlocks,
)
from providers.retroachievements.sandbox.database import Database
from providers.retroachievements.sandbox.models import Json
from providers.retroachievements.sandbox.request_handling import (
    ApiError,
    ApiRequest,
    authenticate,
    build_error_document,
)

SANDBOX_SETTINGS = {
    "RETROACHIEVEMENTS_USERNAME": member_data.OPERATOR_USERNAME,
    "RETROACHIEVEMENTS_API_KEY": member_data.OPERATOR_KEY,
}
SITE_HOST = "retroachievements.org"
MEDIA_HOST = "media.retroachievements.org"

ENDPOINTS: dict[str, Callable[[ApiRequest], SandboxResponse]] = {
    **profile_routes.ENDPOINTS,
    **game_routes.ENDPOINTS,
    **unlock_routes.ENDPOINTS,
    **played_game_routes.ENDPOINTS,
    **game_progress_routes.ENDPOINTS,
    **award_routes.ENDPOINTS,
    **summary_routes.ENDPOINTS,
    **social_routes.ENDPOINTS,
    **leaderboard_routes.ENDPOINTS,
}
RETIRED_ENDPOINTS = {"GetFeed", "GetGameRating"}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class RetroAchievementsSandbox(Sandbox):
    """The API and the image hosts.

    The setting `numbers_as_text` sends every whole number as text, as older servers did.
    `lower_case_type` sends `type` as documented, where the real server sends `Type`.
    """

    def __init__(self) -> None:
        super().__init__(
            (SITE_HOST, MEDIA_HOST), {"numbers_as_text": False, "lower_case_type": False}
        )
        self.database = Database()
        for method in ("GET", "POST"):
            self.route(method, f"{SITE_HOST}/API/{{file}}")(self._handle_api_request)
        for host in (SITE_HOST, MEDIA_HOST):
            for folder in ("Badge", "Images", "UserPic"):
                self.route("GET", f"{host}/{folder}/{{file}}")(_get_image)

    def unlock(
        self,
        handle: str,
        achievement_id: int,
        when: datetime | None = None,
        *,
        hardcore: bool = True,
    ) -> None:
        """Earn an achievement for a member, whose points and awards follow from it."""
        self.database.unlock(handle, achievement_id, when, hardcore=hardcore)

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        return unlocks.list_locked(self.database, account)

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        return unlocks.earn(self.database, locked, when)

    def _handle_api_request(self, request: SandboxRequest) -> SandboxResponse:
        response = self._call_endpoint(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        if any(self.settings.values()):
            response.body = self._apply_settings(response.body)
        return response

    def _call_endpoint(self, request: SandboxRequest) -> SandboxResponse:
        name = request.parameters["file"].removeprefix("API_").removesuffix(".php")
        if name in RETIRED_ENDPOINTS:
            return SandboxResponse(410, build_error_document("Gone.", 410, "gone"))
        handler = ENDPOINTS.get(name)
        if handler is None or request.parameters["file"] != f"API_{name}.php":
            return SandboxResponse(404, build_error_document("Not found.", 404, "not_found"))
        try:
            return handler(authenticate(self.database, request))
        except ApiError as error:
            return error.response

    def _apply_settings(self, body: Any) -> Any:
        if isinstance(body, dict):
            items = cast("Json", body).items()
            return {
                self._apply_name_setting(name): self._apply_settings(value) for name, value in items
            }
        if isinstance(body, list):
            return [self._apply_settings(item) for item in cast("list[Any]", body)]
        is_number = isinstance(body, int) and not isinstance(body, bool)
        return str(body) if is_number and self.settings["numbers_as_text"] else body

    def _apply_name_setting(self, name: str) -> str:
        return "type" if name == "Type" and self.settings["lower_case_type"] else name


def create_sandbox() -> RetroAchievementsSandbox:
    """Create a sandbox with its own data."""
    return RetroAchievementsSandbox()


def _get_image(_request: SandboxRequest) -> SandboxResponse:
    return SandboxResponse(200, PIXEL, {"Content-Type": "image/png"})
