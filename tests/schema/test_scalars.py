"""Times are ISO 8601 in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from graphql import GraphQLError

from schema.scalars import parse_datetime, serialize_datetime


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 60_000, tzinfo=UTC), "2026-01-02T03:04:05.060000Z"),
        (datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T23:00:00Z"),
    ],
)
def test_a_time_is_printed_in_utc(when: datetime, text: str) -> None:
    assert serialize_datetime(when) == text
    assert parse_datetime(text) == when


@pytest.mark.parametrize(
    "text", ["2026-01-02T03:04:05", "yesterday", "", 7, None, "0001-01-01T00:00:00+09:00"]
)
def test_anything_but_a_time_with_an_offset_is_rejected(text: object) -> None:
    with pytest.raises(GraphQLError, match="offset"):
        parse_datetime(text)
