"""Reads the rate and concurrency settings that every source has."""

from collections.abc import Mapping

from providers.kit.rate_limiting.rate_limiter import Rate


def read_rate(settings: Mapping[str, str], name: str) -> Rate:
    """Return the rate of a `*_RATE` setting; an empty one is no limit."""
    try:
        return Rate.parse(settings[name])
    except ValueError:
        raise ValueError(f"{name} must be calls per seconds, such as 60/60.") from None


def read_concurrency(settings: Mapping[str, str], name: str) -> int:
    """Return the number of concurrent calls of a `*_CONCURRENCY` setting."""
    text = settings[name]
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError(f"{name} must be a whole number from 1.")
    return int(text)
