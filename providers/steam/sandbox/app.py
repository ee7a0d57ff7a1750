"""The Steam sandbox: the web API in one object, in this process."""

from collections.abc import Iterator
from datetime import datetime

from providers.kit.sandbox import Sandbox, SandboxAchievement, SandboxRequest, SandboxResponse
from providers.steam.sandbox import (
    achievement_routes,
    constants,
    library_routes,
    unlocks,
    user_routes,
)
from providers.steam.sandbox.api_list import build_api_list
from providers.steam.sandbox.database import Database
from providers.steam.sandbox.request_handling import (
    FORBIDDEN_PAGE,
    ApiError,
    Endpoint,
    build_page,
    read_request,
)

SANDBOX_SETTINGS = {
    "STEAM_API_KEY": constants.OWNER_KEY,
    "STEAM_ID": constants.OWNER_ID,
}
API_HOST = "api.steampowered.com"
API_LIST = "ISteamWebAPIUtil/GetSupportedAPIList"
# Services answer POST as well, but not these.
POST_ONLY = {"IPlayerService/GetAchievementsProgress"}
KEYED: dict[str, Endpoint] = {
    **user_routes.ENDPOINTS,
    **library_routes.ENDPOINTS,
    **achievement_routes.DOCUMENTED_ENDPOINTS,
    **achievement_routes.UNDOCUMENTED_ENDPOINTS,
}
KEYLESS: dict[str, Endpoint] = {
    **achievement_routes.KEYLESS_ENDPOINTS,
    **achievement_routes.UNDOCUMENTED_KEYLESS_ENDPOINTS,
}
UNDOCUMENTED = {
    *achievement_routes.UNDOCUMENTED_ENDPOINTS,
    *achievement_routes.UNDOCUMENTED_KEYLESS_ENDPOINTS,
}


class SteamSandbox(Sandbox):
    """The web API.

    Without the setting `undocumented` undocumented methods are gone. `groups` sends
    groups of achievements. `address_blocked` refuses every call, as after too many of them.
    `percent_as_number` sends percentages as older servers did: numbers of single precision.
    """

    def __init__(self) -> None:
        super().__init__(
            (API_HOST,),
            {
                "undocumented": True,
                "groups": True,
                "address_blocked": False,
                "percent_as_number": False,
            },
        )
        self.database = Database()
        for ending in ("", "/"):
            path = f"{API_HOST}/{{interface}}/{{method}}/{{version}}{ending}"
            for method in ("GET", "POST"):
                self.route(method, path)(self._handle_request)

    def unlock(self, steam_id: str, app_id: int, name: str, when: datetime | None = None) -> None:
        """Earn an achievement for a player."""
        self.database.unlock(steam_id, app_id, name, when)

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        return unlocks.list_locked(self.database, account)

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        return unlocks.earn(self.database, locked, when)

    def _handle_request(self, request: SandboxRequest) -> SandboxResponse:
        if self.settings["address_blocked"]:
            return build_page(403, "Forbidden", FORBIDDEN_PAGE)
        name = f"{request.parameters['interface']}/{request.parameters['method']}"
        if name == API_LIST:
            return SandboxResponse(200, build_api_list())
        if name in POST_ONLY and request.method == "GET":
            return build_page(405, "Method Not Allowed", "")
        if name in UNDOCUMENTED and not self.settings["undocumented"]:
            return build_page(404, "Not Found", f"Method '{name}' not found")
        try:
            return self._call(name, request)
        except ApiError as error:
            return error.response

    def _call(self, name: str, request: SandboxRequest) -> SandboxResponse:
        endpoint = KEYED.get(name) or KEYLESS.get(name)
        if endpoint is None:
            return build_page(404, "Not Found", f"Interface '{name}' not found")
        api_request = read_request(
            self.database, request, self.settings, needs_key=name not in KEYLESS
        )
        return endpoint(api_request)


def create_sandbox() -> SteamSandbox:
    """Create a sandbox with its own data."""
    return SteamSandbox()
