"""Routes that read the whole account: achievements and streaks."""

from providers.kit.sandbox import Call, Reply
from providers.trophy_so.sandbox.answer import HOST, Area, RefusedError, Routes, reach

_MOST_USERS = 100


class Account(Area):
    def routes(self) -> Routes:
        return [
            ("GET", f"{HOST}/achievements", self.achievements),
            ("GET", f"{HOST}/streaks", self.streaks),
        ]

    def achievements(self, call: Call) -> Reply:
        """With `userAttributes=plan:pro` only those that such a user could complete."""
        pairs = call.query.get("userAttributes", "").split(",")
        given = {pair.partition(":")[0]: pair.partition(":")[2] for pair in pairs if pair}
        shown = [
            self.shape.with_stats(each)
            for each in self.world.definitions.values()
            if not given or each.user_attributes.items() <= given.items()
        ]
        return Reply(200, shown)

    def streaks(self, call: Call) -> Reply:
        """The ids come repeated from the SDKs, and joined by commas in the documentation."""
        sent = [value for name, value in call.query_items if name in ("userIds", "userIds[]")]
        ids = [user_id for value in sent for user_id in self._ids(value)]
        if not 1 <= len(ids) <= _MOST_USERS:
            raise RefusedError(422, f"userIds must hold 1 to {_MOST_USERS} ids")
        for user_id in ids:
            reach(call, user_id)
        users = [self.world.users[user_id] for user_id in ids if user_id in self.world.users]
        return Reply(200, [{"userId": user.id, "streakLength": user.streak} for user in users])

    def _ids(self, value: str) -> list[str]:
        return [value] if value in self.world.users else [part for part in value.split(",") if part]
