"""Allowed values of the `Host` header on a server without API keys, against DNS rebinding.

A web page may let a name of its own resolve to this machine. Its requests then have the same
origin as the page, which could read everything; but they carry that name in `Host`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import Scope

from server.middleware.request_checks import EXEMPT_PATHS, Rejection
from server.setting_values import is_loopback
from server.settings import Settings

HOST_HEADER = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/?#]+?)\.?)(?::\d*)?")
HOST_NOT_ALLOWED = Rejection(
    403,
    "Host is not allowed. Without API keys it must be localhost, a loopback address,"
    " or the host of TROPHYCASE_PUBLIC_URL.",
    "FORBIDDEN",
    setting="TROPHYCASE_PUBLIC_URL",
)


@dataclass(frozen=True)
class AllowedHosts:
    """The host names under which this server may be called; with API keys, any."""

    is_enforced: bool
    public_host: str

    @classmethod
    def from_settings(cls, settings: Settings) -> "AllowedHosts":
        """Allow loopback and the host of the public URL.

        Any host is allowed with API keys, and for a sandbox that other machines reach.
        """
        public_host = urlsplit(settings.public_url).hostname or ""
        return cls(not (settings.api_keys or settings.is_open), public_host.removesuffix("."))

    def check_host(self, scope: Scope) -> Rejection | None:
        """Return the rejection of a request under another name; None for an allowed one."""
        if not self.is_enforced or scope["path"] in EXEMPT_PATHS:
            return None
        header = next((value for name, value in scope["headers"] if name == b"host"), b"")
        host = _parse_host(header)
        is_allowed = host and (is_loopback(host) or host == self.public_host)
        return None if is_allowed else HOST_NOT_ALLOWED


@lru_cache(128)
def _parse_host(header: bytes) -> str | None:
    match = HOST_HEADER.fullmatch(header.decode("latin-1").strip(" \t").lower())
    return match and (match[1] or match[2])


ANY_HOST = AllowedHosts(is_enforced=False, public_host="")
