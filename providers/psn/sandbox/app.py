"""The PlayStation Network sandbox: all services in one object, in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from providers.kit.sandbox import Sandbox, SandboxAchievement, SandboxRequest, SandboxResponse
from providers.psn.sandbox import constants, unlocks
from providers.psn.sandbox.auth_routes import AuthRoutes
from providers.psn.sandbox.database import build_database
from providers.psn.sandbox.game_routes import GameRoutes
from providers.psn.sandbox.graphql_routes import GraphQLRoutes
from providers.psn.sandbox.legacy_profile_routes import LegacyProfileRoutes
from providers.psn.sandbox.message_routes import MessageRoutes
from providers.psn.sandbox.models import Trophy, TrophySetProgress, parse_localized_text
from providers.psn.sandbox.profile_routes import ProfileRoutes
from providers.psn.sandbox.request_handling import LEGACY_HOST, MOBILE_HOST, WEB_HOST, ApiError
from providers.psn.sandbox.search_routes import SearchRoutes
from providers.psn.sandbox.state import SandboxState
from providers.psn.sandbox.trophy_routes import TrophyRoutes

_ROUTE_GROUPS = (
    AuthRoutes,
    TrophyRoutes,
    ProfileRoutes,
    LegacyProfileRoutes,
    SearchRoutes,
    GameRoutes,
    MessageRoutes,
    GraphQLRoutes,
)
SANDBOX_SETTINGS = {
    "PSN_CLIENT_ID": constants.CLIENT_ID,
    "PSN_CLIENT_SECRET": constants.CLIENT_SECRET,
    "PSN_NPSSO": constants.OWNER_NPSSO,
}
HOSTS = ("ca.account.sony.com", MOBILE_HOST, WEB_HOST, LEGACY_HOST, "dms.api.playstation.com")


def _build_default_settings() -> dict[str, Any]:
    return {
        # Rows of a page, and ids in a list; larger ones are refused, or cut if `cut_silently`.
        "title_list_limit": 800,
        "friend_list_limit": 1000,
        "game_list_limit": 200,
        "group_list_limit": 200,
        "message_list_limit": 200,
        "search_limit": 50,
        "profile_batch_limit": 100,
        "presence_batch_limit": 100,
        "product_batch_limit": 5,
        "cut_silently": False,
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
    """All services of the network, and methods with which a test changes their data."""

    def __init__(self) -> None:
        super().__init__(HOSTS, _build_default_settings())
        self.database = build_database()
        self.state = SandboxState(self.database, self.settings)
        for route_group in _ROUTE_GROUPS:
            for method, template, handler in route_group(self.state).list_routes():
                self.route(method, template)(_wrap_handler(handler))

    def reset(self) -> None:
        """Restore the defaults; a default that is a list may have been changed in place."""
        super().reset()
        self.settings.update(_build_default_settings())

    def expire_access_tokens(self) -> None:
        self.state.access_tokens.clear()

    def expire_refresh_tokens(self) -> None:
        self.state.refresh_tokens.clear()

    def unlock(self, account_id: str, np_communication_id: str, trophy_id: int, when: str) -> None:
        """Earn a trophy; the first one also adds the title to the account's list."""
        key = (account_id, np_communication_id)
        progress = self.database.trophy_progress.setdefault(key, TrophySetProgress(when))
        progress.earned[trophy_id] = when
        progress.counters.pop(trophy_id, None)

    def list_locked(self, account: str = "") -> Iterator[SandboxAchievement]:
        return unlocks.list_locked(self.database, account)

    def earn(self, locked: SandboxAchievement, when: datetime) -> list[SandboxAchievement]:
        return unlocks.earn(self.database, locked, when)

    def add_trophy(
        self, np_communication_id: str, name: str, grade: str = "bronze", group_id: str = "default"
    ) -> int:
        """Add a trophy to a set, which gets the next version; return the trophy's id."""
        trophy_set = self.database.trophy_sets[np_communication_id]
        trophy_id = len(trophy_set.trophies)
        trophy = Trophy(
            trophy_id,
            group_id,
            grade,
            1.5,
            parse_localized_text(name),
            parse_localized_text(f"Earn {name}."),
        )
        major, _, minor = trophy_set.version.partition(".")
        version = f"{major}.{int(minor) + 1:02}"
        grown_set = replace(trophy_set, version=version, trophies=(*trophy_set.trophies, trophy))
        self.database.trophy_sets[np_communication_id] = grown_set
        return trophy_id


def create_sandbox() -> PsnSandbox:
    """Create a sandbox with its own data."""
    return PsnSandbox()


def _wrap_handler(
    handler: Callable[[SandboxRequest], SandboxResponse],
) -> Callable[[SandboxRequest], SandboxResponse]:
    def handle(request: SandboxRequest) -> SandboxResponse:
        try:
            return handler(request)
        except ApiError as error:
            return error.response

    return handle
