"""Scalars with one spelling each."""

from datetime import UTC, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)


def serialize_datetime(when: datetime) -> str:
    """ISO 8601 in UTC with `Z`; fractions only where there are any."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_datetime(text: Any) -> datetime:
    """Any ISO 8601 time with an offset."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("A time needs its offset, such as Z.")
    return when.astimezone(UTC)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A time as ISO 8601 in UTC, ending in `Z`.",
        serialize=serialize_datetime,
        parse_value=parse_datetime,
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute address, https but for this server's own.",
        serialize=str,
        parse_value=str,
        specified_by_url="https://url.spec.whatwg.org/",
    ),
}
