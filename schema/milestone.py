"""Milestones: the unlocks of a user that are worth remembering."""

from datetime import datetime
from typing import Annotated

import strawberry

from providers.errors import BadInput
from resolvers.unlocks import milestones
from resolvers.unlocks.milestones import MilestoneKind
from schema.connection import Connection
from schema.title import Achievement

MIN_EVERY, MAX_EVERY = 10, 10_000

Every = Annotated[
    int,
    strawberry.argument(
        description="After how many unlocks each next milestone is, 10 to 10,000; any other number "
        "is BAD_USER_INPUT."
    ),
]


@strawberry.type(description="An unlock of the user, and what makes it a milestone.")
class Milestone:
    kind: MilestoneKind = strawberry.field(description="What the unlock was.")
    number: int = strawberry.field(
        description="How many achievements the user had earned then, with this one."
    )
    achieved_at: datetime = strawberry.field(description="When it was earned.")
    achievement: Achievement = strawberry.field(description="The achievement.")

    @classmethod
    def from_milestone(cls, found: milestones.Milestone) -> "Milestone":
        """Build the type from a milestone."""
        entry = found.entry
        return cls(
            kind=found.kind,
            number=found.number,
            achieved_at=found.achieved_at,
            achievement=Achievement.from_record(entry.achievement, entry.owner, entry.title),
        )


@strawberry.type(description="Milestones over all sources, newest first.")
class MilestoneConnection(Connection[Milestone]):
    undated: int = strawberry.field(
        description="Number of earned achievements of which the source does not tell the time; no "
        "milestone counts them."
    )


def check_every(every: int) -> None:
    """Raise `BadInput` for a distance out of range."""
    if not MIN_EVERY <= every <= MAX_EVERY:
        raise BadInput(f"every: must be from {MIN_EVERY} to {MAX_EVERY:,}.", argument="every")
