"""What a source says is left of a credential's budget, in the headers of its responses."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LIMIT_HEADER, REMAINING_HEADER = "x-ratelimit-limit", "x-ratelimit-remaining"
NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class ReportedBudget:
    """The calls that a source allows, and those that are left, when a response arrived.

    `seen_at` is of `time.monotonic`. `resets_in` is in seconds; None if the source does not tell.
    """

    limit: int
    remaining: int
    seen_at: float
    resets_in: float | None = None

    def count_remaining(self, call_times: Iterable[float]) -> int:
        """Return what is left after the calls that began since the response."""
        return self.remaining - sum(each > self.seen_at for each in call_times)


def parse_reported_budget(
    headers: Mapping[str, str], resets_in: float | None
) -> ReportedBudget | None:
    """Return what the headers of a response say; None without both numbers."""
    limit, remaining = (
        _parse_number(headers.get(name)) for name in (LIMIT_HEADER, REMAINING_HEADER)
    )
    if limit is None or remaining is None or limit < 1:
        return None
    return ReportedBudget(limit, max(0, remaining), time.monotonic(), resets_in)


def _parse_number(text: str | None) -> int | None:
    value = (text or "").strip()
    return int(value) if NUMBER.fullmatch(value) else None
