"""The line about a source says what is known of it, and cannot control a terminal."""

from datetime import UTC, datetime

import pytest

from providers.kit.rate_limiting.rate_limiter import Budget
from providers.registry import Source
from server.source_check import FINE, NOT_CONFIGURED, SourceCheck


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (SourceCheck(Source.PSN, FINE), "PSN: fine"),
        (SourceCheck(Source.XBOX, FINE, account="Zoë"), "XBOX: fine, as Zoë"),
        (
            SourceCheck(
                Source.PSN,
                FINE,
                account="name",
                budget=Budget(300, 299, None),
                expires_at=datetime(2027, 1, 2, 3, tzinfo=UTC),
            ),
            "PSN: fine, as name; 299 of 300 calls left; signed in until 2027-01-02 at most",
        ),
        (
            SourceCheck(Source.STEAM, NOT_CONFIGURED, missing=("STEAM_API_KEY", "STEAM_ID")),
            "STEAM: not configured; set STEAM_API_KEY, STEAM_ID",
        ),
        (
            SourceCheck(Source.PSN, "UPSTREAM_UNAVAILABLE", problem="The source is failing."),
            "PSN: UPSTREAM_UNAVAILABLE. The source is failing.",
        ),
        (
            SourceCheck(Source.PSN, "UPSTREAM_UNAUTHENTICATED", problem="Why."),
            "PSN: the operator must sign in again. Why.",
        ),
    ],
)
def test_a_line_says_what_is_known(check: SourceCheck, line: str) -> None:
    assert check.to_line() == line


@pytest.mark.parametrize("account", ["\x1b[2J", "two\nlines", "\u202ename"])
def test_a_name_cannot_control_the_terminal(account: str) -> None:
    assert SourceCheck(Source.XBOX, FINE, account=account).to_line().isprintable()
