"""The addresses that unlocks are sent to, as `TROPHYCASE_WEBHOOKS` lists them."""

import base64
import binascii
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from providers.kit.public_addresses import is_public
from server.setting_values import parse_address, split_url

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
SECRET_SIZES = range(24, 65)  # bytes, as Standard Webhooks say
MAX_WEBHOOKS = 20
# An address may contain commas; the next entry begins with a name and an address.
SEPARATOR = re.compile(r"[\s,;]+(?=[^\s,;|=/]+=https?://)")
BLANKS_AROUND_JOINT = re.compile(r"\s*([|=])\s*")
HOST_PATTERN = re.compile(r"[a-z0-9_.-]{1,253}")
NAME_PATTERN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
FORMAT = "must be name=https://address|secret or name=https://address|preset"


class Preset(Enum):
    """The form of the message that an address gets for an unlock."""

    STANDARD = "standard"
    DISCORD = "discord"
    NTFY = "ntfy"


@dataclass(frozen=True)
class Webhook:
    """An address with its name in the log; address and secret are in no representation."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    preset: Preset

    @property
    def id(self) -> str:
        """What the records of the address are stored under: another address begins anew."""
        return hashlib.sha256(f"{self.name}\n{self.url}".encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """The host of the address, in lower case."""
        return (urlsplit(self.url).hostname or "").removesuffix(".")

    @property
    def signing_key(self) -> bytes | None:
        """The key of the signature; None for an address without one."""
        is_key = self.secret.startswith(SECRET_PREFIX)
        return _decode_secret(self.secret) if is_key else None


def parse_webhooks(text: str) -> tuple[Webhook, ...]:
    """Parse `name=url|secret|preset` entries, separated by blanks, commas or semicolons.

    Raise `ValueError` for a malformed entry, and for a name that occurs twice.
    """
    entries = SEPARATOR.split(BLANKS_AROUND_JOINT.sub(r"\1", text).strip(" \t\r\n,;"))
    webhooks = tuple(_parse_webhook(entry.strip("\"'")) for entry in entries if entry)
    if len({webhook.name for webhook in webhooks}) != len(webhooks):
        raise ValueError("must not have the same name twice")
    if len(webhooks) > MAX_WEBHOOKS:
        raise ValueError(f"must have at most {MAX_WEBHOOKS} addresses")
    return webhooks


def parse_hosts(text: str) -> frozenset[str]:
    """Parse host names and IP addresses, separated by commas or blanks."""
    hosts = frozenset(re.split(r"[\s,;]+", text.strip(" \t\r\n,;").lower())) - {""}
    for host in hosts:
        if HOST_PATTERN.fullmatch(host) is None and parse_address(host) is None:
            raise ValueError("must be host names or IP addresses, separated by commas")
    return hosts


def describe_webhooks(webhooks: Collection[Webhook]) -> list[str]:
    """Return the line of the command `check` about the addresses; none without any."""
    names = ", ".join(webhook.name for webhook in webhooks)
    return [f"TROPHYCASE_WEBHOOKS: {len(webhooks)} ({names}); none is called"] if webhooks else []


def check_hosts(webhooks: Collection[Webhook], allowed_hosts: Collection[str]) -> None:
    """Raise `ValueError` for an address that only an allowed host may have, on another one."""
    for webhook in webhooks:
        if webhook.host in allowed_hosts:
            continue
        if not webhook.url.startswith("https://"):
            raise ValueError("http:// is only for the hosts of TROPHYCASE_WEBHOOK_HOSTS")
        if parse_address(webhook.host) is not None and not is_public(webhook.host):
            raise ValueError("a private address must be in TROPHYCASE_WEBHOOK_HOSTS")


def _parse_webhook(entry: str) -> Webhook:
    name, _, rest = entry.partition("=")
    url, *others = rest.split("|")
    presets = [other for other in others if other in {each.value for each in Preset}]
    secrets = [other for other in others if other and other not in presets]
    if NAME_PATTERN.fullmatch(name) is None or len(presets) > 1 or len(secrets) > 1:
        raise ValueError(FORMAT)
    _check_url(url)
    preset = Preset(presets[0]) if presets else Preset.STANDARD
    secret = secrets[0] if secrets else ""
    _check_secret(secret, preset)
    if preset is Preset.NTFY and not urlsplit(url).path.strip("/"):
        raise ValueError("an address of ntfy must end with its topic")
    return Webhook(name, url, secret, preset)


def _check_url(url: str) -> None:
    parts = split_url(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(FORMAT)
    if not url.isascii() or "@" in parts.netloc or parts.fragment:
        raise ValueError("an address must be ASCII, without a user name and a fragment")


def _check_secret(secret: str, preset: Preset) -> None:
    is_token = preset is Preset.NTFY and not secret.startswith(SECRET_PREFIX)
    if not secret and preset is not Preset.STANDARD:
        return
    if is_token:
        if not secret.isascii() or not secret.isprintable():
            raise ValueError("an access token must consist of visible ASCII characters")
    elif len(_decode_secret(secret)) not in SECRET_SIZES:
        raise ValueError("a secret must be whsec_ and the base64 of 24 to 64 random bytes")


def _decode_secret(secret: str) -> bytes:
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        return base64.b64decode(encoded, validate=True) if encoded != secret else b""
    except binascii.Error:
        return b""
