"""Redaction of known secrets in the log: the last line of defence, whatever they came from."""

import base64
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlsplit

from providers.kit.text import unwrap_pasted
from providers.registry import CREDENTIAL_HEADERS
from server.settings import Settings
from server.telemetry_settings import list_telemetry_secrets

REPLACEMENT = "***"
# Replacing anything shorter would garble every text and protect nothing.
MIN_SECRET_LENGTH = 4
# Of a secret that is pasted with what surrounds it, such as an NPSSO's JSON, this part is used.
PASTED_WORD = re.compile(r"[\w.~+/=-]{16,}", re.ASCII)
CREDENTIAL_NAMES = frozenset({"authorization", *CREDENTIAL_HEADERS})
# What `repr` shows of a text as it is: printable ASCII without quotes and backslashes.
SHOWN_AS_IT_IS = re.compile(r"[ !#-&(-\[\]-~]*")


def collect_secrets(settings: Settings) -> tuple[str, ...]:
    """Return every secret of the settings, in each form in which it may occur."""
    plain_secrets = [key.key for key in settings.api_keys]
    plain_secrets += [urlsplit(settings.cache_url).password or "", settings.cache_secret]
    plain_secrets += [text for each in settings.webhooks for text in (each.url, each.secret)]
    plain_secrets += list_telemetry_secrets(settings.telemetry)
    for source, values_by_name in settings.sources.items():
        values = [values_by_name.get(name, "") for name in source.value.secrets]
        # HTTP Basic authentication encodes a secret together with its user name.
        others = [
            value for name, value in values_by_name.items() if name.endswith(("_ID", "_USERNAME"))
        ]
        pairs = [f"{other}:{value}".encode() for other in others for value in values if value]
        plain_secrets += [*values, *(base64.b64encode(pair).decode() for pair in pairs)]
    return add_encoded_forms(plain_secrets)


def collect_credentials(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return the credentials in a request's headers, in each form in which they may occur."""
    if CREDENTIAL_NAMES.isdisjoint(headers):
        return ()
    values = [headers.get(name) or "" for name in CREDENTIAL_HEADERS]
    return add_encoded_forms([*values, (headers.get("authorization") or "").rpartition(" ")[2]])


def add_encoded_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets, what is used of a pasted one, and their URL-encoded forms.

    The longest come first.
    Secrets of fewer than `MIN_SECRET_LENGTH` characters are left out.
    """
    forms = {
        form
        for secret in secrets
        for form in (secret, unwrap_pasted(secret), *PASTED_WORD.findall(secret))
    }
    long_secrets = {form for form in forms if len(form) >= MIN_SECRET_LENGTH}
    encoded = {encode(secret, safe="") for secret in long_secrets for encode in (quote, quote_plus)}
    return tuple(sorted(long_secrets | encoded, key=len, reverse=True))


def redact(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each secret replaced by `***`."""
    for secret in secrets:
        text = text.replace(secret, REPLACEMENT)
    return text


class SecretSearch:
    """A quick search for secrets in a JSON-like value, before it is copied without them."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = secrets
        self._are_shown = all(map(SHOWN_AS_IT_IS.fullmatch, secrets))

    def may_find_any(self, value: Any) -> bool:
        """Return False if none of the secrets can be in any text of the value."""
        text = value if isinstance(value, str) else repr(value)
        return not self._are_shown or any(map(text.__contains__, self._secrets))


def redact_deep(value: Any, secrets: Iterable[str]) -> Any:
    """Return a copy of a JSON-like value with the secrets in all of its texts replaced."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {redact(name, secrets): redact_deep(each, secrets) for name, each in members.items()}
    if isinstance(value, list | tuple):
        return [redact_deep(each, secrets) for each in cast("list[Any]", value)]
    return value
