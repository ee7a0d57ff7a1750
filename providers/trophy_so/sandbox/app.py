"""The Trophy.so sandbox: all routes in one object, in this process."""

from collections.abc import Callable, Iterator
from datetime import datetime

from providers.kit.sandbox import Sandbox, SandboxAchievement, SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import constants, unlocks
from providers.trophy_so.sandbox.account_routes import AccountRoutes
from providers.trophy_so.sandbox.database import Database
from providers.trophy_so.sandbox.leaderboard_routes import LeaderboardRoutes
from providers.trophy_so.sandbox.request_handling import ApiError, authenticate
from providers.trophy_so.sandbox.user_routes import UserRoutes
from providers.trophy_so.sandbox.write_routes import WriteRoutes

SANDBOX_SETTINGS = {
    "TROPHY_SO_API_KEY": constants.ADMIN_KEY,
    "TROPHY_SO_USER_ID": constants.OWNER_ID,
}


class TrophySoSandbox(Sandbox):
    """The application API.

    The setting `old_form` omits from the responses what older versions of the API omitted.
    """

    def __init__(self) -> None:
        super().__init__(("api.trophy.so",), {"old_form": False})
        self.database = Database()
        for route_group in (UserRoutes, AccountRoutes, LeaderboardRoutes, WriteRoutes):
            routes = route_group(self.database, self.settings).list_routes()
            for method, template, handler in routes:
                self.route(method, template)(_wrap_handler(handler))

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        return unlocks.list_locked(self.database, account)

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        return unlocks.earn(self.database, locked, when)


def create_sandbox() -> TrophySoSandbox:
    """Create a sandbox with its own data."""
    return TrophySoSandbox()


def _wrap_handler(
    handler: Callable[[SandboxRequest], SandboxResponse],
) -> Callable[[SandboxRequest], SandboxResponse]:
    def handle(request: SandboxRequest) -> SandboxResponse:
        try:
            authenticate(request)
            return handler(request)
        except ApiError as error:
            return error.response

    return handle
