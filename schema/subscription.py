"""The type Subscription: unlocks as they happen."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET

from resolvers.context import AccountRef, Owner
from resolvers.live.unlock_event import DetectedBy, UnlockEvent
from resolvers.unlock_stream import open_unlock_stream
from schema.account import Account
from schema.account_input import AccountInput
from schema.account_types import build_account
from schema.connection import or_none
from schema.global_id import encode
from schema.list_cursors import UNLOCKS
from schema.node import Info
from schema.selection import Selection
from schema.title import Achievement
from schema.unlocked_achievement import get_unlocked_achievement


@strawberry.type(description="An unlock, as this server learned of it.")
class AchievementUnlocked:
    event: strawberry.Private[UnlockEvent]
    owner: strawberry.Private[Owner]

    @property
    def identity(self) -> tuple[object, ...]:
        """What a result depends on beside the operation and its viewer."""
        return self.event.event_id, self.event.position, self.owner

    @strawberry.field(
        description="The same for the same unlock, however often and by whatever way it is heard "
        "of."
    )
    def event_id(self) -> strawberry.ID:
        return strawberry.ID(self.event.event_id)

    @strawberry.field(
        description="The position of the event, for `after`; valid with other accounts, too."
    )
    def cursor(self) -> str:
        return encode(UNLOCKS.name, self.event.position, self.event.event_id)

    @strawberry.field(description="When this server learned of the unlock.")
    def detected_at(self) -> datetime:
        return self.event.logged.detected_at

    @strawberry.field(description="How this server learned of the unlock.")
    def detected_by(self) -> DetectedBy:
        return self.event.logged.detected_by

    @strawberry.field(description="The account that has earned it.")
    def account(self, info: Info) -> Account:
        account_ref = AccountRef(self.owner.source, self.owner.handle or self.owner.account_id)
        return build_account(account_ref, Selection.from_info(info))

    @strawberry.field(
        description="The achievement, with the player's state. If its source fails meanwhile, its "
        "texts are null with an error each."
    )
    async def achievement(self, info: Info) -> Achievement:
        return await get_unlocked_achievement(info, self.owner, self.event)


AccountsArgument = Annotated[
    list[AccountInput] | None,
    strawberry.argument(
        description="The accounts, at most 20; the viewer's own if left out. Several may be on one "
        "source."
    ),
]
AfterEventArgument = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of any earlier event: what was learned since is sent first. One "
        "that this server did not issue is BAD_USER_INPUT."
    ),
]


@strawberry.type(description="All subscriptions.")
class Subscription:
    @strawberry.subscription(
        description="Every new unlock of these accounts, as soon as this server learns of it. "
        "Nothing is sent for what was there before; `after` first replays what was learned since, "
        "as far as it is remembered (a day, 1,000 events an account)."
    )
    async def achievement_unlocked(
        self, info: Info, accounts: AccountsArgument = UNSET, after: AfterEventArgument = UNSET
    ) -> AsyncIterator[AchievementUnlocked]:
        given = or_none(accounts)
        account_refs = None if given is None else [AccountRef(x.source, x.handle) for x in given]
        position = UNLOCKS.decode(or_none(after))
        return await open_unlock_stream(info.context, account_refs, position, _build_event)


def _build_event(event: UnlockEvent, owner: Owner) -> AchievementUnlocked:
    return AchievementUnlocked(event=event, owner=owner)
