"""Routes of the whole application: achievements and streaks."""

from providers.kit.sandbox import SandboxRequest, SandboxResponse
from providers.trophy_so.sandbox import constants
from providers.trophy_so.sandbox.models import Json, User
from providers.trophy_so.sandbox.request_handling import (
    HOST,
    ApiError,
    RouteGroup,
    Routes,
    check_access,
)

_MAX_USERS = 100


class AccountRoutes(RouteGroup):
    def list_routes(self) -> Routes:
        return [
            ("GET", f"{HOST}/achievements", self.list_achievements),
            ("GET", f"{HOST}/streaks", self.list_streaks),
        ]

    def list_achievements(self, request: SandboxRequest) -> SandboxResponse:
        """Return all; with `userAttributes=plan:pro`, those that such a user could complete."""
        pairs = request.query.get("userAttributes", "").split(",")
        required_attributes = {
            pair.partition(":")[0]: pair.partition(":")[2] for pair in pairs if pair
        }
        shown = [
            self.serializer.serialize_achievement_with_stats(definition)
            for definition in self.database.definitions.values()
            if not required_attributes
            or definition.user_attributes.items() <= required_attributes.items()
        ]
        return SandboxResponse(200, shown)

    def list_streaks(self, request: SandboxRequest) -> SandboxResponse:
        # The SDKs repeat the parameter; the documentation joins the ids by commas.
        sent = [value for name, value in request.query_items if name in ("userIds", "userIds[]")]
        ids = [user_id for value in sent for user_id in self._split_ids(value)]
        if not 1 <= len(ids) <= _MAX_USERS:
            raise ApiError(422, f"userIds must hold 1 to {_MAX_USERS} ids")
        for user_id in ids:
            check_access(request, user_id)
        users = [self.database.users[user_id] for user_id in ids if user_id in self.database.users]
        return SandboxResponse(200, [_serialize_streak(user) for user in users])

    def _split_ids(self, value: str) -> list[str]:
        return (
            [value] if value in self.database.users else [part for part in value.split(",") if part]
        )


def _serialize_streak(user: User) -> Json:
    extended = constants.NOW if user.streak else None
    return {"userId": user.id, "streakLength": user.streak, "extended": extended}
