"""Under which names a server without keys is asked.

On loopback nobody needs a key, and a browser asks for any page: one that has its own name lead to
this machine would be of the same origin, and read everything. The name is in `Host` all the same.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from server.middleware.request_checks import Rejection
from server.settings import Settings, is_loopback

EXEMPT_PATHS = frozenset({"/livez", "/readyz"})
HOST_HEADER = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/?#]+?)\.?)(?::\d*)?")
HOST_NOT_ALLOWED = Rejection(
    403,
    "Without API keys this server is asked as localhost, or under the host of"
    " TROPHYCASE_PUBLIC_URL when that is set.",
    "FORBIDDEN",
)


@dataclass(frozen=True)
class AllowedHosts:
    """The names of this server; with keys, any."""

    is_enforced: bool
    public_host: str

    @classmethod
    def from_settings(cls, settings: Settings) -> "AllowedHosts":
        """Those of a server with these settings."""
        public = urlsplit(settings.public_url).hostname or ""
        return cls(not settings.api_keys, public.removesuffix("."))

    def check_host(self, scope: Scope) -> Rejection | None:
        """Why a request is not for this server; None for one that is."""
        if not self.is_enforced or scope["path"] in EXEMPT_PATHS:
            return None
        header = next((value for name, value in scope["headers"] if name == b"host"), b"")
        match = HOST_HEADER.fullmatch(header.decode("latin-1").strip(" \t").lower())
        name = match and (match[1] or match[2])
        return (
            None if name and (is_loopback(name) or name == self.public_host) else HOST_NOT_ALLOWED
        )


ANY_HOST = AllowedHosts(is_enforced=False, public_host="")
