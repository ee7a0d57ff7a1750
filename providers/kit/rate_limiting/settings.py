"""Parses the rate and concurrency settings that every source has."""

from providers.kit.rate_limiting.rate_limiter import Rate


def parse_rate(text: str) -> Rate:
    """Return the rate of a `*_RATE` setting; an empty one is no limit. Raise `ValueError`."""
    try:
        return Rate.parse(text)
    except ValueError:
        raise ValueError("must be calls per seconds, such as 300/900") from None


def parse_concurrency(text: str) -> int:
    """Return the number of concurrent calls of a `*_CONCURRENCY` setting. Raise `ValueError`."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError("must be a whole number from 1")
    return int(text)
