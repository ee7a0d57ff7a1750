"""The status of each source, and what this server knows of it."""

from datetime import datetime

import strawberry

from resolvers.status import Status
from schema.enums import Source, SourceState
from schema.from_record import from_record


@strawberry.federation.type(
    shareable=True, description="Why a source's part of a response is there, stale, or missing."
)
class SourceStatus:
    source: Source = strawberry.field(description="The source.")
    state: SourceState = strawberry.field(description="The state of its part of the response.")
    message: str | None = strawberry.field(description="A message about the state, safe to show.")
    retry_after: int | None = strawberry.field(
        description="Seconds to wait before another request can succeed."
    )
    fetched_at: datetime | None = strawberry.field(
        description="When the oldest part of the data was fetched."
    )

    @classmethod
    def from_status(cls, status: Status) -> "SourceStatus":
        """Build the type from a status."""
        return from_record(cls, status)


@strawberry.federation.type(
    shareable=True,
    description="The rate limit of a source, for the credential that is used for it.",
)
class SourceBudget:
    limit: int = strawberry.field(description="Calls in one window.")
    remaining: int = strawberry.field(description="Calls left in the current window.")
    resets_at: datetime | None = strawberry.field(
        description="When all calls of the window are available again; null if they are now."
    )


@strawberry.federation.type(shareable=True, description="A source, and this server's access to it.")
class SourceInfo:
    source: Source = strawberry.field(description="The source.")
    status: SourceStatus = strawberry.field(
        description="The state as far as it is known without a call: a configured source is OK "
        "until another state is known."
    )
    budget: SourceBudget | None = strawberry.field(
        description="The remaining calls; null if there is no limit."
    )
    credential_expires_at: datetime | None = strawberry.field(
        description="When the operator has to sign in again (PSN: when the refresh token expires)."
    )
