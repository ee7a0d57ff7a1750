"""The last line of defence: what is known to be a secret is not printed, wherever it comes from."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlsplit

from providers.registry import Source
from server.settings import Settings

STARS = "***"
# Hiding what is shorter would hide half of every text and protect nothing.
SHORTEST = 4
HEADERS = frozenset(name for source in Source for name in source.value.credential_headers)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, in each spelling that it may be met in."""
    found = [key.key for key in settings.api_keys]
    found += [urlsplit(settings.cache_url).password or ""]
    for source, given in settings.sources.items():
        values = [given.get(name, "") for name in source.value.secrets]
        # A header of the kind `Basic` joins a secret with the name it belongs to.
        others = [value for name, value in given.items() if name.endswith(("_ID", "_USERNAME"))]
        pairs = [f"{other}:{value}".encode() for other in others for value in values if value]
        found += [*values, *(base64.b64encode(pair).decode() for pair in pairs)]
    return spellings(found)


def credentials_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The credentials that a request brings along."""
    given = [headers.get(name) or "" for name in HEADERS]
    return spellings([*given, (headers.get("authorization") or "").rpartition(" ")[2]])


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets and what they look like in an address, the longest first."""
    known = {secret for secret in secrets if len(secret) >= SHORTEST}
    written = {spell(secret, safe="") for secret in known for spell in (quote, quote_plus)}
    return tuple(sorted(known | written, key=len, reverse=True))


def hidden(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets."""
    for secret in secrets:
        text = text.replace(secret, STARS)
    return text


def all_hidden(value: Any, secrets: Iterable[str]) -> Any:
    """The same for every text in a value."""
    if isinstance(value, str):
        return hidden(value, secrets)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {hidden(name, secrets): all_hidden(each, secrets) for name, each in members.items()}
    if isinstance(value, list | tuple):
        return [all_hidden(each, secrets) for each in cast("list[Any]", value)]
    return value
