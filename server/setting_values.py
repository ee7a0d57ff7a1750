"""Parsers of setting values.

Each raises `ValueError` with a message that completes the sentence "NAME: ..." and never shows the
value, which may be a secret.
"""

import ipaddress
import logging
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from providers.kit.shared.cache_secret import parse_secret
from providers.kit.shared.file.file_url import FILE_URL, parse_file_url

MAX_SECONDS = 600
# In the smallest cache file there still is room for some of the largest entries.
MIN_MEGABYTES, MAX_MEGABYTES = 32, 1_000_000
MAX_INTERVAL_SECONDS = 86_400
MAX_PERCENT = 100
LOG_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def parse_switch(text: str) -> bool:
    """Parse `on` or `off`."""
    if text not in ("on", "off"):
        raise ValueError("must be on or off")
    return text == "on"


def parse_own_credentials(text: str) -> str:
    """Parse how callers' own credentials are accepted: `on`, `off`, or only `with-key`."""
    if text not in ("on", "off", "with-key"):
        raise ValueError("must be on, off or with-key")
    return text


def parse_log_format(text: str) -> str:
    """Parse the form of the log; an empty text leaves it to the terminal."""
    if text not in ("", "text", "json"):
        raise ValueError("must be text or json")
    return text


def parse_log_level(text: str) -> int:
    """Parse the lowest level that is logged."""
    if text not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return LOG_LEVELS[text]


def parse_seconds(text: str) -> float:
    """Parse a duration in seconds, above 0 and up to 600."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"must be a number of seconds, up to {MAX_SECONDS}")
    return seconds


def parse_optional_seconds(text: str) -> float | None:
    """Parse a duration in seconds, above 0 and up to 600; `off` is none."""
    try:
        return None if text == "off" else parse_seconds(text)
    except ValueError as error:
        raise ValueError(f"{error}, or off") from None


def parse_interval(text: str) -> float:
    """Parse a number of seconds from 1 to a day."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= MAX_INTERVAL_SECONDS:
        raise ValueError(f"must be a number of seconds, from 1 to {MAX_INTERVAL_SECONDS}")
    return seconds


def parse_percent(text: str) -> int:
    """Parse a whole number of percent, from 1 to 100."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PERCENT):
        raise ValueError("must be a whole number from 1 to 100")
    return int(text)


def parse_limit(text: str) -> int | None:
    """Parse a whole number from 1; an empty text is no limit."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError("must be a whole number from 1")
    return int(text)


def parse_cache_url(text: str) -> str:
    """Check the URL of the shared store: a file, a Redis, or `memory://` for none."""
    scheme = split_url(text).scheme
    if scheme == "sqlite" and text != FILE_URL:
        parse_file_url(text)
    elif scheme not in ("sqlite", "redis", "rediss") and text != "memory://":
        raise ValueError("must be sqlite://, sqlite:///PATH, memory:// or a redis:// URL")
    return text


def parse_megabytes(text: str) -> int:
    """Parse how many MiB the cache file may take: a whole number from 32 to a million."""
    megabytes = parse_limit(text) or 0
    if not MIN_MEGABYTES <= megabytes <= MAX_MEGABYTES:
        raise ValueError(f"must be a whole number of MiB, from {MIN_MEGABYTES} to {MAX_MEGABYTES}")
    return megabytes


def parse_cache_secret(text: str) -> str:
    """Check the base64 of the secret that encrypts what is shared; an empty text is none."""
    if text:
        parse_secret(text)
    return text


def parse_upstream_url(text: str) -> str:
    """Check an upstream's base URL: https, or http on loopback."""
    parts = split_url(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("must be an https:// URL without a query")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must be an https:// URL; http:// is only for loopback")
    return text


def parse_public_url(text: str) -> str:
    """Parse this server's own URL, without a slash at its end; an empty text is none."""
    parts = split_url(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("must be an http:// or https:// URL")
    return text.rstrip("/")


def parse_networks(text: str) -> tuple[str, ...]:
    """Parse addresses and networks, separated by commas."""
    entries = _split_list(text)
    for entry in entries:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            raise ValueError("must be IP addresses or networks, separated by commas") from None
    return entries


def parse_origins(text: str) -> tuple[str, ...]:
    """Parse web origins, separated by commas."""
    entries = tuple(entry.rstrip("/") for entry in _split_list(text))
    for entry in entries:
        parts = split_url(entry)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            message = "must be origins such as https://example.org, separated by commas"
            raise ValueError(message)
    return entries


def split_url(text: str) -> SplitResult:
    """Split a URL, and check its characters, host and port."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # is parsed only when it is read
    except ValueError:  # its message shows the URL
        raise ValueError("must have a valid host and port") from None
    # urlsplit removes some of these characters, and httpx rejects them.
    if not text.isprintable() or " " in text:
        raise ValueError("must not contain blanks or control characters")
    return parts


@lru_cache(128)
def is_loopback(host: str) -> bool:
    """Return whether a host is `localhost` or a loopback address, which no other machine can be."""
    if host == "localhost":
        return True
    address = parse_address(host)
    return address is not None and address.is_loopback


@lru_cache(1024)
def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an IP address; None for a text that is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())
