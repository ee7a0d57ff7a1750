"""The invented Trophy.so: every route on one in-process application."""

from collections.abc import Callable

from providers.kit.sandbox import Sandbox, SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox.account import AccountRoutes
from providers.trophy_so.sandbox.answer import ApiError, authenticate
from providers.trophy_so.sandbox.changes import WriteRoutes
from providers.trophy_so.sandbox.standings import LeaderboardRoutes
from providers.trophy_so.sandbox.users import UserRoutes
from providers.trophy_so.sandbox.world import Database


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


def create_trophy_so_sandbox() -> TrophySoSandbox:
    """A fresh account, sharing nothing with any other."""
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
