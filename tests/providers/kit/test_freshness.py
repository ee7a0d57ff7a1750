"""How long a response is fresh, by the value that expires first."""

import math

from providers.kit.freshness import DAY, Freshness


def test_the_value_that_expires_first_counts() -> None:
    freshness = Freshness()
    freshness.note(fetched_at=1_000, expires_at=2_000)
    freshness.note(fetched_at=1_100, expires_at=1_400)
    freshness.note(fetched_at=900, expires_at=5_000)

    assert freshness.get_seconds(now=1_150) == (300, 50)


def test_a_stale_value_is_older_than_it_may_be() -> None:
    freshness = Freshness()
    freshness.note(fetched_at=1_000, expires_at=1_060)

    assert freshness.get_seconds(now=1_100) == (60, 100)


def test_what_never_expires_is_fresh_for_a_day() -> None:
    freshness = Freshness()
    freshness.note(fetched_at=1_000, expires_at=math.inf)

    assert freshness.has_values
    assert freshness.get_seconds(now=1_100) == (DAY + 100, 100)


def test_a_clock_that_was_set_back_makes_no_negative_age() -> None:
    freshness = Freshness()
    freshness.note(fetched_at=1_000, expires_at=1_060)

    assert freshness.get_seconds(now=990) == (60, 0)
