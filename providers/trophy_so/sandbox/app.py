"""The invented Trophy.so: every route on one in-process application."""

from collections.abc import Callable

from providers.kit.sandbox import Call, Reply, Sandbox
from providers.trophy_so.sandbox.account import Account
from providers.trophy_so.sandbox.answer import RefusedError, authenticate
from providers.trophy_so.sandbox.changes import Changes
from providers.trophy_so.sandbox.standings import Standings
from providers.trophy_so.sandbox.users import Users
from providers.trophy_so.sandbox.world import World


class TrophySoSandbox(Sandbox):
    """The service with a world that a test may change.

    The switch `old_form` leaves out of the replies what older versions left out.
    """

    def __init__(self) -> None:
        super().__init__(("api.trophy.so",), {"old_form": False})
        self.world = World()
        for area in (Users, Account, Standings, Changes):
            for method, template, handler in area(self.world, self.settings).routes():
                self.route(method, template)(_answering(handler))


def trophy_so_sandbox() -> TrophySoSandbox:
    """A fresh account, sharing nothing with any other."""
    return TrophySoSandbox()


def _answering(handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        try:
            authenticate(call)
            return handler(call)
        except RefusedError as refused:
            return refused.reply

    return answer
