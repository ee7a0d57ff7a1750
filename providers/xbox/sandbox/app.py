"""The Xbox sandbox: OpenXBL in one object, in this process."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from providers.kit.sandbox import Sandbox, SandboxAchievement, SandboxRequest, SandboxResponse
from providers.xbox.sandbox import constants, people_routes, title_routes, unlocks
from providers.xbox.sandbox.database import Database
from providers.xbox.sandbox.request_handling import (
    ApiError,
    Endpoint,
    build_response,
    read_request,
)

SANDBOX_SETTINGS = {"XBOX_API_KEY": constants.OWNER_KEY}
# Both origins of the upstream, with their bases.
BASES = ("xbl.io/api/v2", "api.xbl.io/v2")
ENDPOINTS: dict[str, Endpoint] = {**people_routes.ENDPOINTS, **title_routes.ENDPOINTS}


class XboxSandbox(Sandbox):
    """OpenXBL.

    `envelope` is `object`, `text` for a content that is JSON in a text, or `none`.
    `byte_order_mark` puts one in front. `hourly_limit` refuses more calls than that of one key;
    with 0 the headers count down, and nothing is refused. `page_size` divides the achievements of a
    modern title into pages; with 0 there is one.
    """

    def __init__(self) -> None:
        super().__init__(
            tuple(base.partition("/")[0] for base in BASES),
            {"envelope": "object", "byte_order_mark": False, "hourly_limit": 0, "page_size": 0},
        )
        self.database = Database()
        self.spent = Counter[str]()
        for base in BASES:
            for path, endpoint in ENDPOINTS.items():
                self.route("GET", f"{base}/{path}")(self._make_handler(endpoint))
            for path, endpoint in title_routes.READS_BY_POST.items():
                self.route("POST", f"{base}/{path}")(self._make_handler(endpoint))

    def reset(self) -> None:
        """Clear what the base clears, and start a new hour."""
        super().reset()
        self.spent.clear()

    def unlock(
        self, xuid: str, title_id: int, achievement_id: str, when: datetime | None = None
    ) -> None:
        """Earn an achievement for a player."""
        self.database.unlock(xuid, title_id, achievement_id, when)

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        return unlocks.list_locked(self.database, account)

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        return unlocks.earn(self.database, locked, when)

    def _make_handler(self, endpoint: Endpoint) -> Callable[[SandboxRequest], SandboxResponse]:
        def handle(request: SandboxRequest) -> SandboxResponse:
            key = request.headers.get("x-authorization", "")
            self.spent[key] += 1
            response = self._respond(endpoint, request, key)
            response.headers.update(self._build_limit_headers(key))
            return response

        return handle

    def _respond(self, endpoint: Endpoint, request: SandboxRequest, key: str) -> SandboxResponse:
        limit = self.settings["hourly_limit"]
        if limit and self.spent[key] > limit:
            return SandboxResponse(429, {"code": "ERROR", "message": "Too many requests."})
        try:
            content = endpoint(read_request(self.database, request, self.settings))
        except ApiError as error:
            return error.response
        return build_response(content, self.settings)

    def _build_limit_headers(self, key: str) -> dict[str, str]:
        limit = self.settings["hourly_limit"] or constants.HOURLY_LIMIT
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Spent": str(self.spent[key]),
            "X-RateLimit-Remaining": str(max(0, limit - self.spent[key])),
        }


def create_sandbox() -> XboxSandbox:
    """Create a sandbox with its own data."""
    return XboxSandbox()
