"""What became of each source, and what this server knows of it."""

from datetime import datetime

import strawberry

from resolvers.status import Status
from schema import from_record
from schema.enums import Source, SourceState


@strawberry.federation.type(
    shareable=True, description="Why a source's part of an answer is there, old, or missing."
)
class SourceStatus:
    source: Source = strawberry.field(description="The source.")
    state: SourceState = strawberry.field(description="What became of it.")
    message: str | None = strawberry.field(description="The same in words, safe to show.")
    retry_after: int | None = strawberry.field(
        description="Seconds after which asking again may help."
    )
    fetched_at: datetime | None = strawberry.field(
        description="When the oldest part of the answer was fetched."
    )

    @classmethod
    def from_status(cls, status: Status) -> "SourceStatus":
        """The state as a resolver found it."""
        return from_record.from_record(cls, status)


@strawberry.federation.type(
    shareable=True,
    description="What is left of a source's rate, for the credential that is used for it.",
)
class SourceBudget:
    limit: int = strawberry.field(description="Calls in a whole window.")
    remaining: int = strawberry.field(description="Calls left now.")
    resets_at: datetime | None = strawberry.field(
        description="When the whole window is free again; null when it is."
    )


@strawberry.federation.type(
    shareable=True, description="A source, as this server is set up for it."
)
class SourceInfo:
    source: Source = strawberry.field(description="The source.")
    status: SourceStatus = strawberry.field(
        description="Its state as far as is known without asking: a configured source is OK "
        "until something else is known."
    )
    budget: SourceBudget | None = strawberry.field(
        description="What is left of its rate; null where there is no limit."
    )
    credential_expires_at: datetime | None = strawberry.field(
        description="When a person has to sign in again (PSN: the refresh token's end)."
    )
