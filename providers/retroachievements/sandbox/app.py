"""The invented site as one in-process application: the API and the pictures."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from providers.kit.sandbox import Call, Reply, Sandbox
from providers.retroachievements.sandbox import (
    accounts,
    catalogue,
    earned,
    played,
    played_game,
    site_awards,
    summary,
)
from providers.retroachievements.sandbox.asked import Asked, RefusedError, asked, error_document
from providers.retroachievements.sandbox.model import Json
from providers.retroachievements.sandbox.world import World

SITE = "retroachievements.org"
MEDIA = "media.retroachievements.org"

CALLS: dict[str, Callable[[Asked], Reply]] = {
    **accounts.CALLS,
    **catalogue.CALLS,
    **earned.CALLS,
    **played.CALLS,
    **played_game.CALLS,
    **site_awards.CALLS,
    **summary.CALLS,
}
ENDED = {"GetFeed", "GetGameRating"}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class RetroAchievementsSandbox(Sandbox):
    """The site with a world that a test may change.

    Switches: `numbers_as_text` sends every whole number as text, as older servers did;
    `lower_case_type` sends `type` where the documentation does and the server does not.
    """

    def __init__(self) -> None:
        super().__init__((SITE, MEDIA), {"numbers_as_text": False, "lower_case_type": False})
        self.world = World()
        for method in ("GET", "POST"):
            self.route(method, f"{SITE}/API/{{file}}")(self._call)
        for host in (SITE, MEDIA):
            for folder in ("Badge", "Images", "UserPic"):
                self.route("GET", f"{host}/{folder}/{{file}}")(_picture)

    def unlock(
        self,
        handle: str,
        achievement_id: int,
        when: datetime | None = None,
        *,
        hardcore: bool = True,
    ) -> None:
        """Let a member earn an achievement; his points and awards follow."""
        self.world.unlock(handle, achievement_id, when, hardcore=hardcore)

    def _call(self, call: Call) -> Reply:
        reply = self._answered(call)
        reply.headers["Access-Control-Allow-Origin"] = "*"
        reply.body = self._as_switched(reply.body)
        return reply

    def _answered(self, call: Call) -> Reply:
        name = call.parameters["file"].removeprefix("API_").removesuffix(".php")
        if name in ENDED:
            return Reply(410, error_document("Gone.", 410, "gone"))
        handler = CALLS.get(name)
        if handler is None or call.parameters["file"] != f"API_{name}.php":
            return Reply(404, error_document("Not found.", 404, "not_found"))
        try:
            return handler(asked(self.world, call))
        except RefusedError as refused:
            return refused.reply

    def _as_switched(self, body: Any) -> Any:
        if isinstance(body, dict):
            items = cast("Json", body).items()
            return {self._name(name): self._as_switched(value) for name, value in items}
        if isinstance(body, list):
            return [self._as_switched(item) for item in cast("list[Any]", body)]
        is_number = isinstance(body, int) and not isinstance(body, bool)
        return str(body) if is_number and self.settings["numbers_as_text"] else body

    def _name(self, name: str) -> str:
        return "type" if name == "Type" and self.settings["lower_case_type"] else name


def _picture(_call: Call) -> Reply:
    return Reply(200, PIXEL, {"Content-Type": "image/png"})
