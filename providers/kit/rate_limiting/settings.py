"""What the settings of every source have in common, read and refused by name."""

from collections.abc import Mapping

from providers.kit.rate_limiting.rate_limiter import Rate


def read_rate(settings: Mapping[str, str], name: str) -> Rate:
    """Calls per seconds; empty for no limit."""
    try:
        return Rate.parse(settings[name])
    except ValueError:
        raise ValueError(f"{name} has to be calls per seconds, such as 60/60.") from None


def read_concurrency(settings: Mapping[str, str], name: str) -> int:
    """Calls in flight at once."""
    text = settings[name]
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError(f"{name} has to be a whole number from 1.")
    return int(text)
