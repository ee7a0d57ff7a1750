"""Scalars, each with one output format."""

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

UTC_OFFSET_LENGTH = len("+00:00")

URL = NewType("URL", str)


def serialize_datetime(when: datetime) -> str:
    """Format a time as ISO 8601 in UTC with `Z`; fractions of a second only if there are any."""
    in_utc = when if when.tzinfo is UTC else when.astimezone(UTC)
    return in_utc.isoformat()[:-UTC_OFFSET_LENGTH] + "Z"


def parse_datetime(text: Any) -> datetime:
    """Parse an ISO 8601 time with any offset; raise `GraphQLError` for anything else."""
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None:
            return when.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    message = "A time must be ISO 8601 with an offset, such as 2026-01-31T12:00:00Z."
    raise GraphQLError(message)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An ISO 8601 time in UTC, ending in `Z`.",
        serialize=serialize_datetime,
        parse_value=parse_datetime,
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
    ),
    date: strawberry.scalar(
        name="Date",
        description="An ISO 8601 day, such as 2026-05-04.",
        serialize=date.isoformat,
        parse_value=date.fromisoformat,
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute URL; https, except for this server's own.",
        serialize=str,
        parse_value=str,
        specified_by_url="https://url.spec.whatwg.org/",
    ),
}
