"""The invented Trophy.so: every route on one in-process application."""

from collections.abc import Callable

from providers.kit.sandbox import Sandbox, SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import constants
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
    """The service with a world that a test may change.

    The switch `old_form` leaves out of the replies what older versions left out.
    """

    def __init__(self) -> None:
        super().__init__(("api.trophy.so",), {"old_form": False})
        self.database = Database()
        for area in (UserRoutes, AccountRoutes, LeaderboardRoutes, WriteRoutes):
            for method, template, handler in area(self.database, self.settings).list_routes():
                self.route(method, template)(_wrap_handler(handler))


def create_sandbox() -> TrophySoSandbox:
    """Create a sandbox with its own data."""
    return TrophySoSandbox()


def _wrap_handler(
    handler: Callable[[SandboxRequest], SandboxResponse],
) -> Callable[[SandboxRequest], SandboxResponse]:
    def answer(call: SandboxRequest) -> SandboxResponse:
        try:
            authenticate(call)
            return handler(call)
        except ApiError as refused:
            return refused.response

    return answer
