"""The last line of defence: what is known to be a secret is not printed, wherever it comes from."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlsplit

from providers.registry import Source
from server.settings import Settings

REPLACEMENT = "***"
# Hiding what is shorter would hide half of every text and protect nothing.
MIN_SECRET_LENGTH = 4
CREDENTIAL_HEADERS = frozenset(
    name for source in Source for name in source.value.credential_headers
)


def collect_secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, in each spelling that it may be met in."""
    plain_secrets = [key.key for key in settings.api_keys]
    plain_secrets += [urlsplit(settings.cache_url).password or ""]
    for source, values_by_name in settings.sources.items():
        values = [values_by_name.get(name, "") for name in source.value.secrets]
        # A header of the kind `Basic` joins a secret with the name it belongs to.
        others = [
            value for name, value in values_by_name.items() if name.endswith(("_ID", "_USERNAME"))
        ]
        pairs = [f"{other}:{value}".encode() for other in others for value in values if value]
        plain_secrets += [*values, *(base64.b64encode(pair).decode() for pair in pairs)]
    return add_encoded_forms(plain_secrets)


def collect_credentials(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The credentials that a request brings along."""
    values = [headers.get(name) or "" for name in CREDENTIAL_HEADERS]
    return add_encoded_forms([*values, (headers.get("authorization") or "").rpartition(" ")[2]])


def add_encoded_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """The secrets and what they look like in an address, the longest first."""
    secret_set = {secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH}
    encoded = {spell(secret, safe="") for secret in secret_set for spell in (quote, quote_plus)}
    return tuple(sorted(secret_set | encoded, key=len, reverse=True))


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets."""
    for secret in secrets:
        text = text.replace(secret, REPLACEMENT)
    return text


def redact_deep(value: Any, secrets: Iterable[str]) -> Any:
    """The same for every text in a value."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {redact(name, secrets): redact_deep(each, secrets) for name, each in members.items()}
    if isinstance(value, list | tuple):
        return [redact_deep(each, secrets) for each in cast("list[Any]", value)]
    return value
