"""The invented PlayStation Network: every service on one in-process application."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from providers.kit.sandbox import Call, Reply, Sandbox
from providers.psn.sandbox.answer import LEGACY, MOBILE, WEB, RefusedError
from providers.psn.sandbox.auth import Auth
from providers.psn.sandbox.games import Games
from providers.psn.sandbox.graphql import GraphQL
from providers.psn.sandbox.legacy import Legacy
from providers.psn.sandbox.messages import Messages
from providers.psn.sandbox.model import Standing, Trophy, text
from providers.psn.sandbox.network import build_world
from providers.psn.sandbox.people import People
from providers.psn.sandbox.search import Search
from providers.psn.sandbox.state import State
from providers.psn.sandbox.trophies import Trophies

_AREAS = (Auth, Trophies, People, Legacy, Search, Games, Messages, GraphQL)
HOSTS = ("ca.account.sony.com", MOBILE, WEB, LEGACY, "dms.api.playstation.com")


def _defaults() -> dict[str, Any]:
    return {
        "game_list_limit": 200,
        "token_lifetime": 3599,
        "refresh_lifetime": 5183999,
        "expired_tokens": False,
        "stars": "open",
        "retired_hashes": [],
        "shuffle_batches": False,
        "profiles_row_missing": False,
        "trophy_level_as_string": False,
    }


class PsnSandbox(Sandbox):
    """The network with levers that a test may pull."""

    def __init__(self) -> None:
        super().__init__(HOSTS, _defaults())
        self.world = build_world()
        self.state = State(self.world, self.settings)
        for area in _AREAS:
            for method, template, handler in area(self.state).routes():
                self.route(method, template)(_answering(handler))

    def reset(self) -> None:
        """As ever; a default that is a list starts anew too."""
        super().reset()
        self.settings.update(_defaults())

    def expire_access_tokens(self) -> None:
        self.state.access.clear()

    def expire_refresh_tokens(self) -> None:
        self.state.refresh.clear()

    def unlock(self, account_id: str, np_communication_id: str, trophy_id: int, when: str) -> None:
        """Earn a trophy; the first one also brings the title into the account's list."""
        key = (account_id, np_communication_id)
        standing = self.world.standings.setdefault(key, Standing(when))
        standing.earned[trophy_id] = when
        standing.counters.pop(trophy_id, None)

    def add_trophy(
        self, np_communication_id: str, name: str, grade: str = "bronze", group_id: str = "default"
    ) -> int:
        """Let a set grow: one more trophy and the next version. Answers the trophy's id."""
        known = self.world.sets[np_communication_id]
        trophy_id = len(known.trophies)
        trophy = Trophy(trophy_id, group_id, grade, 1.5, text(name), text(f"Earn {name}."))
        major, _, minor = known.version.partition(".")
        version = f"{major}.{int(minor) + 1:02}"
        grown = replace(known, version=version, trophies=(*known.trophies, trophy))
        self.world.sets[np_communication_id] = grown
        return trophy_id


def psn_sandbox() -> PsnSandbox:
    """A fresh network, sharing nothing with any other."""
    return PsnSandbox()


def _answering(handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        try:
            return handler(call)
        except RefusedError as refused:
            return refused.reply

    return answer
