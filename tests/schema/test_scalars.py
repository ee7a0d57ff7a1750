"""Times are ISO 8601 in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

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


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05", "yesterday", ""])
def test_a_time_without_an_offset_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|Invalid isoformat"):
        parse_datetime(text)
